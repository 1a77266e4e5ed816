// SPDX-License-Identifier: MIT
/**
 * What the threads of a run say to each other. Plain records: they are copied from thread to thread.
 * A worker is made for a {@link Place} and is then told its {@link Share}, or `null` if there will be none. It says
 * {@link Ready} once, then {@link Ran} until its cases are done. A worker that dies is followed by another, which takes over
 * its share.
 */
import type { Runnable } from '../case/runnable.js';
import type { ExitCode } from '../compare/exit-codes.js';
import type { ImageSettings } from '../target/images.js';
import type { Outcome } from '../target/outcome.js';

/** What one worker is there for. */
export interface Place {
  readonly worker: number;
  /** Names of the subjects it runs cases on: `arm64@7.2/model`. */
  readonly subjects: readonly string[];
  /** Shared with who started the thread, who may ask it to end after the case under way: 1 instead of 0. */
  readonly stop: Int32Array;
  /** Which kernel images are meant. */
  readonly images?: ImageSettings;
}

/** What it is told to do. */
export interface Share {
  /** In the order in which it runs them. */
  readonly cases: readonly Runnable[];
  /**
   * Shared with who started the thread, who looks there when it has died: the place of the case under way among
   * {@link cases}; {@link STARTING} before the first.
   */
  readonly underWay: Int32Array;
  /** Cases that were told already, by a worker that died: those before this place. */
  readonly done: number;
  /** Places of cases that are not run again, since a worker died of each. */
  readonly lost: readonly number[];
}

export const STARTING = -1;

/** An error meant for people, as it will be printed. */
export interface Fault {
  readonly text: string;
  readonly exit: ExitCode;
}

export interface Ready {
  readonly kind: 'ready';
  /** First subject that could not be made ready, by name; the worker then runs nothing. */
  readonly broken: { readonly subject: string; readonly fault: Fault } | null;
}

export interface Ran {
  readonly kind: 'ran';
  /** By case, then by subject; none for a case that is lost. */
  readonly outcomes: readonly (readonly Outcome[])[];
}
