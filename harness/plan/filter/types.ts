// SPDX-License-Identifier: MIT
/** What a filter becomes, and what it may be about. */
import type { Case } from '../../case/types.js';
import type { Axis, Comparison } from '../../compare/types.js';
import type { SubjectId } from '../../target/outcome.js';
import type { Span } from './error.js';
import type { Pathed } from './paths.js';

/** What a filter may ask about. */
export interface Candidate extends Pathed, Pick<Case, 'title' | 'covers' | 'requires'> {
  /** Of its probes; a log has the text only, so they are asked for where they are needed. */
  kinds(): readonly string[];
  /** `null`: it has not run. */
  readonly comparison: Comparison | null;
}

/** `null`: only results can tell. */
export type Test = (candidate: Candidate) => boolean | null;

/** Names there are. */
export interface Words {
  /** Cases and case files a path can mean. */
  readonly paths: readonly Pathed[];
  readonly features: readonly string[];
  /** Those of the run or log. */
  readonly subjects: readonly { readonly id: SubjectId; readonly short: string }[];
  readonly axis: Axis;
}

export type Fail = (span: Span, why: string) => never;
