// SPDX-License-Identifier: MIT
/**
 * QEMU's user mode as a {@link Machine}: the kernel's machine code runs there up to the next callout. An interpreter with
 * the same kernel stands beside it, for what user mode cannot do or say: it executes privileged instructions, and
 * finds the words for a fault that QEMU tells as a signal.
 */

import { DEFAULT_BUDGET, type Interpreter } from '../../machine/interpreter.js';
import { Memory, type Region } from '../../machine/memory.js';
import { registerPoison } from '../../machine/poison.js';
import { Group, Single } from '../../machine/register-group.js';
import {
  type Machine,
  MachineFault,
  type Register,
  type RegisterGroup,
  type Stop,
  type Width,
} from '../../machine/types.js';
import { interpret, type Kernel } from '../kernel.js';
import type { Assembled } from './assemble.js';
import { command } from './commands.js';
import { Copier } from './copier.js';
import type { Emulation } from './emulation.js';
import type { Foreign } from './foreign.js';
import { RegisterFile } from './register-file.js';
import { RspError } from './rsp/error.js';
import { type RemoteStop, SIGNAL } from './stop.js';
import { WordBytes } from './word-bytes.js';

/**
 * Times that the guest may stop since the last reset. QEMU counts no instructions; a loop that comes through C code again and
 * again is told by this.
 */
const MOST_STOPS = 5000;

interface Written {
  readonly at: bigint;
  readonly length: number;
}

export class QemuMachine implements Machine {
  /** The interpreter; its text and callouts are always those of the guest, its data only when {@link #align} has made them so. */
  readonly twin: Interpreter;
  /** Addresses of instructions that user mode refused and the interpreter has executed. */
  readonly stoodIn = new Set<bigint>();
  readonly #memory: Memory;
  readonly #file: RegisterFile;
  readonly #indices = new Map<string, number>();
  readonly #poisoned: BigUint64Array;
  readonly #callouts = new Set<bigint>();
  /** Breakpoints of the process: callouts, and what were callouts of sessions before. */
  #inserted = new Set<bigint>();
  /** Text stored since the last reset. */
  #written: Written[] = [];
  readonly #word: WordBytes;
  #stops = 0;
  readonly #copier: Copier;

  /**
   * @param assembled the kernel's machine code
   * @throws RspError when QEMU cannot be started
   */
  constructor(
    readonly kernel: Kernel,
    assembled: Assembled,
    readonly emulation: Emulation,
    readonly foreign: Foreign | null = null,
  ) {
    const { abi, registers, qemu } = kernel.backend;
    this.twin = interpret(kernel);
    // What it executes in place of QEMU may load text.
    this.twin.encode(kernel.program.base, assembled.text);
    this.twin.seal();
    this.#copier = new Copier(kernel, assembled);
    this.#memory = new Memory(kernel.regions, abi.byteOrder);
    this.#word = new WordBytes(abi.byteOrder);
    const [first] = this.#memory.regions;
    first?.write(0, assembled.text);
    for (const [address, value] of kernel.words) this.#memory.store(address, 8, value);
    this.#memory.seal();
    for (const [index, name] of registers.names.entries()) this.#indices.set(name, index);
    for (const [alias, name] of Object.entries(registers.aliases))
      this.#indices.set(alias, this.#index(name));
    this.#poisoned = BigUint64Array.from(registers.names, (_, index) => registerPoison(index, 0));
    this.#file = new RegisterFile(registers, qemu, emulation.registers(), abi.byteOrder);
    this.#begin();
    this.reset();
  }

  get pc(): bigint {
    return this.#file.pc;
  }

  set pc(address: bigint) {
    this.#file.pc = BigInt.asUintN(64, address);
  }

  read(register: string): bigint {
    return this.#file.x[this.#index(register)] as bigint;
  }

  write(register: string, value: bigint): void {
    this.#file.x[this.#index(register)] = value;
  }

  register(name: string): Register {
    return new Single(this.#index(name), this.#file.x);
  }

  group(registers: readonly string[]): RegisterGroup {
    const places = registers.map((register) => this.#index(register));
    return new Group(registers, places, this.#file.x);
  }

  save(): BigUint64Array {
    return this.#file.x.slice();
  }

  restore(registers: BigUint64Array): void {
    this.#file.x.set(registers);
  }

  load(address: bigint, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    if (length === 0) return bytes;
    this.#check(address, length, 'load');
    this.#fetch(address, bytes);
    return bytes;
  }

  store(address: bigint, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.foreign?.holds(address)) {
      this.#put(address, bytes);
      this.#written.push({ at: address, length: bytes.length });
      return;
    }
    const { region } = this.#memory.locate(address, bytes.length, 'store');
    this.#put(address, bytes);
    if (region.writable) return;
    this.#written.push({ at: address, length: bytes.length });
    this.twin.store(address, bytes);
  }

  loadWord(address: bigint, width: Width): bigint {
    this.#check(address, width, 'load');
    const bytes = this.#word.bytes(width);
    this.#fetch(address, bytes);
    return this.#word.value(width);
  }

  storeWord(address: bigint, width: Width, value: bigint): void {
    this.store(address, this.#word.of(value, width));
  }

  setCallout(address: bigint, entry = false): void {
    if (!this.foreign?.holds(address)) this.twin.setCallout(address, entry);
    this.#callouts.add(address);
  }

  poison(from: bigint, to: bigint): void {
    if (to <= from) return;
    const length = Number(to - from);
    const { region, offset } = this.#memory.locate(from, length, 'poison');
    region.poison(offset, offset + length);
    this.#put(from, region.bytes.subarray(offset, offset + length));
  }

  copyText(from: bigint, to: bigint, at: bigint, redirect: ReadonlyMap<string, bigint>): number {
    if (this.foreign?.holds(from)) {
      const copied = this.foreign.copy(this.load(from, Number(to - from)), from, at, redirect);
      this.store(at, copied);
      return copied.length;
    }
    const patched = new Map<bigint, Uint8Array>();
    for (const { address, length } of this.kernel.program.within(from, to))
      if (this.#isWritten(address, BigInt(length))) patched.set(address, this.load(address, length));
    const code = this.#copier.copy(from, to, at, redirect, patched);
    const size = this.twin.copyText(from, to, at, redirect);
    if (code.length !== size)
      throw new RangeError(`a copy of ${code.length} bytes, ${size} for the interpreter`);
    this.#memory.locate(at, size, 'store');
    this.#put(at, code);
    this.#written.push({ at, length: size });
    return size;
  }

  reset(): void {
    this.twin.reset();
    this.#callouts.clear();
    this.#stops = 0;
    try {
      this.#refill();
    } catch (error) {
      // It has ended meanwhile.
      if (!(error instanceof MachineFault)) throw error;
      this.#refill();
    }
    this.#file.x.set(this.#poisoned);
    this.#file.pc = 0n;
  }

  /** Not here: what is executed is told by QEMU's log, see lock-step. */
  trace(): void {}

  run(limit = Number.POSITIVE_INFINITY): Stop {
    let left = limit;
    for (;;) {
      const { pc } = this;
      if (this.#callouts.has(pc)) return { kind: 'callout', pc, why: '' };
      if (left <= 0) return { kind: 'limit', pc, why: '' };
      if (++this.#stops > MOST_STOPS) return spent(pc);
      let stop: RemoteStop;
      try {
        stop = this.#resume(
          left === Number.POSITIVE_INFINITY ? command.continueAt(null) : command.stepAt(null),
        );
      } catch (error) {
        if (!(error instanceof RspError)) throw error;
        return this.#lost(error);
      }
      left--;
      const ended = this.#judge(stop, left === Number.POSITIVE_INFINITY ? null : pc);
      if (ended !== null) return ended;
    }
  }

  /** Lets QEMU have what was changed here, and takes what it has then. @throws RspError */
  #resume(how: string): RemoteStop {
    const before: string[] = [];
    const registers = this.#file.give();
    if (registers !== null) before.push(command.writeRegisters(registers));
    for (const address of this.#callouts) {
      if (this.#inserted.has(address)) continue;
      before.push(command.insertBreakpoint(address));
      this.#inserted.add(address);
    }
    // Callouts of a session before: what is there now is to run.
    const stale = this.#inserted.has(this.pc);
    if (stale) {
      before.push(command.removeBreakpoint(this.pc));
      this.#inserted.delete(this.pc);
    }
    const { stop, registers: after } = this.emulation.run(before, how);
    if (after !== null) this.#file.take(after);
    return stop;
  }

  /** @param from where the one instruction was that has run; `null`: there were more. Gives `null` when it goes on */
  #judge(stop: RemoteStop, from: bigint | null): Stop | null {
    if (stop.kind !== 'signal') return this.#lost(new RspError('closed', `the guest has ${stop.kind}`));
    const { foreign } = this;
    const { instructions, qemu } = this.kernel.backend;
    const { trapOffset, illegalOffset, misalignedOffset } = qemu;
    if (this.pc % BigInt(instructions.alignment) !== 0n) this.pc += misalignedOffset;
    const { pc } = this;
    if (stop.signal === SIGNAL.trap) {
      // Breakpoints, and the end of a step.
      if (this.#callouts.has(pc) || this.#inserted.has(pc)) return null;
      const at = BigInt.asUintN(64, pc + trapOffset);
      if (from !== null && at !== from) return null;
      if (foreign?.holds(at)) {
        // Where a breakpoint is behind itself, it cannot be told from the end of a step; kernels plant none there.
        if (from !== null && trapOffset !== 0n) return null;
        this.pc = at;
        return { kind: 'trap', pc: at, why: 'breakpoint' };
      }
      // A breakpoint instruction is one whatever registers hold.
      this.twin.pc = at;
      const trapped = this.twin.run(1);
      if (trapped.kind !== 'trap') return null;
      this.pc = at;
      return trapped;
    }
    const refused = BigInt.asUintN(64, pc + illegalOffset);
    // Also of ours: it may lead to where the interpreter has nothing.
    if (stop.signal === SIGNAL.illegal && foreign?.emulate(this, refused)) return null;
    if (foreign?.holds(refused)) {
      const kind = stop.signal === SIGNAL.illegal ? 'illegal' : 'fault';
      return { kind, pc: refused, why: `signal ${stop.signal} in code of the kernel` };
    }
    if (stop.signal === SIGNAL.illegal) {
      const emulated = this.#emulate(refused);
      if (emulated !== undefined) return emulated;
    }
    this.#align();
    this.twin.pc = pc;
    const told = this.twin.run(1);
    if (told.kind === 'limit') {
      const why = `signal ${stop.signal} where the model goes on`;
      return { kind: stop.signal === SIGNAL.illegal ? 'illegal' : 'fault', pc, why };
    }
    this.pc = told.pc;
    return told;
  }

  /**
   * Executes the instruction at an address in the interpreter, if it is one that user mode refuses. `null`: it is done;
   * `undefined`: it is none.
   */
  #emulate(at: bigint): Stop | null | undefined {
    const { twin } = this;
    const mnemonic = /^\S+/.exec(twin.instructionAt(at)?.text ?? '')?.[0] ?? '';
    if (!this.kernel.backend.qemu.emulated.includes(mnemonic)) return undefined;
    this.#align();
    twin.pc = at;
    const stop = twin.run(1);
    this.stoodIn.add(at);
    this.#file.x.set(twin.save());
    this.pc = twin.pc;
    return stop.kind === 'limit' || stop.kind === 'callout' ? null : stop;
  }

  /** Gives the interpreter the guest's registers and data. */
  #align(): void {
    this.twin.restore(this.#file.x);
    for (const { spec, size, writable } of this.#memory.regions)
      if (writable) this.twin.store(spec.start, this.load(spec.start, size));
  }

  /** The process is no more, or runs for ever: a new one begins with the next session. */
  #lost(error: RspError): Stop {
    this.emulation.close();
    const { pc } = this;
    if (error.kind === 'hung') return spent(pc);
    return { kind: 'fault', pc, why: `QEMU: ${error.message}` };
  }

  #restart(): void {
    this.emulation.start();
    this.#inserted = new Set();
    this.#written = [];
    this.#begin();
  }

  /** Memory as it was at the beginning, in another process if there is none. */
  #refill(): void {
    if (!this.emulation.alive) this.#restart();
    for (const { at, length } of this.#written) this.#restore(at, length);
    this.#written = [];
    for (const region of this.#memory.regions) if (region.writable) this.#restoreAll(region);
  }

  #fetch(address: bigint, into: Uint8Array): void {
    this.#reached(() => this.emulation.memory.read(address, into));
  }

  #put(address: bigint, bytes: Uint8Array): void {
    this.#reached(() => this.emulation.memory.write(address, bytes));
  }

  /** C code has to do with a machine that has gone. @throws MachineFault */
  #reached(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof RspError)) throw error;
      throw new MachineFault('fault', this.#lost(error).why);
    }
  }

  #begin(): void {
    this.#file.take(this.emulation.readRegisters());
  }

  #restoreAll(region: Region): void {
    region.reset();
    this.#put(region.spec.start, region.bytes);
  }

  #check(address: bigint, length: number, what: 'load'): void {
    if (!this.foreign?.holds(address)) this.#memory.locate(address, length, what);
  }

  #restore(at: bigint, length: number): void {
    if (this.foreign?.holds(at)) {
      this.#put(at, this.foreign.original(at, length));
      return;
    }
    const { region, offset } = this.#memory.locate(at, length, 'store');
    this.#put(at, region.bytes.subarray(offset, offset + length));
  }

  #isWritten(address: bigint, length: bigint): boolean {
    return this.#written.some(({ at, length: size }) => at < address + length && address < at + BigInt(size));
  }

  #index(register: string): number {
    const index = this.#indices.get(register);
    if (index === undefined) throw new RangeError(`no register ${register}`);
    return index;
  }
}

/** In the words of the interpreter. */
function spent(pc: bigint): Stop {
  return { kind: 'budget', pc, why: `step budget of ${DEFAULT_BUDGET.run} spent` };
}
