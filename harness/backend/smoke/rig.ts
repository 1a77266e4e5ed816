// SPDX-License-Identifier: MIT
/**
 * A small kernel for trying one back-end: its assembled trampolines, one traced function F, its caller, a
 * stack full of poison, and C functions that are callouts. The smoke suite and the tests of back-ends drive
 * it by hand; it knows nothing of ftrace's C side beyond the symbols a trampoline may name.
 */
import type { Program } from '../../machine/asm/program.js';
import { createInterpreter } from '../../machine/interpreter.js';
import { registerPoison } from '../../machine/poison.js';
import type { Machine, Stop } from '../../machine/types.js';
import type { Config, Fregs, Patch, Site } from '../contract.js';
import { cellWords } from '../externals.js';
import { type Build, CALLBACK, FUNCTIONS, RETURN } from './build.js';
import { hex } from './finding.js';

const TEXT_SIZE = 0x4000;
const C_SIZE = 0x1000;
const DATA_SIZE = 0x8000;
/** Stack below SP that a C function may have used. */
const DEAD_BYTES = 4096n;

/** What the helper in front of a BPF program gives. */
const START_TIME = 0x5eed_0123n;

export class Rig {
  readonly machine: Machine;
  /** Address of the traced function. */
  readonly f: bigint;
  /** rec->ip, and the address after the site; a callout: there the body would begin. */
  readonly ip: bigint;
  readonly resume: bigint;
  /** Where F returns to; a callout. */
  readonly parent: bigint;
  /** SP at F's first instruction. */
  readonly s: bigint;
  /** The frame pointer at F's first instruction: a frame record of zeros on the stack. */
  readonly fp: bigint;
  /** struct ftrace_ops of the callback, and the nop ops. */
  readonly ops: bigint;
  readonly nopOps: bigint;
  private epoch = 0;

  /** @throws RangeError if the text does not fit */
  constructor(readonly build: Build) {
    const { config, program, externals } = build;
    const { abi, instructions, registers, layouts, callsite } = build.loaded.backend;
    const { memory, byteOrder } = abi;
    this.machine = createInterpreter({
      program,
      instructions,
      registers,
      byteOrder,
      regions: [
        { name: 'text', kind: 'text', start: memory.text, size: TEXT_SIZE },
        { name: 'c', kind: 'text', start: memory.c, size: C_SIZE },
        { name: 'data', kind: 'data', start: memory.data, size: DATA_SIZE },
        { name: 'stack', kind: 'stack', start: memory.stack, size: memory.threadSize },
      ],
    });

    const shape = callsite.shape(config);
    this.f = alignUp(program.end + BigInt(shape.before), 64n) + 64n;
    this.ip = this.f + BigInt(shape.ip);
    this.resume = this.f + BigInt(shape.resume);
    this.parent = this.f + 1024n;
    if (this.parent + 64n > memory.text + BigInt(TEXT_SIZE)) throw new RangeError('the text is too large');
    const linked = callsite.link?.(this.f, config, (name) => this.symbol(name)) ?? shape.compiled;
    this.machine.store(this.f - BigInt(shape.before), linked);
    const functions = FUNCTIONS.map((name) => externals.get(name) as bigint);
    for (const address of [this.resume, this.parent, ...functions]) this.machine.setCallout(address);

    const { modulus, remainder } = abi.stackAlignment;
    this.s = memory.stack + BigInt(memory.threadSize - 2048 - modulus + remainder);
    this.fp = memory.stack + BigInt(memory.threadSize - 512);
    this.ops = memory.data + 0x1000n;
    this.nopOps = memory.data + 0x2000n;
    const { func, directCall } = layouts.ftraceOps(config);
    for (const [ops, callee] of [
      [this.ops, this.symbol(CALLBACK)],
      [this.nopOps, this.symbol('ftrace_stub')],
    ] as const) {
      this.machine.storeWord(ops + BigInt(func), 8, callee);
      if (directCall !== null) this.machine.storeWord(ops + BigInt(directCall), 8, 0n);
    }
    for (const [address, value] of cellWords(
      layouts.dataCells(config),
      (name) => this.symbol(name),
      memory,
    )) {
      this.machine.storeWord(address, 8, value);
    }
    this.machine.storeWord(this.symbol('function_trace_op'), 8, this.ops);
  }

  get config(): Config {
    return this.build.config;
  }

  get program(): Program {
    return this.build.program;
  }

  /** Address of a trampoline, a C function or a data cell. @throws RangeError if there is none */
  symbol(name: string): bigint {
    const address = this.build.externals.get(name) ?? this.program.symbols.get(name);
    if (address === undefined) throw new RangeError(`no symbol ${name}`);
    return address;
  }

  has(name: string): boolean {
    return this.program.symbols.has(name);
  }

  /** `body`, `parent`, a symbol's name; other addresses as `symbol+0x10` or plain hexadecimal. */
  name(address: bigint): string {
    if (address === this.resume) return 'body';
    if (address === this.parent) return 'parent';
    for (const [name, at] of this.build.externals) if (address === at) return name;
    if (address === this.f) return 'F';
    if (address > this.f && address < this.resume) return `F+${hex(address - this.f)}`;
    const found = this.program.symbolOf(address);
    if (found === undefined) return hex(address);
    return found.offset === 0 ? found.name : `${found.name}+0x${found.offset.toString(16)}`;
  }

  // ---------------------------------------------------------------------------------------- call site

  /** The site as the patch functions see it; `ops` is what a literal must name. */
  site(ops: bigint = this.ops): Site {
    const { machine, config, ip } = this;
    const stub = (ip + 0x87n) & ~7n;
    return { machine, config, ip, ops, stub, symbol: (name) => this.symbol(name) };
  }

  /** Makes the stores of a patch. @throws Error if it is an error */
  apply(patch: Patch): void {
    if ('error' in patch) throw new Error(`the patch was refused with ${patch.error}`);
    for (const { address, bytes } of patch.stores) this.machine.store(address, bytes);
  }

  /** Initialises the site, makes it call `target`, and points the common trampolines at the callback. */
  enable(target: bigint): void {
    const { callsite } = this.build.loaded.backend;
    this.enableCallback();
    this.apply(callsite.initNop(this.site(this.nopOps)));
    this.apply(callsite.makeCall(this.site(), target));
  }

  /** Points the common trampolines at the callback. */
  enableCallback(): void {
    const { callsite } = this.build.loaded.backend;
    this.apply(callsite.updateFtraceFunc(this.site(), this.symbol(CALLBACK)));
  }

  /** Sets `ops->direct_call`, where there is one. */
  direct(address: bigint): void {
    const { directCall } = this.build.loaded.backend.layouts.ftraceOps(this.config);
    if (directCall !== null) this.machine.storeWord(this.ops + BigInt(directCall), 8, address);
  }

  // -------------------------------------------------------------------------------------------- running

  /**
   * Registers as the caller leaves them for F: every one distinct poison, SP = S, a return address, and those that
   * have a fixed meaning.
   */
  enter(pc: bigint = this.f): void {
    const { abi } = this.build.loaded.backend;
    this.clobber(this.build.loaded.backend.registers.names);
    this.machine.write(abi.stackPointer, this.s);
    if (abi.framePointer !== abi.stackPointer) this.machine.write(abi.framePointer, this.fp);
    this.machine.storeWord(this.fp, 8, 0n);
    this.machine.storeWord(this.fp + 8n, 8, 0n);
    if (abi.linkRegister === null) this.machine.storeWord(this.s, 8, this.parent);
    else this.machine.write(abi.linkRegister, this.parent);
    if (abi.entryRegister !== null) this.machine.write(abi.entryRegister, pc);
    for (const [register, fixed] of Object.entries(abi.fixedRegisters)) {
      this.machine.write(register, typeof fixed === 'bigint' ? fixed : this.symbol(fixed));
    }
    this.machine.pc = pc;
  }

  /** SP, as the stack is after F has returned. */
  get returned(): bigint {
    return this.build.loaded.backend.abi.linkRegister === null ? this.s + 8n : this.s;
  }

  /** Registers as F's return leaves them, with the hook in place of the parent. */
  enterReturnHook(): void {
    this.enter(this.symbol('return_to_handler'));
    this.machine.write(this.build.loaded.backend.abi.stackPointer, this.returned);
  }

  /**
   * Runs on to the next callout of a C function, F's body or the parent; past the helpers around a BPF program, which is
   * to be run, and then no other. @throws Error for any other stop, or where the helper behind it is told another time
   */
  run(): string {
    const stop: Stop = this.machine.run();
    const name = stop.kind === 'callout' ? this.name(stop.pc) : '';
    if (name.startsWith('bpf_enter_func_')) {
      this.returnFromC(START_TIME);
      return this.run();
    }
    if (name.startsWith('bpf_leave_func_')) {
      if (this.argument(1) !== START_TIME) throw new Error(`${name} is not told when the program began`);
      this.returnFromC(0n);
      return this.run();
    }
    if (stop.kind === 'callout') return name;
    const why = stop.why === '' ? '' : `: ${stop.why}`;
    throw new Error(`${stop.kind} at ${this.name(stop.pc)}${why}`);
  }

  /** As a C function may: clobbers every caller-saved register and the dead stack, then returns `result`. */
  returnFromC(result?: bigint): void {
    const { abi } = this.build.loaded.backend;
    const { machine } = this;
    const sp = machine.read(abi.stackPointer);
    const to = abi.linkRegister === null ? machine.loadWord(sp, 8) : machine.read(abi.linkRegister);
    // What lies at the end of the stack is not dead: a side stack may grow there.
    const reach = sp - DEAD_BYTES;
    machine.poison(reach > abi.memory.stack ? reach : abi.memory.stack, sp);
    this.clobber(abi.callerSaved);
    if (abi.linkRegister === null) machine.write(abi.stackPointer, sp + 8n);
    if (result !== undefined) machine.write(abi.returnRegisters[0] as string, result);
    machine.pc = to;
  }

  /** From F's body: executes the back-end's return instruction. */
  returnFromBody(): void {
    this.machine.pc = this.symbol(RETURN);
  }

  private clobber(names: readonly string[]): void {
    this.epoch++;
    for (const name of names) {
      const index = this.build.loaded.backend.registers.names.indexOf(name);
      this.machine.write(name, registerPoison(index, this.epoch));
    }
  }

  // -------------------------------------------------------------------------------------------- looking

  read(register: string): bigint {
    return this.machine.read(register);
  }

  word(address: bigint): bigint {
    return this.machine.loadWord(address, 8);
  }

  /** The n-th argument register. */
  argument(n: number): bigint {
    return this.machine.read(this.build.loaded.backend.abi.argumentRegisters[n] as string);
  }

  fregs(address: bigint): Fregs {
    return { machine: this.machine, config: this.config, address };
  }

  /** Values of registers by name, to compare later. */
  snapshot(names: readonly string[] = this.build.loaded.backend.registers.names): Map<string, bigint> {
    return new Map(names.map((name) => [name, this.machine.read(name)]));
  }
}

function alignUp(value: bigint, to: bigint): bigint {
  return ((value + to - 1n) / to) * to;
}
