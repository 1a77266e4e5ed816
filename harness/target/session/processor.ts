// SPDX-License-Identifier: MIT
/**
 * C code on the machine. Everything a compiler may do is done: caller-saved registers and dead stack are
 * poisoned whenever C code has run, unspecified bits are garbage. Everything a compiler may rely on is checked.
 */
import type { Abi, Caller } from '../../backend/contract.js';
import type { Tasks } from '../../ftrace/tasks.js';
import type { Machine } from '../../machine/types.js';
import type { AddressBook } from './address-book.js';
import { Breakpoints } from './breakpoints.js';
import { Callouts } from './callouts.js';
import { Calls } from './calls.js';
import { Exceptions } from './exceptions.js';
import { Frames } from './frames.js';
import type { Explainer, Host } from './host.js';
import { Moments } from './moments.js';
import { Registers } from './registers.js';

export class Processor {
  readonly machine: Machine;
  readonly abi: Abi;
  readonly registers: Registers;
  readonly breakpoints: Breakpoints;
  readonly moments: Moments;
  readonly frames: Frames;
  readonly callouts: Callouts;
  readonly calls: Calls;
  readonly exceptions: Exceptions;

  constructor(host: Host, book: AddressBook, explain: Explainer, tasks: Tasks) {
    this.machine = host.machine;
    this.abi = host.backend.abi;
    this.registers = new Registers(host);
    this.frames = new Frames(host, book, tasks);
    this.breakpoints = new Breakpoints(host, this.frames);
    this.moments = new Moments();
    this.callouts = new Callouts(
      host,
      book,
      explain,
      this.registers,
      this.frames,
      this.breakpoints,
      this.moments,
    );
    this.calls = new Calls(host, explain, this.registers, this.frames, this.callouts, tasks);
    this.exceptions = new Exceptions(host, explain, this.registers, this.frames, this.callouts);
  }

  /**
   * The C function of that name, which runs now, as it sees itself. Where a list function called it, it has no frame of its
   * own here, and lies where that one does.
   */
  callerOf(name: string): Caller {
    const frame = this.frames.innermost;
    if (!frame) throw new RangeError(`${name} does not run`);
    this.frames.ensure(frame);
    const { frame: shape, linkRegister } = this.abi;
    const pushed = linkRegister === null ? 8n : 0n;
    const fp =
      shape.framePointer === null
        ? frame.entrySp - pushed
        : frame.entrySp - BigInt(shape.size) + BigInt(shape.framePointer);
    return { ip: frame.name === name ? frame.returnAddress : frame.afterCall, sp: frame.sp, fp };
  }
}
