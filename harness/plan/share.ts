// SPDX-License-Identifier: MIT
/**
 * What the threads of a run say to each other. Plain records: they are copied from thread to thread.
 * A worker says {@link Ready} once, then {@link Compared} until its cases are done. A worker that dies is followed by
 * another, which takes over its share.
 */
import type { ExitCode } from '../compare/exit-codes.js';
import type { Axis, Comparison } from '../compare/types.js';
import type { CaseSpec, Course } from './run.js';
import type { Selected } from './select.js';

/** What all workers are told. */
export interface Orders {
  readonly selection: readonly Selected[];
  /** Names of back-ends; empty means all. */
  readonly arch: readonly string[];
  /** Empty means all. */
  readonly revisions: readonly string[];
  readonly axis: Axis;
}

/** What one worker is told: it takes every `of`th file of the selection, beginning with file `worker`. */
export interface Share extends Orders {
  readonly worker: number;
  readonly of: number;
  /**
   * Shared with who started the thread, who looks there when it has died: the place of the case under way, counted
   * over the cases of the share sorted by id; {@link STARTING} before the first.
   */
  readonly underWay: Int32Array;
  /** Cases that were told already, by a worker that died: those before this place. */
  readonly done: number;
  /** Cases that are not run again, since a worker died of each. */
  readonly lost: readonly Lost[];
}

export const STARTING = -1;

export interface Lost {
  readonly place: number;
  /** What is told instead of an outcome. */
  readonly why: string;
}

/** An error meant for people, as it will be printed. */
export interface Fault {
  readonly text: string;
  readonly exit: ExitCode;
}

/** All cases of a file, those selected with their errors of vocabulary, or why there are none. */
export type FileRead =
  | { readonly cases: readonly (CaseSpec & { readonly unknown: readonly string[] })[] }
  | { readonly fault: Fault };

export interface Ready {
  readonly kind: 'ready';
  /** In order of the worker's share. */
  readonly files: readonly FileRead[];
  readonly subjects: Course['subjects'] | { readonly fault: Fault };
  /** How many it compares; 0 when it runs nothing. */
  readonly cases: number;
  /** First subject that could not be made ready, by index; the worker then runs nothing. */
  readonly broken: { readonly subject: number; readonly fault: Fault } | null;
}

export interface Compared {
  readonly kind: 'compared';
  readonly comparisons: readonly Comparison[];
}
