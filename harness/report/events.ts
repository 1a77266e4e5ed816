// SPDX-License-Identifier: MIT
/**
 * The event stream of a run. Terminal, JSON lines, JSON and HTML are listeners; a stored JSON-lines log
 * replays into any of them. Events are serialisable, in a fixed order that does not depend on timing:
 * header, one `case` per case sorted by id, footer.
 */
import type { Case } from '../case/types.js';
import type { Axis, Comparison, Status } from '../compare/types.js';
import type { SubjectId } from '../target/outcome.js';

export interface HeaderEvent {
  readonly event: 'header';
  /** Log format; a reader refuses what it does not know. */
  readonly format: 2;
  readonly harness: string;
  /** Version of how cases are interpreted; logs of different versions are not comparable. */
  readonly interpretation: number;
  /** sha256 over ids and texts of the selected cases, hex. */
  readonly caseSet: string;
  readonly axis: Axis;
  readonly subjects: readonly {
    readonly name: string;
    /** Column head, at most a few letters: `a64`, or `a64@6.1` where revisions are compared. */
    readonly short: string;
    readonly id: SubjectId;
    /** Sorted. */
    readonly features: readonly string[];
  }[];
  readonly seed: number;
  /** Arguments as given, without paths of the machine. */
  readonly command: readonly string[];
  /** Of a part of a run: shard `index` of `of`, from 1; `caseSet` is that of all shards together. */
  readonly shard?: { readonly index: number; readonly of: number; readonly caseSet: string };
  readonly rerun?: {
    /** Command of the whole. */
    readonly of: readonly string[];
    /** Cases that needed none, with a digest of the text that was as expected. */
    readonly settled: Readonly<Record<string, string>>;
    /** Names of the subjects on which that is settled; logs of old lack it. */
    readonly subjects?: readonly string[];
    /** Ids of the cases that need one still, here or on other subjects; logs of old lack it. */
    readonly left?: readonly string[];
    /** Their number. */
    readonly outstanding: number;
  };
}

export interface CaseEvent {
  readonly event: 'case';
  readonly spec: Pick<Case, 'id' | 'file' | 'title' | 'why' | 'source' | 'covers' | 'requires' | 'text'>;
  readonly comparison: Comparison;
}

export interface FooterEvent {
  readonly event: 'footer';
  readonly complete: boolean;
  readonly cases: number;
  readonly counts: Readonly<Record<Status, number>>;
  /** Cases whose outcomes differ without a declared reason. */
  readonly unexplained: number;
  /** PASS verdicts that left an asserted field unjudged, since their kernel does not give it. */
  readonly partial: number;
  readonly exitCode: number;
  readonly interrupted: boolean;
}

export type RunEvent = HeaderEvent | CaseEvent | FooterEvent;

/** A format: one file each, optional hooks, called in order of the stream. */
export interface Listener {
  header?(event: HeaderEvent): void;
  case?(event: CaseEvent): void;
  footer?(event: FooterEvent): void;
}
