// SPDX-License-Identifier: MIT
/**
 * What a session needs of its target: a machine with the trampolines in it, and their symbols. The interpreter
 * and QEMU user mode both provide it.
 */
import type { Backend, Config } from '../../backend/contract.js';
import type { TrampolineText } from '../../machine/asm/trampoline-text.js';
import type { Machine } from '../../machine/types.js';
import type { OpenObservation } from './recorder.js';

/** From the start of kernel text to the far text. */
export const FAR = 0x2000_0000n;
export const FAR_BYTES = 0x2000;
/** To either side of kernel text: what a branch with 26 bits for words just reaches, or just does not. */
export const LIMIT_MIB = 128;
/** Behind the furthest site, for the trampoline that lies this far from it. */
export const LIMIT_BYTES = 0x1000;

export interface Host {
  readonly backend: Backend;
  readonly config: Config;
  /** In its pristine state: trampolines assembled, call sites not yet there, every register poisoned. */
  readonly machine: Machine;
  /** Symbols of the trampoline sources, the slots, the C functions and the data cells. */
  readonly symbols: ReadonlyMap<string, bigint>;
  /** The trampoline sources, assembled. */
  readonly text: TrampolineText;
  /** First address behind the data cells the sources name. */
  readonly endOfCells: bigint;
  /** First address behind the room for kernel data. */
  readonly endOfData: bigint;
  /** Executable memory of {@link FAR_BYTES} out of the reach of short branches, with nothing in it. */
  readonly farText: bigint;
  /**
   * C functions that lie in code of others → the place of one of ours: calls which they make return there. Absent: all are
   * ours.
   */
  readonly places?: ReadonlyMap<bigint, bigint>;
  /** Symbol of the assembled text containing an address. */
  symbolOf(address: bigint): { readonly name: string; readonly offset: number } | undefined;
  /** Instructions executed since the machine was reset. */
  steps(): number | null;
}

/** What costs something to say is said only when somebody listens. */
export type Detail = string | (() => string);

/** Listens to a session on behalf of `explain`. */
export interface Explainer {
  /** The session begins; code addresses are called so. */
  begin(nameOf: (address: bigint) => string): void;
  /** It is over; what the machine does next is of another session. */
  end(): void;
  /** The C side acted: `name` is the same on every architecture, `detail` is how it was here. */
  event(name: string, detail: Detail): void;
  /** A call whose S is `sp` begins; it ends with {@link leaveCall}. */
  enterCall(sp: bigint): void;
  leaveCall(sp: bigint): void;
  /** The callback being entered was given this ftrace_regs. */
  sawFtraceRegs(address: bigint): void;
  /** An observation was made; its fields may still come. */
  observed(observation: OpenObservation): void;
  /** What has been told up to here; {@link forget} takes back all that came after. */
  mark(): number;
  forget(mark: number): void;
}

/** Nobody listens. */
export const silent: Explainer = {
  begin: () => {},
  end: () => {},
  event: () => {},
  enterCall: () => {},
  leaveCall: () => {},
  sawFtraceRegs: () => {},
  observed: () => {},
  mark: () => 0,
  forget: () => {},
};

/** The machine did what no kernel survives. Ends the case with a `fault` observation. */
export class Crash extends Error {
  override readonly name = 'Crash';
  constructor(
    readonly why: string,
    /** Where, in normal form. */
    readonly at: string,
  ) {
    super(why);
  }
}

/** The case asks for something that cannot be done: no verdict on the subject. */
export class CaseProblem extends Error {
  override readonly name = 'CaseProblem';
}
