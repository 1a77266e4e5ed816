// SPDX-License-Identifier: MIT
/** A trampoline being tried in a rig, and the statements the smoke suite makes about it. */
import type { Backend, FieldState, Fregs } from '../contract.js';
import { unwritten } from '../fields.js';
import { hex, type Report } from './finding.js';
import type { Rig } from './rig.js';

/** One trampoline being tried. */
export interface Trial {
  readonly backend: Backend;
  readonly rig: Rig;
  readonly report: Report;
}

export function arrives({ rig, report }: Trial, symbol: string, due: string): boolean {
  const got = rig.run();
  if (got === due) return true;
  report(symbol, `goes to ${got}, not to ${due}`);
  return false;
}

export function aligned({ rig, report, backend }: Trial, symbol: string, callee: string): void {
  const { abi } = backend;
  const { modulus, remainder } = abi.stackAlignment;
  const sp = rig.read(abi.stackPointer);
  if (Number(sp % BigInt(modulus)) !== remainder) {
    const due = remainder === 0 ? `a multiple of ${modulus}` : `${remainder} modulo ${modulus}`;
    report(symbol, `${abi.stackPointer} is ${hex(sp)} at the first instruction of ${callee}, not ${due}`);
  }
}

export function onStack({ rig, backend }: Trial, address: bigint, size: number): boolean {
  const sp = rig.read(backend.abi.stackPointer);
  return address % 8n === 0n && address >= sp && address + BigInt(size) <= rig.returned;
}

export function stackIs({ rig, report, backend }: Trial, symbol: string, due: bigint, when: string): void {
  const { stackPointer } = backend.abi;
  const off = rig.read(stackPointer) - due;
  if (off !== 0n) report(symbol, `${stackPointer} is off by ${off} bytes ${when}`);
}

export function same(
  { rig, report }: Trial,
  symbol: string,
  before: ReadonlyMap<string, bigint>,
  names: readonly string[],
) {
  for (const name of names) {
    const due = before.get(name) as bigint;
    const got = rig.read(name);
    if (got !== due) report(symbol, `${name} is ${hex(got)} afterwards, it was ${hex(due)}`);
  }
}

/** The body is reached with the arguments, the preserved registers and SP of the call. */
export function resumes(trial: Trial, symbol: string, before: ReadonlyMap<string, bigint>): void {
  const { abi } = trial.backend;
  if (!arrives(trial, symbol, 'body')) return;
  stackIs(trial, symbol, trial.rig.s, 'in the body');
  same(trial, symbol, before, [...abi.argumentRegisters, ...abi.calleeSaved, ...abi.reserved]);
}

/** A field declared stale was not written since the stack was poisoned; any other was. */
export function filled(
  { backend, report }: Trial,
  symbol: string,
  fregs: Fregs,
  field: { readonly name: string; readonly offset: number; readonly size: 1 | 2 | 4 | 8 },
  state: FieldState,
): void {
  const at = fregs.address + BigInt(field.offset);
  const poison = unwritten(at, field.size, backend.abi.byteOrder);
  const stale = fregs.machine.loadWord(at, field.size) === poison;
  if (stale !== (state === 'stale')) {
    const seen = stale ? `${symbol} never writes it` : `${symbol} writes it`;
    report(`layouts.ftraceRegs.${field.name}`, `is declared ${state}, but ${seen}`);
  }
}
