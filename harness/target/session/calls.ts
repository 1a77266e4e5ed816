// SPDX-License-Identifier: MIT
/**
 * Calls as compiled C code makes them: arguments and results where the ABI puts them, unspecified bits as
 * garbage, and everything a compiler may rely on checked: see {@link Calls.call}.
 */
import type { Abi, ArgumentPlace, Location, Placement } from '../../backend/contract.js';
import type { Signature, Value } from '../../ctype/types.js';
import type { PerTask, Tasks } from '../../ftrace/tasks.js';
import type { Machine } from '../../machine/types.js';
import type { Fn } from './address-book.js';
import type { Callouts } from './callouts.js';
import type { Frame, Frames } from './frames.js';
import type { Explainer, Host } from './host.js';
import { isVoid, loadValue, readPlace, toBytes, valueOfWords, wordsOf, writePlace } from './image.js';
import type { Preserved, Registers } from './registers.js';
import type { Activity } from './threads.js';

/** Argument words as placed, per parameter. */
export type ArgumentWords = readonly (readonly bigint[])[];

/** What handlers have changed on purpose, so that it is not held against transparency. */
export interface Touched {
  arguments: boolean;
  result: boolean;
  stack: boolean;
}

/** A call in progress, from the argument registers being set to the result being read. */
export interface Invocation {
  /** The function now running: changes on tail calls. */
  fn: Fn;
  readonly frame: Frame;
  /** S of the called function. */
  readonly sp: bigint;
  words: ArgumentWords;
  /** Frame pointer and preserved registers as the caller had them. */
  readonly preserved: Preserved;
  /** What else may be arguments: see {@link Abi.localArguments}. */
  readonly local: readonly bigint[];
  /** What the last body returned, to compare with what the caller receives. */
  returned: Value | null;
  readonly touched: Touched;
}

export interface CallResult {
  readonly value: Value | null;
  /** What a transparent tracer would not have done, one clause each. */
  readonly violations: readonly string[];
}

const NOWHERE: ArgumentPlace = { pieces: [], byReference: false };

export class Calls {
  readonly #running: PerTask<Invocation[]>;
  readonly #machine: Machine;
  readonly #abi: Abi;

  constructor(
    readonly host: Host,
    readonly explain: Explainer,
    readonly registers: Registers,
    readonly frames: Frames,
    readonly callouts: Callouts,
    tasks: Tasks,
  ) {
    this.#running = tasks.field(() => []);
    this.#machine = host.machine;
    this.#abi = host.backend.abi;
  }

  /** Of the task that runs, outermost first. */
  get running(): Invocation[] {
    return this.#running.current;
  }

  get innermost(): Invocation | undefined {
    return this.running.at(-1);
  }

  /**
   * Calls a function as compiled C code in `frame` would, and runs the machine until it is back. Checked on
   * return: SP, preserved registers, and that the result is what the body returned.
   */
  *call(fn: Fn, args: readonly Value[], frame: Frame): Activity<CallResult> {
    const { explain, registers, frames } = this;
    const machine = this.#machine;
    const abi = this.#abi;
    const signature = signatureOf(fn);
    const place = placementOf(fn);
    frames.ensure(frame);
    const frameSp = frame.sp;

    let low = frameSp;
    const spill = (bytes: Uint8Array): bigint => {
      low = (low - BigInt(bytes.length)) & ~15n;
      machine.store(low, bytes);
      return low;
    };
    const words = signature.parameters.map(({ type }, index) => {
      const { pieces, byReference } = place.parameters[index] ?? NOWHERE;
      const value = args[index] ?? 0n;
      if (byReference) return [spill(toBytes(value, type, abi.byteOrder))];
      return wordsOf(value, type, pieces, abi.narrowArgument, abi.byteOrder);
    });
    const hidden =
      place.hidden && !isVoid(signature.result) ? spill(new Uint8Array(signature.result.size)) : null;

    const area = place.stackBytes > 0 ? undefined : abi.callerArea;
    const sp = frames.aligned(low - BigInt(area ?? place.stackBytes + abi.stackArguments));
    frames.lower(frame, sp);
    // Before the arguments are set: one of their registers may be preserved.
    const own = registers.save();
    registers.clobber();
    this.#place(fn, words, sp);
    if (hidden !== null && place.hidden) machine.write(place.hidden.register, hidden);
    if (abi.linkRegister === null) machine.storeWord(sp, 8, frame.afterCall);
    else machine.write(abi.linkRegister, frame.afterCall);

    // An argument register may be one of them.
    const preserved = registers.changedSince(own).length === 0 ? own : registers.save();
    const local = registers.local();
    const touched: Touched = { arguments: false, result: false, stack: false };
    const invocation: Invocation = { fn, frame, sp, words, preserved, local, returned: null, touched };
    this.running.push(invocation);
    explain.enterCall(sp);
    explain.event(`call ${fn.name}`, `from ${frame.name}`);
    if (abi.entryRegister !== null) machine.write(abi.entryRegister, fn.symbol);
    machine.pc = fn.symbol;
    yield* this.callouts.runTo(frame.afterCall);
    this.running.pop();
    explain.event(`back in ${frame.name}`, `from ${fn.name}`);
    explain.leaveCall(sp);

    const value = this.#result(signature, place, hidden);
    const violations = this.#violations(invocation, value);
    frame.sp = frameSp;
    machine.write(abi.stackPointer, frameSp);
    registers.restore(own);
    frames.bury(frameSp);
    return { value, violations };
  }

  #place(fn: Fn, words: ArgumentWords, sp: bigint): void {
    placementOf(fn).parameters.forEach(({ pieces }, index) => {
      pieces.forEach((location, piece) => {
        writePlace(this.#machine, location, sp, words[index]?.[piece] ?? 0n);
        const part = pieces.length > 1 ? ` word ${piece}` : '';
        this.explain.event(`argument ${index}${part} of ${fn.name}`, () => whereIs(location));
      });
    });
  }

  #violations({ frame, preserved, returned, touched }: Invocation, value: Value | null): string[] {
    const violations: string[] = [];
    const off = this.frames.distance(frame.sp);
    if (off !== null) violations.push(`stack pointer is ${off} after the call`);
    for (const register of this.registers.changedSince(preserved))
      violations.push(`preserved register ${register} changed across the call`);
    if (returned !== null && !touched.result && !sameValue(value, returned))
      violations.push('the caller did not receive what the body returned');
    return violations;
  }

  #result({ result: type }: Signature, { result }: Placement, hidden: bigint | null): Value | null {
    if (isVoid(type)) return null;
    if (hidden !== null) return loadValue(this.#machine, hidden, type, this.#abi);
    const words = result.map((location) => readPlace(this.#machine, location, 0n));
    return valueOfWords(words, type, result, this.#abi.byteOrder);
  }

  /** Arguments of the function whose first body instruction is about to run, as its compiler reads them. */
  argumentsAtEntry(fn: Fn): { readonly values: readonly Value[]; readonly words: ArgumentWords } {
    const machine = this.#machine;
    const abi = this.#abi;
    const place = placementOf(fn);
    const { sp } = this.frames;
    const words = place.parameters.map(({ pieces }) =>
      pieces.map((location) => readPlace(machine, location, sp)),
    );
    const values = signatureOf(fn).parameters.map(({ type }, index) => {
      const { pieces, byReference } = place.parameters[index] ?? NOWHERE;
      const own = words[index] ?? [];
      if (byReference) return loadValue(machine, own[0] ?? 0n, type, abi);
      return valueOfWords(own, type, pieces, abi.byteOrder);
    });
    return { values, words };
  }

  /** Where the caller wants a result that is returned in memory; read at entry. */
  hiddenAtEntry(fn: Fn): bigint | null {
    const { hidden } = placementOf(fn);
    return hidden ? this.#machine.read(hidden.register) : null;
  }

  /** Puts a result where the ABI wants it, everything else clobbered. */
  writeResult(fn: Fn, value: Value | null, hidden: bigint | null): void {
    const machine = this.#machine;
    const { narrowResult, byteOrder } = this.#abi;
    const { result: type } = signatureOf(fn);
    const place = placementOf(fn);
    this.registers.clobber(true);
    if (isVoid(type) || value === null) return;
    if (hidden !== null) {
      machine.store(hidden, toBytes(value, type, byteOrder));
      if (place.hidden?.returned) machine.write(place.hidden.returned, hidden);
      return;
    }
    const words = wordsOf(value, type, place.result, narrowResult, byteOrder);
    place.result.forEach((location, index) => {
      writePlace(machine, location, 0n, words[index] ?? 0n);
    });
  }

  /** Replaces the arguments of the running invocation for a jump to another function. */
  writeTailArguments(fn: Fn, args: readonly Value[], hidden: bigint | null): ArgumentWords {
    const { narrowArgument, byteOrder } = this.#abi;
    const place = placementOf(fn);
    const { sp } = this.frames;
    this.registers.clobber(true);
    // The result of the one called last goes where the first caller wants it.
    if (hidden !== null && place.hidden) this.#machine.write(place.hidden.register, hidden);
    return signatureOf(fn).parameters.map(({ type }, index) => {
      const { pieces } = place.parameters[index] ?? NOWHERE;
      const words = wordsOf(args[index] ?? 0n, type, pieces, narrowArgument, byteOrder);
      for (const [piece, location] of pieces.entries())
        writePlace(this.#machine, location, sp, words[piece] ?? 0n);
      return words;
    });
  }
}

function whereIs(location: Location): string {
  return location.in === 'register' ? `in ${location.register}` : `stored to S+0x${location.at.toString(16)}`;
}

export function signatureOf(fn: Fn): Signature {
  if (!fn.spec) throw new RangeError(`${fn.name} has no prototype`);
  return fn.spec.signature;
}

function placementOf(fn: Fn): Placement {
  if (!fn.placement) throw new RangeError(`${fn.name} has no prototype`);
  return fn.placement;
}

function sameValue(left: Value | null, right: Value | null): boolean {
  if (left === null || right === null || typeof left === 'bigint' || typeof right === 'bigint')
    return left === right;
  return left.length === right.length && left.every((member, index) => member === right[index]);
}
