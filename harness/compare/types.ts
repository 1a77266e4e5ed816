// SPDX-License-Identifier: MIT
/** What comparison adds to outcomes: verdicts, differences, classes, sentences. Plain records. */
import type { Outcome, SubjectId } from '../target/outcome.js';
import type { Parting } from './parting.js';

/** What a comparison varies, the other two held. */
export type Axis = 'arch' | 'revision' | 'target';

/** See the vocabulary table for meaning, letters and exit effects. */
export type Status =
  | 'PASS'
  | 'FAIL'
  | 'XFAIL'
  | 'XPASS'
  | 'UNSUPPORTED'
  | 'SKIP'
  | 'TIMEOUT'
  | 'CRASH'
  | 'ERROR'
  | 'MISS';

/** A declared divergence that applied to a subject. */
export interface AppliedDivergence {
  readonly because: string;
  readonly source: string;
  /** `line:column` in the case file. */
  readonly at: string;
}

/** Verdict on one case × subject. */
export interface Verdict {
  readonly case: string;
  readonly subject: SubjectId;
  readonly status: Status;
  /** One sentence; empty for PASS. For UNSUPPORTED the features lacking. */
  readonly reason: string;
  /** Unified diff of expected and observed normal forms; `null` when they agree. */
  readonly diff: string | null;
  readonly divergences: readonly AppliedDivergence[];
  /**
   * What this kernel would need to give fields that the case asserts, by API name, sorted: such a field was not
   * judged (see `absent` of target/outcome.ts).
   */
  readonly absent: readonly string[];
}

/** Subjects whose outcomes of one case are equal along the compared axis. */
export interface OutcomeClass {
  /** Subject names, sorted. */
  readonly subjects: readonly string[];
  /** Normal form, one line per observation. */
  readonly text: readonly string[];
}

/** One case over all its subjects. */
export interface Comparison {
  readonly case: string;
  /** Verdicts in subject order. */
  readonly verdicts: readonly Verdict[];
  /** Largest class first; one class: all agree. UNSUPPORTED subjects are in none. */
  readonly classes: readonly OutcomeClass[];
  /** Odd-one-out sentence: `only x86_64 differs: …`; `null` when all agree. */
  readonly sentence: string | null;
  /** Whether every difference between classes is declared with reason and source. */
  readonly explained: boolean;
  readonly outcomes: readonly Outcome[];
  /** Where the first failing subject parts from the others; only of cases that fail. */
  readonly parting?: Parting;
}
