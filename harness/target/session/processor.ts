// SPDX-License-Identifier: MIT
/**
 * C code on the machine: calls by the ABI, C functions played at callouts, frames. Everything a compiler may do
 * is done: caller-saved registers and dead stack are poisoned whenever C code has run, unspecified bits are
 * garbage. Everything a compiler may rely on is checked: see {@link Processor.call}.
 */
import type { Abi } from '../../backend/contract.js';
import type { Signature, Value } from '../../ctype/types.js';
import { memoryPoison, registerPoison } from '../../machine/poison.js';
import { type Machine, MachineFault } from '../../machine/types.js';
import type { AddressBook, Fn } from './address-book.js';
import { Crash, type Explainer, type Host } from './host.js';
import { isVoid, loadValue, readPlace, toBytes, valueOfWords, wordsOf, writePlace } from './image.js';

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
  /** Stack pointer of its code now; during a call, what it was when the call instruction ran. */
  sp: bigint;
}

/** A call in progress, from the argument registers being set to the result being read. */
export interface Invocation {
  /** The function now running: changes on tail calls. */
  fn: Fn;
  readonly frame: Frame;
  /** S of the called function. */
  readonly sp: bigint;
  /** Argument words as placed, per parameter. */
  words: readonly (readonly bigint[])[];
  /** Frame pointer and preserved registers as the caller had them. */
  readonly preserved: ReadonlyMap<string, bigint>;
  /** What the last body returned, to compare with what the caller receives. */
  returned: Value | null;
  /** What handlers changed on purpose: not held against transparency. */
  readonly touched: Set<'arguments' | 'result' | 'ip' | 'stack'>;
}

export interface CallResult {
  readonly value: Value | null;
  /** What a transparent tracer would not have done, one clause each. */
  readonly violations: readonly string[];
}

const WORD = 8n;

export class Processor {
  readonly machine: Machine;
  readonly abi: Abi;
  readonly invocations: Invocation[] = [];
  readonly frames: Frame[] = [];
  readonly #callouts = new Map<bigint, () => void>();
  #epoch = 1;
  /** Lowest stack pointer seen since the stack above was last poisoned. */
  #lowest: bigint;

  constructor(
    readonly host: Host,
    readonly book: AddressBook,
    readonly explain: Explainer,
  ) {
    this.machine = host.machine;
    this.abi = host.backend.abi;
    this.#lowest = this.stackTop;
  }

  get stackTop(): bigint {
    return this.abi.memory.stack + BigInt(this.abi.memory.threadSize);
  }

  get sp(): bigint {
    return this.machine.read(this.abi.stackPointer);
  }

  // ------------------------------------------------------------------------------------------ callouts

  /** Runs `act` whenever the machine reaches the address. */
  on(address: bigint, act: () => void): void {
    this.#callouts.set(address, act);
    this.machine.setCallout(address);
  }

  /** A C function entered by a call instruction; `body` gets the argument registers. */
  cFunction(name: string, address: bigint, body: (args: readonly bigint[]) => bigint | undefined): void {
    this.on(address, () => this.#playC(name, address, body));
  }

  #playC(name: string, address: bigint, body: (args: readonly bigint[]) => bigint | undefined): void {
    const { machine, abi } = this;
    const sp = this.sp;
    const { modulus, remainder } = abi.stackAlignment;
    if (sp % BigInt(modulus) !== BigInt(remainder)) {
      throw new Crash(`${name} called with a misaligned stack pointer`, name);
    }
    const returnAddress = this.#returnAddress(sp);
    this.explain.event(`enter ${name}`, '');
    const preserved = this.preserved();
    const frame: Frame = {
      name,
      afterCall: address + 8n,
      entrySp: sp,
      returnAddress,
      entryFp: machine.read(abi.framePointer),
      sp,
    };
    this.on(frame.afterCall, () => this.#wrongReturn(frame.afterCall));
    this.frames.push(frame);
    const result = body(abi.argumentRegisters.map((register) => machine.read(register)));
    this.frames.pop();
    for (const [register, value] of preserved) machine.write(register, value);
    this.clobber();
    const [first] = abi.returnRegisters;
    if (result !== undefined && first !== undefined) machine.write(first, result);
    this.#dead(sp);
    machine.write(abi.stackPointer, abi.linkRegister === null ? sp + WORD : sp);
    machine.pc = returnAddress;
    this.explain.event(`leave ${name}`, '');
  }

  #returnAddress(sp: bigint): bigint {
    const { linkRegister } = this.abi;
    return linkRegister === null ? this.machine.loadWord(sp, 8) : this.machine.read(linkRegister);
  }

  #wrongReturn(address: bigint): never {
    const where = this.book.codeName(address) ?? 'unknown code';
    throw new Crash(`returned into ${where}, which had made no such call`, where);
  }

  /** Marks a place calls return to; reaching it outside its call is a return to the wrong place. */
  returnPlace(address: bigint): void {
    this.on(address, () => this.#wrongReturn(address));
  }

  /** Runs until a callout at `until`; other callouts act on the way. */
  runTo(until: bigint): void {
    for (;;) {
      const stop = this.machine.run();
      if (stop.kind !== 'callout') {
        throw new Crash(
          `${stop.kind}: ${stop.why}`,
          this.book.codeName(stop.pc) ?? `0x${stop.pc.toString(16)}`,
        );
      }
      this.#lower();
      if (stop.pc === until) return;
      const act = this.#callouts.get(stop.pc);
      if (!act) throw new MachineFault('fault', `callout at unknown 0x${stop.pc.toString(16)}`);
      act();
    }
  }

  // --------------------------------------------------------------------------------------- registers

  /** Registers a call must preserve, besides SP. */
  preserved(): Map<string, bigint> {
    const { calleeSaved, reserved } = this.abi;
    return new Map([...calleeSaved, ...reserved].map((register) => [register, this.machine.read(register)]));
  }

  /** Fresh poison in everything C code may clobber. */
  clobber(): void {
    this.#epoch++;
    const { names } = this.host.backend.registers;
    for (const register of this.abi.callerSaved) {
      this.machine.write(register, registerPoison(names.indexOf(register), this.#epoch));
    }
  }

  #lower(): void {
    const sp = this.sp;
    if (sp < this.#lowest && sp >= this.abi.memory.stack) this.#lowest = sp;
  }

  /** The stack below `sp` is dead: poison again all that may have been written since. */
  #dead(sp: bigint): void {
    this.#lower();
    const from = this.#lowest - 256n < this.abi.memory.stack ? this.abi.memory.stack : this.#lowest - 256n;
    if (from < sp) this.machine.poison(from, sp);
    this.#lowest = sp;
  }

  // -------------------------------------------------------------------------------------------- frames

  /** The outermost frame: a caller that was itself called, with nothing above it. */
  enterThread(fn: Fn, returnAddress: bigint): Frame {
    const { machine, abi } = this;
    const { modulus, remainder } = abi.stackAlignment;
    const top = this.stackTop - 256n;
    const entrySp =
      top - ((((top - BigInt(remainder)) % BigInt(modulus)) + BigInt(modulus)) % BigInt(modulus));
    // The stack pointer last: it may be the frame pointer too.
    machine.write(abi.framePointer, 0n);
    machine.write(abi.stackPointer, entrySp);
    for (const [register, value] of Object.entries(abi.fixedRegisters)) {
      machine.write(register, typeof value === 'bigint' ? value : this.book.symbol(value));
    }
    if (abi.linkRegister === null) machine.storeWord(entrySp, 8, returnAddress);
    else machine.write(abi.linkRegister, returnAddress);
    return this.openFrame(fn.name, fn.afterCall);
  }

  /** What a prologue does: saves, lowers SP, sets the frame pointer. */
  openFrame(name: string, afterCall: bigint): Frame {
    const { machine, abi } = this;
    const entrySp = this.sp;
    const frame: Frame = {
      name,
      afterCall,
      entrySp,
      returnAddress: this.#returnAddress(entrySp),
      entryFp: machine.read(abi.framePointer),
      sp: entrySp,
    };
    this.#prologue(frame);
    this.frames.push(frame);
    return frame;
  }

  /** Gives a played C function a real frame, before it calls anything or is unwound through. */
  ensureFrame(frame: Frame): void {
    if (frame.sp === frame.entrySp) this.#prologue(frame);
  }

  #prologue(frame: Frame): void {
    const { machine, abi } = this;
    const { size, saves, framePointer } = abi.frame;
    const low = frame.entrySp - BigInt(size);
    const values = {
      framePointer: frame.entryFp,
      returnAddress: frame.returnAddress,
      entrySp: frame.entrySp,
    };
    for (const { what, at } of saves) machine.storeWord(low + BigInt(at), 8, values[what]);
    if (framePointer !== null) machine.write(abi.framePointer, low + BigInt(framePointer));
    machine.write(abi.stackPointer, low);
    frame.sp = low;
  }

  /** What an epilogue does: reloads from memory what the prologue saved there. */
  closeFrame(frame: Frame): void {
    const { machine, abi } = this;
    const low = frame.entrySp - BigInt(abi.frame.size);
    for (const { what, at } of abi.frame.saves) {
      const value = machine.loadWord(low + BigInt(at), 8);
      if (what === 'framePointer') machine.write(abi.framePointer, value);
      if (what === 'returnAddress' && abi.linkRegister !== null) machine.write(abi.linkRegister, value);
    }
    machine.write(abi.stackPointer, frame.entrySp);
    this.frames.splice(this.frames.indexOf(frame), 1);
    this.#dead(frame.entrySp);
  }

  // --------------------------------------------------------------------------------------------- calls

  /**
   * Calls a function as compiled C code in `frame` would, and runs the machine until it is back. Checked on
   * return: SP, preserved registers, and that the result is what the body returned.
   */
  call(fn: Fn, args: readonly Value[], frame: Frame): CallResult {
    const { machine, abi } = this;
    const signature = signatureOf(fn);
    const place = abi.place(signature);
    this.ensureFrame(frame);
    const frameSp = frame.sp;
    const pushed = abi.linkRegister === null ? WORD : 0n;

    let low = frameSp;
    const spill = (bytes: Uint8Array): bigint => {
      low = (low - BigInt(bytes.length)) & ~15n;
      machine.store(low, bytes);
      return low;
    };
    const words = signature.parameters.map(({ type }, index) => {
      const { pieces, byReference } = place.parameters[index] ?? { pieces: [], byReference: false };
      const value = args[index] ?? 0n;
      if (byReference) return [spill(toBytes(value, type, abi.byteOrder))];
      return wordsOf(value, type, pieces, abi.narrowArgument, abi.byteOrder);
    });
    const hidden =
      place.hidden && !isVoid(signature.result) ? spill(new Uint8Array(signature.result.size)) : null;

    const { modulus, remainder } = abi.stackAlignment;
    const area = place.stackBytes > 0 ? undefined : abi.callerArea;
    let sp = low - BigInt(area ?? place.stackBytes + abi.stackArguments);
    sp -= (((sp - BigInt(remainder)) % BigInt(modulus)) + BigInt(modulus)) % BigInt(modulus);
    frame.sp = sp + pushed;
    machine.write(abi.stackPointer, sp);
    // The back chain stays where the stack pointer is, however far a call lowers it.
    for (const { what, at } of abi.frame.saves) {
      if (what === 'entrySp') machine.storeWord(frame.sp + BigInt(at), 8, frame.entrySp);
    }

    // Before the arguments are set: one of their registers may be preserved.
    const own = this.preserved();
    this.clobber();
    for (const [index, parameter] of place.parameters.entries()) {
      for (const [piece, location] of parameter.pieces.entries()) {
        writePlace(machine, location, sp, words[index]?.[piece] ?? 0n);
        this.explain.event(
          `argument ${index}${parameter.pieces.length > 1 ? ` word ${piece}` : ''} of ${fn.name}`,
          location.in === 'register'
            ? `in ${location.register}`
            : `stored to S+0x${location.at.toString(16)}`,
        );
      }
    }
    if (hidden !== null && place.hidden) machine.write(place.hidden.register, hidden);
    if (abi.linkRegister === null) machine.storeWord(sp, 8, frame.afterCall);
    else machine.write(abi.linkRegister, frame.afterCall);

    const invocation: Invocation = {
      fn,
      frame,
      sp,
      words,
      preserved: this.preserved(),
      returned: null,
      touched: new Set(),
    };
    this.invocations.push(invocation);
    this.explain.enterCall(sp);
    this.explain.event(`call ${fn.name}`, `from ${frame.name}`);
    if (abi.entryRegister !== null) machine.write(abi.entryRegister, fn.symbol);
    machine.pc = fn.symbol;
    this.runTo(frame.afterCall);
    this.invocations.pop();
    this.explain.event(`back in ${frame.name}`, `from ${fn.name}`);
    this.explain.leaveCall();

    const violations = this.#checkReturn(invocation, frame.sp);
    const value = this.#result(signature, hidden);
    if (
      invocation.returned !== null &&
      !invocation.touched.has('result') &&
      !sameValue(value, invocation.returned)
    ) {
      violations.push('the caller did not receive what the body returned');
    }
    frame.sp = frameSp;
    machine.write(abi.stackPointer, frameSp);
    for (const [register, before] of own) machine.write(register, before);
    this.#dead(frameSp);
    return { value, violations };
  }

  #checkReturn(invocation: Invocation, sp: bigint): string[] {
    const { machine } = this;
    const violations: string[] = [];
    const back = this.sp;
    if (back !== sp)
      violations.push(`stack pointer is off by ${BigInt.asIntN(64, back - sp)} after the call`);
    for (const [register, before] of invocation.preserved) {
      if (machine.read(register) !== before)
        violations.push(`preserved register ${register} changed across the call`);
    }
    return violations;
  }

  #result(signature: Signature, hidden: bigint | null): Value | null {
    const { machine, abi } = this;
    if (isVoid(signature.result)) return null;
    if (hidden !== null) return loadValue(machine, hidden, signature.result, abi);
    const { result } = abi.place(signature);
    const words = result.map((location) => readPlace(machine, location, 0n));
    return valueOfWords(words, signature.result, result, abi.byteOrder);
  }

  /** Arguments of the function whose first body instruction is about to run, as its compiler reads them. */
  argumentsAtEntry(fn: Fn): {
    readonly values: readonly Value[];
    readonly words: readonly (readonly bigint[])[];
  } {
    const { machine, abi } = this;
    const signature = signatureOf(fn);
    const place = abi.place(signature);
    const sp = this.sp;
    const words = place.parameters.map(({ pieces }) =>
      pieces.map((location) => readPlace(machine, location, sp)),
    );
    const values = signature.parameters.map(({ type }, index) => {
      const { pieces, byReference } = place.parameters[index] ?? { pieces: [], byReference: false };
      const own = words[index] ?? [];
      if (byReference) return loadValue(machine, own[0] ?? 0n, type, abi);
      return valueOfWords(own, type, pieces, abi.byteOrder);
    });
    return { values, words };
  }

  /** Where the caller wants a result that is returned in memory; read at entry. */
  hiddenAtEntry(fn: Fn): bigint | null {
    const hidden = this.abi.place(signatureOf(fn)).hidden;
    return hidden ? this.machine.read(hidden.register) : null;
  }

  /** Puts a result where the ABI wants it, everything else clobbered. */
  writeResult(fn: Fn, value: Value | null, hidden: bigint | null): void {
    const { machine, abi } = this;
    const signature = signatureOf(fn);
    const place = abi.place(signature);
    const link = abi.linkRegister === null ? null : machine.read(abi.linkRegister);
    this.clobber();
    if (abi.linkRegister !== null && link !== null) machine.write(abi.linkRegister, link);
    if (isVoid(signature.result) || value === null) return;
    if (hidden !== null) {
      machine.store(hidden, toBytes(value, signature.result, abi.byteOrder));
      if (place.hidden?.returned) machine.write(place.hidden.returned, hidden);
      return;
    }
    const words = wordsOf(value, signature.result, place.result, abi.narrowResult, abi.byteOrder);
    for (const [index, location] of place.result.entries())
      writePlace(machine, location, 0n, words[index] ?? 0n);
  }

  /** Replaces the arguments of the running invocation for a jump to another function. */
  writeTailArguments(fn: Fn, args: readonly Value[], hidden: bigint | null): readonly (readonly bigint[])[] {
    const { machine, abi } = this;
    const signature = signatureOf(fn);
    const place = abi.place(signature);
    const sp = this.sp;
    const link = abi.linkRegister === null ? null : machine.read(abi.linkRegister);
    this.clobber();
    if (abi.linkRegister !== null && link !== null) machine.write(abi.linkRegister, link);
    // The result of the one called last goes where the first caller wants it.
    if (hidden !== null && place.hidden) machine.write(place.hidden.register, hidden);
    return signature.parameters.map(({ type }, index) => {
      const { pieces } = place.parameters[index] ?? { pieces: [] };
      const words = wordsOf(args[index] ?? 0n, type, pieces, abi.narrowArgument, abi.byteOrder);
      for (const [piece, location] of pieces.entries()) writePlace(machine, location, sp, words[piece] ?? 0n);
      return words;
    });
  }

  /** S of the frame whose code has this stack pointer now: what ORC tables know at build time. */
  entrySpOf(sp: bigint): bigint | undefined {
    return this.frames.find((frame) => frame.sp === sp)?.entrySp;
  }

  /** Whether a stack word still is the poison of its own address. */
  neverWritten(address: bigint): boolean {
    return this.machine.loadWord(address, 8) === memoryPoison(address);
  }
}

export function signatureOf(fn: Fn): Signature {
  if (!fn.spec) throw new RangeError(`${fn.name} has no prototype`);
  return fn.spec.signature;
}

export function sameValue(left: Value | null, right: Value | null): boolean {
  if (left === null || right === null || typeof left === 'bigint' || typeof right === 'bigint')
    return left === right;
  return left.length === right.length && left.every((member, index) => member === right[index]);
}
