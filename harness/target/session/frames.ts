// SPDX-License-Identifier: MIT
/**
 * The stack as compiled C code uses it: frames with what a prologue saves in them, and poison in all that is
 * dead below the stack pointer. Every task has a stack.
 */
import type { Abi, Interrupted } from '../../backend/contract.js';
import { stackOf } from '../../backend/stacks.js';
import type { PerTask, Tasks } from '../../ftrace/tasks.js';
import type { Machine, Register } from '../../machine/types.js';
import type { AddressBook, Fn } from './address-book.js';
import type { Host } from './host.js';

/** A C function's activation: where its calls return to and what its stack looks like. */
export interface Frame {
  /** Of the function whose code runs in it: a handler's while one is inlined here. */
  name: string;
  afterCall: bigint;
  /** S: stack pointer at its first instruction. */
  readonly entrySp: bigint;
  readonly returnAddress: bigint;
  /** Frame pointer register at entry. */
  readonly entryFp: bigint;
  /** Of an exception: what its registers say by now is where it came from. */
  readonly interrupted?: () => bigint;
  /** Of an interrupt: where it came. */
  from?: Interrupted;
  /** Stack pointer of its code now; during a call, what it was when the call instruction ran. */
  sp: bigint;
}

/** What the frame pointer register holds where C code makes no chain of frames; else 0 ends the chain. */
const LIVE = 0x5afe_5afe_5afe_5afen;

/** Bytes a call pushes where there is no link register. */
export const RETURN_ADDRESS = 8n;
/** Bytes above the outermost frame. */
const HEADROOM = 256n;
/** Bytes below the lowest stack pointer seen that a callee may have written. */
const RED_ZONE = 256n;

/** The stack of one task. */
interface Stack {
  /** Outermost first. */
  readonly open: Frame[];
  /** Lowest address, and the first behind it. */
  readonly low: bigint;
  readonly top: bigint;
  /** Lowest stack pointer seen since the stack above was last poisoned. */
  lowest: bigint;
}

/** What is needed of a machine all the time: its sessions come and go. */
interface Hardware {
  readonly sp: Register;
  readonly fp: Register;
  readonly link: Register | null;
  /** What a prologue saves, and how far above the lowered stack pointer. */
  readonly saves: readonly { readonly what: SavedValue; readonly at: bigint }[];
  /** Bytes of a frame. */
  readonly size: bigint;
  /** Registers with a fixed meaning in kernel code, and a value or the symbol that is it. */
  readonly fixed: readonly { readonly register: Register; readonly value: bigint | string }[];
}

type SavedValue = Abi['frame']['saves'][number]['what'];

const hardware = new WeakMap<Machine, Hardware>();

function hardwareOf({ machine, backend: { abi } }: Host): Hardware {
  let known = hardware.get(machine);
  if (known === undefined) {
    known = {
      sp: machine.register(abi.stackPointer),
      fp: machine.register(abi.framePointer),
      link: abi.linkRegister === null ? null : machine.register(abi.linkRegister),
      saves: abi.frame.saves.map(({ what, at }) => ({ what, at: BigInt(at) })),
      size: BigInt(abi.frame.size),
      fixed: Object.entries(abi.fixedRegisters).map(([name, value]) => ({
        register: machine.register(name),
        value,
      })),
    };
    hardware.set(machine, known);
  }
  return known;
}

export class Frames {
  readonly #hardware: Hardware;
  readonly #stack: PerTask<Stack>;
  readonly #machine: Machine;
  readonly #abi: Abi;
  readonly #modulus: bigint;
  readonly #remainder: bigint;

  constructor(
    readonly host: Host,
    readonly book: AddressBook,
    tasks: Tasks,
  ) {
    this.#machine = host.machine;
    this.#hardware = hardwareOf(host);
    this.#abi = host.backend.abi;
    this.#modulus = BigInt(this.#abi.stackAlignment.modulus);
    this.#remainder = BigInt(this.#abi.stackAlignment.remainder);
    const { memory } = this.#abi;
    this.#stack = tasks.field(() => {
      const low = stackOf(memory, tasks.running);
      const top = low + BigInt(memory.threadSize);
      return { open: [], low, top, lowest: top };
    });
  }

  /** Of the task that runs, outermost first. */
  get open(): Frame[] {
    return this.#stack.current.open;
  }

  /** Open ones of every task, by its number. */
  get stacks(): readonly (readonly Frame[])[] {
    return this.#stack.all.map(({ open }) => open);
  }

  get sp(): bigint {
    return this.#hardware.sp.value;
  }

  /** How far the stack pointer is from where it should be, in words; `null`: it is there. */
  distance(expected: bigint): string | null {
    const off = BigInt.asIntN(64, this.sp - expected);
    if (off === 0n) return null;
    const far = BigInt(this.#abi.memory.threadSize);
    return off > -far && off < far ? `off by ${off}` : 'on no stack of the task';
  }

  get innermost(): Frame | undefined {
    return this.open.at(-1);
  }

  /** Whether a C function may be entered with this stack pointer. */
  isAligned(sp: bigint): boolean {
    return sp % this.#modulus === this.#remainder;
  }

  /** The highest stack pointer at or below `sp` with which a C function may be entered. */
  aligned(sp: bigint): bigint {
    return sp - ((((sp - this.#remainder) % this.#modulus) + this.#modulus) % this.#modulus);
  }

  /** Where the function whose first instruction has this stack pointer returns to. */
  returnAddress(sp: bigint): bigint {
    const { link } = this.#hardware;
    return link === null ? this.#machine.loadWord(sp, 8) : link.value;
  }

  /** The outermost frame: a caller that was itself called, with nothing above it. */
  enterThread(fn: Fn, returnAddress: bigint): Frame {
    const machine = this.#machine;
    const abi = this.#abi;
    const entrySp = this.aligned(this.#stack.current.top - HEADROOM);
    // The stack pointer last: it may be the frame pointer too.
    machine.write(abi.framePointer, abi.frame.framePointer === null ? LIVE : 0n);
    machine.write(abi.stackPointer, entrySp);
    this.fixRegisters();
    if (abi.linkRegister === null) machine.storeWord(entrySp, 8, returnAddress);
    else machine.write(abi.linkRegister, returnAddress);
    return this.enter(fn.name, fn.afterCall);
  }

  /** Registers with a fixed meaning in kernel code, as an entry into the kernel sets them. */
  fixRegisters(): void {
    for (const { register, value } of this.#hardware.fixed)
      register.value = typeof value === 'bigint' ? value : this.book.symbol(value);
  }

  /** What a prologue does: saves, lowers SP, sets the frame pointer. */
  enter(name: string, afterCall: bigint): Frame {
    const frame = this.bare(name, afterCall);
    this.#prologue(frame);
    return frame;
  }

  /** The activation of a function that has not yet run a prologue. */
  bare(name: string, afterCall: bigint): Frame {
    const sp = this.sp;
    const frame: Frame = {
      name,
      afterCall,
      entrySp: sp,
      returnAddress: this.returnAddress(sp),
      entryFp: this.#hardware.fp.value,
      sp,
    };
    this.open.push(frame);
    return frame;
  }

  /** Gives a played C function a real frame, before it calls anything or is unwound through. */
  ensure(frame: Frame): void {
    if (frame.sp === frame.entrySp) this.#prologue(frame);
  }

  #prologue(frame: Frame): void {
    const { saves, size, sp, fp } = this.#hardware;
    const { framePointer } = this.#abi.frame;
    const low = frame.entrySp - size;
    for (let i = 0; i < saves.length; i++) {
      const { what, at } = saves[i] as Hardware['saves'][number];
      this.#machine.storeWord(low + at, 8, what === 'framePointer' ? frame.entryFp : frame[what]);
    }
    if (framePointer !== null) fp.value = low + BigInt(framePointer);
    sp.value = low;
    frame.sp = low;
  }

  /** Lowers the stack pointer of a frame's code for a call; the back chain stays where it is. */
  lower(frame: Frame, sp: bigint): void {
    const { saves, link, sp: stackPointer } = this.#hardware;
    frame.sp = link === null ? sp + RETURN_ADDRESS : sp;
    stackPointer.value = sp;
    for (let i = 0; i < saves.length; i++) {
      const { what, at } = saves[i] as Hardware['saves'][number];
      if (what === 'entrySp') this.#machine.storeWord(frame.sp + at, 8, frame.entrySp);
    }
  }

  /** What an epilogue does: reloads from memory what the prologue saved there. */
  leave(frame: Frame): void {
    const { saves, size, sp, fp, link } = this.#hardware;
    const low = frame.entrySp - size;
    for (let i = 0; i < saves.length; i++) {
      const { what, at } = saves[i] as Hardware['saves'][number];
      const value = this.#machine.loadWord(low + at, 8);
      if (what === 'framePointer') fp.value = value;
      else if (what === 'returnAddress' && link !== null) link.value = value;
    }
    sp.value = frame.entrySp;
    this.open.splice(this.open.lastIndexOf(frame), 1);
    this.bury(frame.entrySp);
  }

  /**
   * What an exception entry does to the stack: gives the stack pointer with which C code is entered below. So many bytes
   * are left alone.
   */
  enterException(untouched = BigInt(this.#abi.redZone)): bigint {
    const { backend, config } = this.host;
    const end = this.sp - untouched;
    const low = this.aligned(end - BigInt(backend.layouts.ptRegs(config).size));
    this.#machine.poison(low, end);
    return low;
  }

  /** Notes how far down the stack pointer is now. */
  sound(): void {
    const sp = this.sp;
    const stack = this.#stack.current;
    if (sp < stack.lowest && sp >= stack.low) stack.lowest = sp;
  }

  /** The stack below `sp` is dead: poison again all that may have been written since. */
  bury(sp: bigint): void {
    this.sound();
    const stack = this.#stack.current;
    const from = stack.lowest - RED_ZONE < stack.low ? stack.low : stack.lowest - RED_ZONE;
    if (from < sp) this.#machine.poison(from, sp);
    stack.lowest = sp;
  }

  /** Where the interrupt came whose handler was entered with this stack pointer. */
  exceptionAt(entrySp: bigint): Interrupted | undefined {
    return this.open.find((frame) => frame.entrySp === entrySp)?.from;
  }

  /** The frame pointer register at the entry of that frame. */
  entryFpOf(sp: bigint): bigint | undefined {
    return this.open.find((frame) => frame.sp === sp)?.entryFp;
  }

  /** S of the frame whose code has this stack pointer now: what ORC tables know at build time. */
  entrySpOf(sp: bigint): bigint | undefined {
    return this.open.find((frame) => frame.sp === sp)?.entrySp;
  }
}
