// SPDX-License-Identifier: MIT
/** A place where cases run: one subject, asked case by case. */
import type { Runnable } from '../case/runnable.js';
import type { Outcome, SubjectId } from './outcome.js';

/** One event of an `explain` trace, in execution order. Texts are in normal form. */
export type TraceEvent =
  /** A machine instruction. `stores` by field name where the address lies in a known structure. */
  | {
      readonly kind: 'instruction';
      /** `ftrace_caller+0x14` */
      readonly at: string;
      /** `trampoline.S:42`, or `''` for patched bytes. */
      readonly where: string;
      readonly text: string;
      readonly registers: readonly (readonly [name: string, value: string])[];
      readonly stores: readonly (readonly [place: string, value: string])[];
    }
  /** The harness acted as C code, patched text, or pushed or popped the shadow stack. */
  | {
      readonly kind: 'event';
      /** Arch-neutral name by which two traces are aligned: `argument 6`, `enter ftrace_ops_list_func`. */
      readonly name: string;
      /** How it was here: `in register x6`, `store to S+0x8`. */
      readonly detail: string;
    }
  /** `place`: in the outcome, from 0; -1: not part of it. Observations of interrupts come earlier here than there. */
  | { readonly kind: 'observation'; readonly text: string; readonly place?: number };

export interface Target {
  readonly id: SubjectId;
  /** Kconfig names that are on. */
  readonly features: ReadonlySet<string>;
  /** What every case needs and the subject has not: it runs none, and says so. Absent: it has all. */
  readonly missing?: readonly string[];
  /** Why it cannot run anything here and what to do about it, in one sentence: every case is skipped. Absent: it can. */
  readonly skips?: string;
  /**
   * Makes ready to run, if it is not: what is wrong with the subject itself shows here, before anything runs.
   * @throws errors with a `render()`
   */
  prepare?(): void;
  /** Never throws for what a case or a trampoline does. */
  run(spec: Runnable): Outcome;
  /** As `run`, with the trace of everything that happened. Absent: it cannot trace. */
  explain?(spec: Runnable): { readonly outcome: Outcome; readonly trace: readonly TraceEvent[] };
  /** Gives back what `prepare`, `run` and `explain` took: processes, files, threads. May be called more than once. */
  close?(): void;
}
