// SPDX-License-Identifier: MIT
/** What a target gives back: plain, serialisable records in normal form. */

/** A field's normal form: addresses relocated, stack relative, poison `stale`. */
export type FieldText = string | readonly string[];

/** One thing seen. Field order is fixed per kind, so that equal observations have equal text. */
export interface Observation {
  readonly kind:
    | 'entry'
    | 'post'
    | 'exit'
    | 'body'
    | 'result'
    | 'error'
    | 'event'
    | 'record'
    | 'count'
    | 'link_info'
    | 'stack_trace'
    | 'enabled_functions'
    /** A machine fault, or a return to the wrong place. Ends the case. */
    | 'fault'
    /** The traced function or its caller could tell that it was traced. Always unexpected. */
    | 'transparency'
    /** An interrupt in the tracing code changed what was seen without it. Always unexpected. */
    | 'disturbed';
  readonly fields: Readonly<Record<string, FieldText>>;
}

/** Back-end × revision × target: `arm64@7.2/model`. */
export interface SubjectId {
  readonly arch: string;
  readonly revision: string;
  readonly target: string;
}

export function subjectName(subject: SubjectId): string {
  return `${subject.arch}@${subject.revision}/${subject.target}`;
}

/** How the run of a case ended. */
export type OutcomeEnd =
  | { readonly kind: 'completed' }
  /** The subject lacks features the case requires. */
  | { readonly kind: 'unsupported'; readonly lacks: readonly string[] }
  /** A machine fault: the last observation is the `fault`. */
  | { readonly kind: 'crashed'; readonly why: string }
  /** The target cannot be started here. */
  | { readonly kind: 'skipped'; readonly why: string }
  /** The case or the back-end asked for something impossible: no verdict on the target. */
  | { readonly kind: 'error'; readonly why: string };

export interface Outcome {
  readonly case: string;
  readonly subject: SubjectId;
  readonly end: OutcomeEnd;
  readonly observations: readonly Observation[];
  /** Machine instructions executed; `null` where the target does not count them. */
  readonly instructions: number | null;
}

/**
 * Text of a field that the kernel of this revision has no means to give: `(no ftrace_regs_get_return_address)`. It
 * names the function or Kconfig symbol that would give it, so it explains itself: it satisfies any
 * expectation of the field, and does not count when subjects are compared.
 */
export function absent(symbol: string): string {
  return `(no ${symbol})`;
}

/** The symbol of {@link absent}; `null` for any other text. */
export function absentSymbol(value: FieldText | undefined): string | null {
  return isAbsent(value) ? (value as string).slice('(no '.length, -1) : null;
}

export function isAbsent(value: FieldText | undefined): boolean {
  return typeof value === 'string' && value.startsWith('(no ') && value.endsWith(')');
}
