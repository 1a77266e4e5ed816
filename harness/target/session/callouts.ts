// SPDX-License-Identifier: MIT
/** Where the machine stops and the session acts as C code: callouts, and C functions played at them. */
import { MachineFault, type Stop } from '../../machine/types.js';
import type { AddressBook } from './address-book.js';
import type { Breakpoints } from './breakpoints.js';
import { type Frames, RETURN_ADDRESS } from './frames.js';
import { Crash, type Explainer, type Host } from './host.js';
import type { Moments } from './moments.js';
import type { Registers } from './registers.js';
import type { Activity } from './threads.js';

/** Gets the argument registers; what it returns goes to the result register. */
export type CBody = (args: readonly bigint[]) => bigint | undefined;

/** From a C function's address to the place its calls return to. */
const AFTER_CALL = 8n;

/** Nothing is to be done here: somebody has returned where nobody had called from. */
const RETURN_PLACE = 'return place';

export class Callouts {
  readonly #acts = new Map<bigint, (() => void) | typeof RETURN_PLACE>();
  readonly #bodies = new Map<bigint, () => Activity>();
  /** Delivers a breakpoint exception; false where the kernel would die of it. */
  onTrap: (pc: bigint) => boolean = () => false;

  constructor(
    readonly host: Host,
    readonly book: AddressBook,
    readonly explain: Explainer,
    readonly registers: Registers,
    readonly frames: Frames,
    readonly breakpoints: Breakpoints,
    readonly moments: Moments,
  ) {}

  /** Runs `act` whenever the machine reaches the address. `entry`: a function begins there. */
  on(address: bigint, act: () => void, entry = false): void {
    this.#acts.set(address, act);
    this.host.machine.setCallout(address, entry);
  }

  /** As {@link on}, for what may sleep. */
  onBody(address: bigint, play: () => Activity): void {
    this.#bodies.set(address, play);
    this.host.machine.setCallout(address);
  }

  /** Marks a place calls return to; reaching it outside its call is a return to the wrong place. */
  returnPlace(address: bigint): void {
    this.#acts.set(address, RETURN_PLACE);
    this.host.machine.setCallout(address);
  }

  /** Runs until a callout at `until`; other callouts act on the way. */
  *runTo(until: bigint): Activity {
    const { machine } = this.host;
    const { breakpoints, moments } = this;
    for (;;) {
      moments.come('instruction');
      const stop = moments.watched ? machine.run(1) : machine.run();
      if (stop.kind === 'limit') continue;
      if (stop.kind === 'trap' && (breakpoints.emulate(stop.pc) || this.onTrap(stop.pc))) continue;
      if (stop.kind !== 'callout') {
        throw new Crash(`${stop.kind}: ${stop.why}`, this.#placeOf(stop));
      }
      this.frames.sound();
      if (stop.pc === until) return;
      const play = this.#bodies.get(stop.pc);
      if (play) {
        yield* play();
        continue;
      }
      const act = this.#acts.get(stop.pc);
      if (!act) throw new MachineFault('fault', `callout at unknown 0x${stop.pc.toString(16)}`);
      if (act === RETURN_PLACE) this.#astray(stop.pc);
      else act();
    }
  }

  /** Where an endless loop is stopped within a function is chance. */
  #placeOf({ kind, pc }: Stop): string {
    const name = this.book.codeName(pc) ?? `0x${pc.toString(16)}`;
    return kind === 'budget' ? name.replace(/\+0x[0-9a-f]+$/, '') : name;
  }

  #astray(address: bigint): never {
    const where = this.book.codeName(address) ?? 'unknown code';
    throw new Crash(`returned into ${where}, which had made no such call`, where);
  }

  /** A C function entered by a call instruction. @param place where it is when it calls, if not there */
  cFunction(name: string, address: bigint, body: CBody, place = address): void {
    const afterCall = place + AFTER_CALL;
    this.on(address, () => this.#play(name, afterCall, body), true);
    this.returnPlace(afterCall);
  }

  #play(name: string, afterCall: bigint, body: CBody): void {
    const { explain, registers, frames } = this;
    const { machine, backend } = this.host;
    const { abi } = backend;
    const { sp } = frames;
    if (!frames.isAligned(sp)) throw new Crash(`${name} called with a misaligned stack pointer`, name);
    this.moments.come('before_callback');
    explain.event(`enter ${name}`, '');
    const preserved = registers.save();
    const frame = frames.bare(name, afterCall);
    const result = body(registers.arguments());
    frames.open.pop();
    registers.restore(preserved);
    registers.clobber();
    const [first] = abi.returnRegisters;
    if (result !== undefined && first !== undefined) machine.write(first, result);
    frames.bury(sp);
    machine.write(abi.stackPointer, abi.linkRegister === null ? sp + RETURN_ADDRESS : sp);
    machine.pc = frame.returnAddress;
    explain.event(`leave ${name}`, '');
    this.moments.come('after_callback');
  }
}
