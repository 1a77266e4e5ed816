// SPDX-License-Identifier: MIT
/**
 * The trace behind `explain`: instructions with the registers and fields they changed, and what the C side did
 * in between. Where a store went is named once the callback has been given its ftrace_regs: by field, else
 * relative to S of the running call.
 */
import { stackAround } from '../backend/stacks.js';
import { isPoison } from '../machine/poison.js';
import type { TraceStep } from '../machine/types.js';
import type { Detail, Explainer, Host } from './session/host.js';
import type { OpenObservation } from './session/recorder.js';
import type { TraceEvent } from './target.js';

type Store = { place: string; readonly address: bigint; readonly value: string };

type Recorded =
  | Exclude<TraceEvent, { kind: 'instruction' } | { kind: 'observation' }>
  | { readonly kind: 'observation'; readonly made: OpenObservation }
  | (Omit<Extract<TraceEvent, { kind: 'instruction' }>, 'stores'> & { readonly stores: readonly Store[] });

export class Tracing implements Explainer {
  readonly #recorded: Recorded[] = [];
  /** Stores since the last ftrace_regs was seen. */
  #unnamed: Store[] = [];
  readonly #calls: bigint[] = [];
  /** While the session that is explained goes on. */
  #listens = false;
  #nameOf: (address: bigint) => string = hex;

  constructor(readonly host: Host) {}

  begin(nameOf: (address: bigint) => string): void {
    this.#nameOf = nameOf;
    this.#listens = true;
  }

  end(): void {
    this.#listens = false;
  }

  instruction(step: TraceStep): void {
    if (!this.#listens) return;
    const stores = step.stores.map(([address, , value]) => ({
      place: this.#relative(address),
      address,
      value: word(value),
    }));
    this.#unnamed.push(...stores);
    this.#recorded.push({
      kind: 'instruction',
      at: this.#nameOf(step.pc),
      where: step.where,
      text: step.text,
      registers: step.registers.map(([name, value]) => [name, word(value)] as const),
      stores,
    });
  }

  event(name: string, detail: Detail): void {
    this.#recorded.push({ kind: 'event', name, detail: typeof detail === 'string' ? detail : detail() });
  }

  /** What was stored for another call is no part of the ftrace_regs of this one, though it may lie where they do. */
  enterCall(sp: bigint): void {
    this.#calls.push(sp);
    this.#unnamed = [];
  }

  leaveCall(sp: bigint): void {
    this.#calls.splice(this.#calls.lastIndexOf(sp), 1);
    this.#unnamed = [];
  }

  observed(made: OpenObservation): void {
    this.#recorded.push({ kind: 'observation', made });
  }

  mark(): number {
    return this.#recorded.length;
  }

  forget(mark: number): void {
    this.#recorded.length = mark;
  }

  sawFtraceRegs(address: bigint): void {
    const { fields, size } = this.host.backend.layouts.ftraceRegs(this.host.config);
    for (const store of this.#unnamed) {
      const offset = Number(BigInt.asIntN(64, store.address - address));
      if (offset < 0 || offset >= size) continue;
      const field = fields.find((candidate) => candidate.offset === offset);
      store.place = `fregs->${field?.name ?? `+${offset}`}`;
    }
    this.#unnamed = [];
  }

  /** The trace with every observation as it stands at the end of its handler, and its place in the outcome. */
  finish(outcome: readonly OpenObservation[]): TraceEvent[] {
    return this.#recorded.map((recorded): TraceEvent => {
      if (recorded.kind === 'event') return recorded;
      if (recorded.kind === 'observation') {
        return { kind: 'observation', text: textOf(recorded.made), place: outcome.indexOf(recorded.made) };
      }
      return { ...recorded, stores: recorded.stores.map(({ place, value }) => [place, value] as const) };
    });
  }

  #relative(address: bigint): string {
    const { low, high } = stackAround(this.host.backend.abi.memory, address);
    const sp = this.#calls.findLast((one) => one >= low && one < high);
    if (sp === undefined) return hex(address);
    const offset = address - sp;
    return offset < 0n ? `S-${hex(-offset)}` : `S+${hex(offset)}`;
  }
}

function textOf({ kind, fields }: OpenObservation): string {
  const parts = Object.entries(fields).map(([name, value]) =>
    typeof value === 'string' ? `${name}=${value}` : `${name}=[${value.join(', ')}]`,
  );
  return [kind, ...parts].join(' ');
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}

function word(value: bigint): string {
  return isPoison(value) ? 'poison' : hex(value);
}
