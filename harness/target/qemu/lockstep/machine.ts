// SPDX-License-Identifier: MIT
/**
 * Interpreter and QEMU as one {@link Machine}: what is done to it is done to both, and what both then execute is compared:
 * every register before every instruction, the stop, and after it all registers and all memory that can be written, bytes
 * that nobody wrote included. Whoever reads is given what the interpreter has.
 */
import type { QemuException } from '../../../backend/contract.js';
import type { Interpreter } from '../../../machine/interpreter.js';
import { Group, Single } from '../../../machine/register-group.js';
import type { Machine, Register, RegisterGroup, Stop, TraceStep, Width } from '../../../machine/types.js';
import type { Kernel } from '../../kernel.js';
import { interpret } from '../../kernel.js';
import type { QemuMachine } from '../machine.js';
import { blame, compareSteps, type Rules, type Step } from './compare.js';
import { Figures } from './figures.js';
import type { LogFile } from './log-file.js';
import type { LogFormat, LogRecord } from './log-format.js';
import { hex, LockstepError, type Mismatch } from './mismatch.js';
import type { Noting } from './noting.js';
import { UserRegisters } from './user-registers.js';

/** Bytes of log after which a new process begins a new one. */
const LOG_ROTATION = 1 << 28;

/** QEMU, and where it tells what it does. */
export interface Guest {
  /** Machine code of the kernel. */
  readonly text: Uint8Array;
  readonly machine: QemuMachine;
  readonly log: LogFile;
  readonly format: LogFormat;
}

const shown = ({ kind, pc, why }: Stop) => `${kind} at ${hex(pc)}${why === '' ? '' : ` (${why})`}`;

export class LockstepMachine implements Machine {
  readonly model: Interpreter;
  figures = new Figures();
  pc = 0n;
  /** Registers as the harness sees them. */
  readonly #x: BigUint64Array;
  readonly #user: UserRegisters;
  readonly #indices = new Map<string, number>();
  readonly #rules: Rules;
  readonly #steps: Step[] = [];
  /** QEMU was left behind, until the next reset. */
  #alone = false;

  /** @param kernel of the back-end that `noting` made */
  constructor(
    readonly kernel: Kernel,
    readonly noting: Noting,
    readonly guest: Guest,
  ) {
    const { registers, qemu } = kernel.backend;
    this.model = interpret(kernel);
    this.model.encode(kernel.program.base, guest.text);
    this.model.seal();
    this.#x = new BigUint64Array(registers.names.length);
    this.#user = new UserRegisters(registers, qemu);
    for (const [index, name] of registers.names.entries()) this.#indices.set(name, index);
    for (const [alias, name] of Object.entries(registers.aliases))
      this.#indices.set(alias, this.#index(name));
    const nameOf = (address: bigint) => {
      const symbol = kernel.program.symbolOf(address);
      return symbol === undefined ? hex(address) : `${symbol.name}+0x${symbol.offset.toString(16)}`;
    };
    this.#rules = { registers, nameOf, masks: this.#user.masks, twice: qemu.log.twice };
    this.reset();
  }

  read(register: string): bigint {
    return this.#x[this.#index(register)] as bigint;
  }

  write(register: string, value: bigint): void {
    this.#x[this.#index(register)] = value;
  }

  register(name: string): Register {
    return new Single(this.#index(name), this.#x);
  }

  group(registers: readonly string[]): RegisterGroup {
    const places = registers.map((register) => this.#index(register));
    return new Group(registers, places, this.#x);
  }

  save(): BigUint64Array {
    return this.#x.slice();
  }

  restore(registers: BigUint64Array): void {
    this.#x.set(registers);
  }

  load(address: bigint, length: number): Uint8Array {
    return this.model.load(address, length);
  }

  store(address: bigint, bytes: Uint8Array): void {
    this.model.store(address, bytes);
    this.#both(() => this.guest.machine.store(address, bytes));
  }

  loadWord(address: bigint, width: Width): bigint {
    return this.model.loadWord(address, width);
  }

  storeWord(address: bigint, width: Width, value: bigint): void {
    this.model.storeWord(address, width, value);
    this.#both(() => this.guest.machine.storeWord(address, width, value));
  }

  setCallout(address: bigint, entry = false): void {
    this.model.setCallout(address, entry);
    this.guest.machine.setCallout(address, entry);
  }

  poison(from: bigint, to: bigint): void {
    this.model.poison(from, to);
    this.#both(() => this.guest.machine.poison(from, to));
  }

  /** @throws LockstepError where the two make copies of different sizes */
  copyText(from: bigint, to: bigint, at: bigint, redirect: ReadonlyMap<string, bigint>): number {
    const size = this.model.copyText(from, to, at, redirect);
    this.#both(() => {
      this.guest.machine.copyText(from, to, at, redirect);
      this.model.encode(at, this.guest.machine.load(at, size));
    });
    return size;
  }

  reset(): void {
    const { machine, log } = this.guest;
    this.model.reset();
    if (log.size > LOG_ROTATION) machine.emulation.close();
    if (!machine.emulation.alive) log.begin();
    machine.reset();
    this.#x.set(this.model.save());
    this.pc = 0n;
    this.#alone = false;
  }

  /** Not here: what is executed is compared, not shown. */
  trace(): void {}

  /** @throws LockstepError, LogError, RspError */
  run(limit = Number.POSITIVE_INFINITY): Stop {
    const { model } = this;
    const start = this.#user.normal(this.#x);
    model.restore(start);
    model.pc = this.pc;
    const stop = this.#interpreted(limit);
    const after = model.save();
    this.#judge(start.slice(), stop, after, limit);
    // What the harness wrote and nobody changed is what it finds.
    for (let index = 0; index < after.length; index++)
      if (after[index] !== start[index]) this.#x[index] = after[index] as bigint;
    this.pc = model.pc;
    return stop;
  }

  /** What the interpreter alone would make of it from here; nothing of it stays. */
  rehearse(): { readonly stop: Stop; readonly at: string } {
    const { model } = this;
    const writable = this.kernel.regions.filter(({ kind }) => kind !== 'text');
    const before = writable.map(({ start, size }) => model.load(start, size));
    model.restore(this.#user.normal(this.#x));
    model.pc = this.pc;
    const stop = model.run();
    const at = model.instructionAt(stop.pc)?.text ?? '';
    for (const [index, { start }] of writable.entries()) model.store(start, before[index] as Uint8Array);
    return { stop, at };
  }

  #interpreted(limit: number): Stop {
    this.#steps.length = 0;
    this.model.trace((step) => void this.#steps.push(this.#noted(step)));
    try {
      return this.model.run(limit);
    } finally {
      this.model.trace(null);
    }
  }

  #noted({ pc, text, where, registers, stores }: TraceStep): Step {
    const row = this.noting.last();
    const { manual = '', mnemonic = '' } = this.noting.rows[row] ?? {};
    return {
      ...{ pc, text, where, manual, mnemonic, row },
      length: this.#lengthAt(pc),
      changes: registers.map(([name, value]) => [this.#index(name), value] as const),
      stores: stores.map(([address, width]) => [address, width] as const),
    };
  }

  #lengthAt(pc: bigint): number {
    return this.model.instructionAt(pc)?.length ?? 0;
  }

  #judge(start: BigUint64Array, stop: Stop, after: BigUint64Array, limit: number): void {
    const { figures } = this;
    const { machine, log, format } = this.guest;
    if (this.#alone) return;
    if (stop.kind === 'budget') {
      figures.endless++;
      this.#alone = true;
      return;
    }
    const end = this.#endOfComparison(stop);
    machine.restore(start);
    machine.pc = this.pc;
    machine.stoodIn.clear();
    const told =
      limit === Number.POSITIVE_INFINITY && end === null
        ? machine.run()
        : this.#stepped(stop.kind === 'limit' || end !== null ? 0 : 1);
    const mismatch = machine.emulation.alive
      ? (this.#compared(start, format.records(log.next())) ??
        (end?.isOpen === true ? this.#registersMismatch(start) : this.#afterwards(stop, told, after)))
      : this.#parted('stop', shown(stop), shown(told), after);
    if (mismatch !== null || end !== null) this.#alone = true;
    if (mismatch !== null) throw new LockstepError(mismatch);
    this.#count(end === null ? stop.pc : null);
  }

  /**
   * Cuts the steps before the one at which the two rightly part. Gives `null` where they do not. `isOpen`: the interpreter has gone
   * on from there, and is to be compared as it was then.
   */
  #endOfComparison(stop: Stop): { readonly isOpen: boolean } | null {
    const { figures } = this;
    for (const exception of this.kernel.backend.qemu.exceptions) {
      const last = this.#exceptedAt(exception, stop);
      if (last < 0) continue;
      figures.excepted.set(exception, (figures.excepted.get(exception) ?? 0) + 1);
      this.#steps.length = last;
      return { isOpen: true };
    }
    if (stop.kind !== 'illegal') return null;
    figures.unknown++;
    return { isOpen: false };
  }

  /** Place of the step from which on nothing is compared, or -1. */
  #exceptedAt(exception: QemuException, { kind, why }: Stop): number {
    const steps = this.#steps;
    if ('fault' in exception)
      return kind === 'fault' && why.includes(exception.fault) ? steps.length - 1 : -1;
    const { mnemonics, register, within, others } = exception;
    const place = this.#index(register);
    return steps.findIndex(
      ({ mnemonic, changes }) =>
        mnemonics.includes(mnemonic) &&
        changes.some(([to, value]) => to === place && (value & ~within) !== others),
    );
  }

  #compared(start: BigUint64Array, records: Iterator<LogRecord>): Mismatch | null {
    const { mismatch, untold } = compareSteps(this.#rules, start, this.#steps, records);
    this.figures.untold += untold;
    return mismatch;
  }

  /** @param at place of the step that is blamed */
  #parted(what: string, model: string, qemu: string, values: BigUint64Array, at?: number): Mismatch {
    return blame(this.#rules, this.#steps, at ?? this.#steps.length - 1, values, { what, model, qemu });
  }

  /**
   * As many instructions as the interpreter has made; those that are several of the machine's whole.
   * @param more if there are none
   */
  #stepped(more: number): Stop {
    const { machine } = this.guest;
    for (const [index, step] of this.#steps.entries()) {
      let told = machine.run(1);
      for (let left = step.length; left > 0 && told.kind === 'limit' && this.#isInside(step); left--)
        told = machine.run(1);
      if (index === this.#steps.length - 1 || told.kind !== 'limit') return told;
    }
    return machine.run(more);
  }

  #isInside({ pc, length }: Step): boolean {
    const offset = this.guest.machine.pc - pc;
    return offset > 0n && offset < BigInt(length);
  }

  /** What is to be seen when both have stopped. */
  #afterwards(stop: Stop, told: Stop, after: BigUint64Array): Mismatch | null {
    // A run of so many instructions tells of a callout at the next one only when it is to go on.
    // What the interpreter does not know QEMU was not let execute.
    const isBefore = told.kind === 'limit' && stop.kind === 'illegal';
    const kind = isBefore || (told.kind === 'callout' && stop.kind === 'limit') ? stop.kind : told.kind;
    const { tagBits } = this.kernel.backend.qemu;
    if (kind !== stop.kind || (told.pc & ~tagBits) !== (stop.pc & ~tagBits))
      return this.#parted('stop', shown(stop), shown(told), after);
    return this.#registersMismatch(after) ?? this.#memoryMismatch(after);
  }

  #registersMismatch(after: BigUint64Array): Mismatch | null {
    const { registers } = this.kernel.backend;
    const theirs = this.guest.machine.save();
    for (const [place, mask] of this.#user.masks.entries()) {
      const [ours, others] = [(after[place] as bigint) & mask, (theirs[place] as bigint) & mask];
      if (ours !== others)
        return this.#parted(`register ${registers.names[place]}`, hex(ours), hex(others), after);
    }
    return null;
  }

  #memoryMismatch(after: BigUint64Array): Mismatch | null {
    for (const { kind, start, size } of this.kernel.regions) {
      if (kind === 'text') continue;
      const [ours, theirs] = [this.model.load(start, size), this.guest.machine.load(start, size)];
      if (Buffer.compare(ours, theirs) === 0) continue;
      const first = ours.findIndex((byte, offset) => byte !== theirs[offset]);
      const from = first & ~7;
      const address = start + BigInt(first);
      const at = this.#steps.findLastIndex(({ stores }) =>
        stores.some(([to, width]) => address >= to && address < to + BigInt(width)),
      );
      const bytes = (all: Uint8Array) => Buffer.from(all.subarray(from, from + 8)).toString('hex');
      const what = `memory ${hex(start + BigInt(from))}`;
      return this.#parted(what, bytes(ours), bytes(theirs), after, at < 0 ? undefined : at);
    }
    return null;
  }

  /** @param beyond where it stopped, if that is known of both */
  #count(beyond: bigint | null): void {
    const { figures } = this;
    const { stoodIn } = this.guest.machine;
    const steps = this.#steps;
    figures.runs++;
    for (const [index, { pc, row, mnemonic, length }] of steps.entries()) {
      if (stoodIn.has(pc)) {
        figures.emulated.set(mnemonic, (figures.emulated.get(mnemonic) ?? 0) + 1);
        figures.emulatedRows.add(row);
        figures.emulatedAddresses.add(pc);
        continue;
      }
      figures.compared++;
      figures.addresses.add(pc);
      figures.rows.add(row);
      const next = steps[index + 1]?.pc ?? beyond;
      // One that faults stays where it is.
      if (next !== null && next !== pc)
        (next === pc + BigInt(length) ? figures.passed : figures.jumped).add(row);
    }
  }

  #both(act: () => void): void {
    if (!this.#alone) act();
  }

  #index(register: string): number {
    const index = this.#indices.get(register);
    if (index === undefined) throw new RangeError(`no register ${register}`);
    return index;
  }
}
