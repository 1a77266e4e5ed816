// SPDX-License-Identifier: MIT
/**
 * Breakpoint exceptions: the registers go into a pt_regs, C handles it, and execution goes on with what the pt_regs holds
 * then. Some back-ends have the entry code, of the others it is played (contract/kprobes.ts: Exception).
 */
import type { Exception, Fregs } from '../../backend/contract.js';
import type { TrapHandler } from '../../ftrace/types.js';
import type { Callouts } from './callouts.js';
import type { Frame, Frames } from './frames.js';
import { Crash, type Explainer, type Host } from './host.js';
import type { Registers } from './registers.js';

type Played = Extract<Exception, { by: 'played' }>;

/** The stack below a pt_regs is the handler's: 16-byte aligned everywhere. */
const ALIGN = 16n;

type SavedRegister = readonly [register: string, offset: bigint, size: 1 | 2 | 4 | 8];

/** Registers that a pt_regs has a field for, of each host: few cases ask. */
const saved = new WeakMap<Host, readonly SavedRegister[]>();

function savedRegisters(host: Host): readonly SavedRegister[] {
  const known = saved.get(host);
  if (known !== undefined) return known;
  const { backend, config } = host;
  const { names, aliases } = backend.registers;
  const made = backend.layouts.ptRegs(config).fields.flatMap(({ name, offset, size }): SavedRegister[] => {
    const register = aliases[name] ?? name;
    return names.includes(register) ? [[register, BigInt(offset), size]] : [];
  });
  saved.set(host, made);
  return made;
}

export class Exceptions {
  readonly #handlers: TrapHandler[] = [];
  /** Exceptions in each other. */
  #handled = 0;

  constructor(
    readonly host: Host,
    readonly explain: Explainer,
    readonly registers: Registers,
    readonly frames: Frames,
    readonly callouts: Callouts,
  ) {
    const { backend } = host;
    const deliver = (pc: bigint): boolean => this.#deliver(pc);
    callouts.onTrap = deliver;
    const { exception } = backend.kprobes;
    const address = exception?.by === 'entry' ? host.symbols.get(exception.handler) : undefined;
    if (exception?.by === 'entry' && address !== undefined) {
      callouts.cFunction(exception.handler, address, ([regs = 0n]) => {
        this.#handle(this.#fregs(regs));
        return undefined;
      });
    }
  }

  /** Interrupts are off while an exception is handled; NMIs are not. */
  get masksInterrupts(): boolean {
    return this.#handled > 0;
  }

  add(handler: TrapHandler): void {
    this.#handlers.push(handler);
  }

  #fregs(address: bigint): Fregs {
    const { machine, config } = this.host;
    return { machine, config, address };
  }

  /** False for a trap that nobody planted: the kernel would die. */
  #deliver(pc: bigint): boolean {
    const { machine, backend, symbols } = this.host;
    const { exception } = backend.kprobes;
    if (!exception || !this.#handlers.some((handler) => handler.owns(pc))) return false;
    this.explain.event('breakpoint', () => `at 0x${pc.toString(16)}`);
    if (exception.by === 'played') this.#play(exception, pc);
    else {
      exception.deliver(machine, pc);
      machine.pc = symbols.get(exception.symbol) ?? 0n;
    }
    return true;
  }

  #handle(regs: Fregs): void {
    const pc = this.host.backend.kprobes.regs.getInstructionPointer(regs);
    const handler = this.#handlers.find((candidate) => candidate.owns(pc));
    if (!handler) throw new Crash('a breakpoint that nobody handles', 'exception');
    this.explain.sawFtraceRegs(regs.address);
    this.#handled++;
    try {
      handler.handle(regs);
    } finally {
      this.#handled--;
    }
  }

  #play(exception: Played, pc: bigint): void {
    const { machine, backend, config } = this.host;
    const { abi, layouts, kprobes } = backend;
    const { size, fields } = layouts.ptRegs(config);
    const { sp } = this.frames;
    const regs = this.#fregs((sp - BigInt(size)) & ~(ALIGN - 1n));
    const registers = savedRegisters(this.host);
    for (const [register, offset, width] of registers)
      machine.storeWord(regs.address + offset, width, machine.read(register));
    for (const [name, value] of Object.entries(exception.save(machine, pc))) {
      const field = fields.find((candidate) => candidate.name === name);
      if (!field) throw new RangeError(`no field ${name} in pt_regs`);
      machine.storeWord(regs.address + BigInt(field.offset), field.size, value);
    }
    machine.write(abi.stackPointer, regs.address);
    const frame: Frame = {
      name: 'exception',
      afterCall: pc,
      entrySp: sp,
      returnAddress: pc,
      entryFp: machine.read(abi.framePointer),
      sp: regs.address,
      interrupted: () => kprobes.regs.getInstructionPointer(regs),
    };
    this.frames.open.push(frame);
    this.#handle(regs);
    this.frames.open.splice(this.frames.open.indexOf(frame), 1);
    // What C has left behind is overwritten by what was saved.
    this.registers.clobber();
    for (const [register, offset, width] of registers)
      machine.write(register, machine.loadWord(regs.address + offset, width));
    exception.restore(regs);
    machine.pc = kprobes.regs.getInstructionPointer(regs);
    this.frames.bury(sp);
  }
}
