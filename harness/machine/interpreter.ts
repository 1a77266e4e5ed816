// SPDX-License-Identifier: MIT
/**
 * The interpreter: a {@link Machine} that runs a program's compiled instructions one at a time. The inner
 * loop only fetches slots and calls them; everything unusual is a special slot or an exception.
 */
import type { Code, Image, Program } from './asm/program.js';
import type { Cpu, InstructionSet, RegisterTable } from './instruction-set.js';
import { Memory, type RegionSpec } from './memory.js';
import { registerPoison } from './poison.js';
import { Group, Single } from './register-group.js';
import { Control, JumpFault, type Slot, TextSlots } from './slots.js';
import { Tracer } from './tracer.js';
import {
  type ByteOrder,
  type Machine,
  MachineFault,
  type Register,
  type RegisterGroup,
  type Stop,
  type TraceListener,
  type Width,
} from './types.js';

export interface Budget {
  /** Instructions in one `run()`. */
  readonly run: number;
  /** Instructions since the last `reset()`. */
  readonly total: number;
}

export const DEFAULT_BUDGET: Budget = { run: 100_000, total: 100_000 };

const MAX_COPIES = 1000;

export interface InterpreterOptions {
  readonly program: Program;
  readonly instructions: InstructionSet;
  readonly registers: RegisterTable;
  readonly byteOrder: ByteOrder;
  /** Those of kind `text` must hold the whole program. */
  readonly regions: readonly RegionSpec[];
  readonly budget?: Partial<Budget>;
  /** Whether indirect branches must meet a landing pad. Default: no. */
  readonly landingPads?: boolean;
}

/** @throws RangeError for regions that overlap or do not hold the program. */
export function createInterpreter(options: InterpreterOptions): Interpreter {
  return new Interpreter(options);
}

/** Processor state as instructions see it. */
class Processor implements Cpu {
  readonly x: BigUint64Array;

  constructor(
    registers: number,
    private readonly memory: Memory,
    private readonly text: TextSlots,
    private readonly control: Control,
    private readonly landingPads: boolean,
  ) {
    this.x = new BigUint64Array(registers);
  }

  load(address: bigint, width: Width): bigint {
    return this.memory.load(address, width);
  }

  store(address: bigint, width: Width, value: bigint): void {
    this.memory.store(address, width, value);
  }

  jump(address: bigint): void {
    this.control.next = this.text.target(address);
  }

  instructionAt(address: bigint): Slot {
    return this.text.instruction(address);
  }

  land(address: bigint, pads: readonly string[]): void {
    this.control.next = this.landingPads ? this.text.pad(address, pads) : this.text.target(address);
  }
}

interface Placed {
  readonly code: Code;
  readonly slot: number;
}

export class Interpreter implements Machine {
  private readonly memory: Memory;
  private readonly text: TextSlots;
  private readonly control = new Control();
  private readonly processor: Processor;
  private readonly indices = new Map<string, number>();
  private readonly poisoned: BigUint64Array;
  private readonly budget: Budget;
  private readonly program: Program;
  private readonly names: readonly string[];
  /** The program counter when it is on no slot. */
  private wild: bigint | null = 0n;
  private spent = 0;
  private readonly copies = new Map<string, Image>();
  private readonly spans = new Map<string, readonly Placed[]>();
  /** What {@link save} gives out, `saved` of them since the last reset: an array of this size lies outside of the heap. */
  private readonly banks: BigUint64Array[] = [];
  private saved = 0;
  private listener: TraceListener | null = null;

  constructor(options: InterpreterOptions) {
    const { registers, program, regions, byteOrder, instructions, landingPads = false } = options;
    this.program = program;
    this.budget = { ...DEFAULT_BUDGET, ...options.budget };
    this.names = registers.names;
    registers.names.forEach((name, index) => {
      this.indices.set(name, index);
    });
    for (const [alias, name] of Object.entries(registers.aliases)) {
      this.indices.set(alias, this.index(name));
    }
    this.memory = new Memory(regions, byteOrder);
    this.text = new TextSlots(this.memory, instructions, program, this.control);
    const processor = [registers.names.length, this.memory, this.text, this.control, landingPads] as const;
    this.processor = new Processor(...processor);
    this.poisoned = BigUint64Array.from(registers.names, (_, index) => registerPoison(index, 0));
    this.place(program);
    this.seal();
    this.reset();
  }

  /** Instructions executed since the last `reset()`. */
  get steps(): number {
    return this.spent;
  }

  get pc(): bigint {
    return this.wild ?? this.text.addressOf(this.control.next);
  }

  set pc(address: bigint) {
    const slot = this.text.find(address);
    this.wild = slot < 0 ? BigInt.asUintN(64, address) : null;
    this.control.next = Math.max(slot, 0);
  }

  read(register: string): bigint {
    return this.processor.x[this.index(register)] as bigint;
  }

  write(register: string, value: bigint): void {
    this.processor.x[this.index(register)] = value;
  }

  register(name: string): Register {
    return new Single(this.index(name), this.processor.x);
  }

  group(registers: readonly string[]): RegisterGroup {
    const places = registers.map((register) => this.index(register));
    return new Group(registers, places, this.processor.x);
  }

  save(): BigUint64Array {
    const { x } = this.processor;
    let bank = this.banks[this.saved];
    if (bank === undefined) {
      bank = new BigUint64Array(x.length);
      this.banks.push(bank);
    }
    this.saved++;
    bank.set(x);
    return bank;
  }

  restore(registers: BigUint64Array): void {
    this.processor.x.set(registers);
  }

  load(address: bigint, length: number): Uint8Array {
    if (length === 0) return new Uint8Array(0);
    const { region, offset } = this.memory.locate(address, length, 'load');
    return region.bytes.slice(offset, offset + length);
  }

  store(address: bigint, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const { region, offset } = this.memory.locate(address, bytes.length, 'store');
    region.write(offset, bytes);
    if (!region.writable) this.text.invalidate(region, offset, bytes.length);
  }

  loadWord(address: bigint, width: Width): bigint {
    return this.memory.load(address, width);
  }

  storeWord(address: bigint, width: Width, value: bigint): void {
    if (this.memory.put(address, width, value)) return;
    const bytes = new Uint8Array(8);
    const { little } = this.memory;
    new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(width * 8, value), little);
    this.store(address, little ? bytes.subarray(0, width) : bytes.subarray(8 - width));
  }

  /** @throws RangeError when the address is not executable. */
  setCallout(address: bigint, entry = false): void {
    this.text.setCallout(address, entry);
  }

  /** @throws MachineFault when the range is not mapped. */
  poison(from: bigint, to: bigint): void {
    if (to <= from) return;
    const length = Number(to - from);
    const { region, offset } = this.memory.locate(from, length, 'poison');
    region.poison(offset, offset + length);
    if (!region.writable) this.text.invalidate(region, offset, length);
  }

  copyText(from: bigint, to: bigint, at: bigint, redirect: ReadonlyMap<string, bigint>): number {
    const image = this.copied(from, to, at, redirect);
    this.store(at, new Uint8Array(image.size));
    this.place(image);
    return image.size;
  }

  /** Gives text the bytes that an assembler has made of it, for those who load them; the instructions stay. */
  encode(address: bigint, bytes: Uint8Array): void {
    const { region, offset } = this.memory.locate(address, bytes.length, 'store');
    region.write(offset, bytes);
  }

  /** Source text, `file:line` and bytes of the instruction at an address, if one is there by now. */
  instructionAt(
    address: bigint,
  ): { readonly text: string; readonly where: string; readonly length: number } | undefined {
    const slot = this.text.slots[this.text.find(address)];
    return slot === undefined || slot.length === 0 ? undefined : slot;
  }

  /**
   * Makes the present text, data and callouts the state that `reset()` returns to. The stack and the
   * registers are not part of it: they go back to poison.
   */
  seal(): void {
    this.memory.seal();
    this.text.seal();
  }

  reset(): void {
    this.memory.reset();
    this.text.reset();
    this.processor.x.set(this.poisoned);
    this.spent = 0;
    this.saved = 0;
    this.pc = 0n;
  }

  trace(listener: TraceListener | null): void {
    this.listener = listener;
  }

  run(limit = Number.POSITIVE_INFINITY): Stop {
    const { control, text } = this;
    if (this.wild !== null) return { kind: 'fault', pc: this.wild, why: text.whyNot(this.wild) };
    if (text.slots[control.next] === text.callout) return { kind: 'callout', pc: this.pc, why: '' };
    const left = Math.max(0, this.budget.total - this.spent);
    const allowed = Math.min(this.budget.run, left, limit);
    control.left = allowed;
    control.unused = 0;
    try {
      if (this.listener === null) this.loop();
      else this.tracedLoop(this.listener);
    } catch (error) {
      this.spent += allowed - control.left;
      if (!(error instanceof MachineFault)) throw error;
      return this.fault(error);
    }
    this.spent += allowed - control.unused;
    if (text.slots[control.next] === text.callout) return { kind: 'callout', pc: this.pc, why: '' };
    if (allowed === limit) return { kind: 'limit', pc: this.pc, why: '' };
    // The configured number, not what was left of it: equal exhaustion reads equal on every subject.
    const budget = left < this.budget.run ? this.budget.total : this.budget.run;
    return { kind: 'budget', pc: this.pc, why: `step budget of ${budget} spent` };
  }

  private loop(): void {
    const { control, processor } = this;
    const { slots } = this.text;
    let at = control.next;
    try {
      while (control.left > 0) {
        at = control.next;
        const slot = slots[at] as Slot;
        control.left--;
        control.next = at + slot.length;
        slot.op(processor);
      }
    } catch (error) {
      control.next = at;
      throw error;
    }
  }

  private tracedLoop(listener: TraceListener): void {
    const { control, processor, text, names } = this;
    const tracer = new Tracer(processor);
    while (control.left > 0) {
      const at = control.next;
      const slot = text.slots[at] as Slot;
      const report = (): void => {
        if (slot.length > 0) listener(tracer.step(text.addressOf(at), slot, names));
      };
      control.left--;
      control.next = at + slot.length;
      tracer.begin();
      try {
        slot.op(tracer);
      } catch (error) {
        control.next = at;
        if (error instanceof MachineFault) report();
        throw error;
      }
      report();
    }
  }

  /** Cases build the same trampolines over and over: images are kept by all that determines them. */
  private copied(from: bigint, to: bigint, at: bigint, redirect: ReadonlyMap<string, bigint>): Image {
    const patched = new Map<bigint, Uint8Array>();
    let key = `${from} ${to} ${at}`;
    for (const [symbol, value] of redirect) key += ` ${symbol}=${value}`;
    for (const { code, slot } of this.span(from, to)) {
      if (this.text.holds(code, slot)) continue;
      const bytes = this.load(code.address, code.length);
      patched.set(code.address, bytes);
      key += ` ${code.address}:${bytes.join()}`;
    }
    let image = this.copies.get(key);
    if (image === undefined) {
      image = this.program.copy(from, to, at, redirect, patched);
      if (this.copies.size >= MAX_COPIES) this.copies.clear();
      this.copies.set(key, image);
    }
    return image;
  }

  /** The instructions of the program in [from, to), with their slots. */
  private span(from: bigint, to: bigint): readonly Placed[] {
    const key = `${from} ${to}`;
    let span = this.spans.get(key);
    if (span === undefined) {
      span = this.program.within(from, to).map((code) => ({ code, slot: this.text.find(code.address) }));
      this.spans.set(key, span);
    }
    return span;
  }

  private fault(error: MachineFault): Stop {
    if (error instanceof JumpFault) this.wild = error.target;
    return { kind: error.kind, pc: this.pc, why: error.message };
  }

  private place(image: Pick<Image, 'code' | 'data'>): void {
    for (const { address, bytes } of image.data) this.store(address, bytes);
    for (const code of image.code) this.text.put(code);
  }

  private index(register: string): number {
    const index = this.indices.get(register);
    if (index === undefined) throw new RangeError(`no register ${register}`);
    return index;
  }
}
