// SPDX-License-Identifier: MIT
/**
 * What BPF trampolines are made of: programs, images, and what several changes at once come to. linux 7.2
 * include/linux/bpf.h: struct bpf_trampoline, struct bpf_tramp_image; kernel/bpf/trampoline.c.
 */
import type { PerTask } from './tasks.js';
import type { DynFtrace, FtraceOps } from './types.js';

export type BpfKind = 'fentry' | 'fmod_ret' | 'fexit' | 'fsession';

/** Where a program runs. A session has two places: before the body and behind it. */
export type Place = 'fentry' | 'fmod_ret' | 'fexit';

/** A loaded program. */
export interface BpfProgram {
  readonly kind: BpfKind;
  /** `context`: address of the argument words. Gives what the program ends with, 64 bits. */
  run(rec: DynFtrace, context: bigint): bigint;
  /** prog->active, which is of the CPU: each task has one to itself. */
  readonly active: PerTask<boolean>;
  /** recursion_misses. */
  misses: number;
  /** Runs counted by the exit helper, as with kernel.bpf_stats_enabled. */
  runCount: number;
}

/** How far the programs of one place are, in a trampoline that calls the helpers around each. */
export interface Sequence {
  readonly image: Image;
  readonly programs: readonly BpfProgram[];
  at: number;
  /** The one that was entered. */
  entered: BpfProgram | null;
}

/** What __bpf_prog_enter() gives where nobody keeps times, and the first time that is one. 0: not to be run. */
export const NO_START_TIME = 1n;
export const START_TIME = NO_START_TIME + 1n;

export type Programs = Readonly<Record<Place, readonly BpfProgram[]>>;

/** struct bpf_tramp_image. */
export interface Image {
  readonly rec: DynFtrace;
  /** Symbol of its code. */
  readonly stub: string;
  readonly address: bigint;
  /** As attached when it was made, newest first. */
  readonly programs: Programs;
  readonly callsOriginal: boolean;
  /** Programs detached since: calls in flight jump over them. */
  readonly skipped: Set<BpfProgram>;
  /** Replaced: calls in flight jump from the body to the epilogue. */
  bypassed: boolean;
}

/** BPF_TRAMP_F_*: what the image calls, and what an IPMODIFY ops on the function asked for. */
export interface Flags {
  readonly callOrig: boolean;
  readonly origStack: boolean;
  readonly skipFrame: boolean;
  readonly shareIpmodify: boolean;
}

export interface Trampoline {
  readonly rec: DynFtrace;
  readonly slot: number;
  readonly ops: FtraceOps;
  /** struct btf_func_model.arg_size: bytes. */
  readonly sizes: readonly number[];
  programs: Programs;
  flags: Flags;
  image: Image | null;
  /** The last image of each code: while one takes the place of another, both run. */
  readonly images: Map<string, Image>;
}

/** One function of those that a program is attached to together. */
export interface MultiTarget {
  readonly rec: DynFtrace;
  /** Of the arguments, in bytes. */
  readonly sizes: readonly number[];
}

/** What changes of several trampolines come to: struct bpf_tracing_multi_data, and what each was before. */
export interface Batch {
  readonly add: Map<bigint, bigint>;
  readonly modify: Map<bigint, bigint>;
  readonly remove: Map<bigint, bigint>;
  readonly before: { readonly trampoline: Trampoline; readonly image: Image | null; readonly flags: Flags }[];
}

export const NOTHING: Flags = { callOrig: false, origStack: false, skipFrame: false, shareIpmodify: false };

/** 8-byte words that arguments of these sizes fill. */
export function argumentWords(sizes: readonly number[]): number {
  return sizes.reduce((words, size) => words + Math.ceil(size / 8), 0);
}

export function newBatch(): Batch {
  return { add: new Map(), modify: new Map(), remove: new Map(), before: [] };
}

export function placesOf({ kind }: BpfProgram): readonly Place[] {
  return kind === 'fsession' ? ['fentry', 'fexit'] : [kind];
}

export function attached({ programs }: Trampoline, program: BpfProgram): boolean {
  return placesOf(program).some((place) => programs[place].includes(program));
}

export function attachedAny({ programs: { fentry, fmod_ret, fexit } }: Trampoline): boolean {
  return fentry.length + fmod_ret.length + fexit.length > 0;
}
