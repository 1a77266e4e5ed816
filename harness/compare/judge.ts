// SPDX-License-Identifier: MIT
/**
 * One outcome against its case: the verdict on one subject by itself. Comparison with other subjects comes
 * after (compare.ts) and may still turn a PASS into a FAIL.
 */
import type { Case, Divergence, Expectation } from '../case/types.js';
import { absentSymbol, isAbsent, type Observation, type Outcome, subjectName } from '../target/outcome.js';
import { lacksAny } from './absent.js';
import { align } from './align.js';
import { diffExpected } from './diff.js';
import { applied, applying, effective } from './divergence.js';
import { satisfies } from './match.js';
import { fieldText } from './normal.js';
import { type Difference, firstDifference } from './phrase.js';
import { facts } from './sentence.js';
import type { Verdict } from './types.js';

/** An outcome and the Kconfig symbols that are on at its subject. */
export interface Result {
  readonly outcome: Outcome;
  readonly features: ReadonlySet<string>;
}

/** What of a case a verdict depends on. */
export type Judged = Pick<Case, 'id' | 'expect' | 'divergences'>;

type Finding = Pick<Verdict, 'status' | 'reason' | 'diff'>;

const PASS: Finding = { status: 'PASS', reason: '', diff: null };

/** What was found about lists of observations that passed as the case expects them: subjects share most lists. */
export type Judgements = Map<readonly Observation[], Pick<Verdict, 'status' | 'reason' | 'diff' | 'absent'>>;

/** @param known of this case, to be looked up and added to */
export function judge(spec: Judged, { outcome, features }: Result, known: Judgements = new Map()): Verdict {
  const divergences = applying(spec, outcome.subject, features);
  const { kind } = outcome.end;
  const plain = kind === 'completed' && divergences.length === 0;
  const before = plain ? known.get(outcome.observations) : undefined;
  if (before !== undefined) return verdict(spec, outcome, before, [], before.absent);
  const executed = kind === 'completed' || kind === 'crashed';
  const lacking = executed && outcome.observations.some(lacksAny);
  const found = honest(finding(spec, outcome, divergences), lacking ? outcome.observations : [], features);
  const absent = lacking ? absentIn(spec, outcome, divergences) : [];
  // What is absent may be there for the next subject.
  if (plain && !lacking && found === PASS) known.set(outcome.observations, { ...found, absent });
  return verdict(spec, outcome, found, executed ? divergences.map(applied) : [], absent);
}

function verdict(
  { id }: Judged,
  { subject }: Outcome,
  { status, reason, diff }: Finding,
  divergences: Verdict['divergences'],
  absent: Verdict['absent'],
): Verdict {
  return { case: id, subject, status, reason, diff, divergences, absent };
}

/** An absent field satisfies everything, so that it must not be absent for want of what the subject has. */
function honest(
  found: Finding,
  observations: readonly Observation[],
  features: ReadonlySet<string>,
): Finding {
  if (found.status !== 'PASS') return found;
  for (const { fields } of observations)
    for (const [field, value] of Object.entries(fields)) {
      const symbol = absentSymbol(value);
      if (symbol === null || !features.has(symbol)) continue;
      const reason = `${field} is not given for want of ${symbol}, which is there`;
      return { status: 'FAIL', reason, diff: null };
    }
  return found;
}

/** Symbols for lack of which asserted fields could not be judged. */
function absentIn(
  { expect }: Judged,
  { observations }: Outcome,
  divergences: readonly Divergence[],
): string[] {
  if (expect === null) return [];
  const { expectations } = effective(expect, divergences);
  const symbols = align(expectations, observations, (want, got) => satisfies(got, want)).flatMap(
    ([want, got]) => Object.keys(want?.fields ?? {}).map((name) => absentSymbol(got?.fields[name])),
  );
  return [...new Set(symbols.filter((symbol) => symbol !== null))].sort();
}

function finding(spec: Judged, outcome: Outcome, divergences: readonly Divergence[]): Finding {
  const { end, observations } = outcome;
  if (end.kind === 'unsupported') {
    return { status: 'UNSUPPORTED', reason: `lacks ${end.lacks.join(', ')}`, diff: null };
  }
  if (end.kind === 'skipped') return { status: 'SKIP', reason: end.why, diff: null };
  if (end.kind === 'error') return { status: 'ERROR', reason: end.why, diff: null };
  if (spec.expect === null) return withoutExpectation(outcome);
  const { expectations } = effective(spec.expect, divergences);
  const stale = unneeded(spec.expect, divergences, observations);
  if (stale.length > 0) {
    const because = stale.map((divergence) => divergence.because.trim()).join(' / ');
    return { status: 'XPASS', reason: `declared divergence no longer shows: ${because}`, diff: null };
  }
  if (matches(expectations, observations)) return PASS;
  return mismatch(expectations, outcome);
}

/** Declared divergences that apply and that the outcome does without: the verdict is XPASS for these. */
export function staleDivergences(spec: Judged, { outcome, features }: Result): readonly Divergence[] {
  const { end, observations, subject } = outcome;
  if (spec.expect === null || (end.kind !== 'completed' && end.kind !== 'crashed')) return [];
  return unneeded(spec.expect, applying(spec, subject, features), observations);
}

/** In order, and exact in number. */
function matches(expectations: readonly Expectation[], observations: readonly Observation[]): boolean {
  return (
    expectations.length === observations.length &&
    expectations.every((expected, index) => satisfies(observations[index] as Observation, expected))
  );
}

/** Divergences without which the outcome is as the case expects: each alone, else all together. */
function unneeded(
  expect: readonly Expectation[],
  divergences: readonly Divergence[],
  observations: readonly Observation[],
): readonly Divergence[] {
  if (divergences.length === 0) return [];
  const passes = (list: readonly Divergence[]) => matches(effective(expect, list).expectations, observations);
  const alone = divergences.filter(
    (one) =>
      passes(divergences.filter((other) => other !== one)) && !moot(expect, divergences, one, observations),
  );
  if (alone.length > 0) return alone;
  const needed = divergences.filter((one) => !moot(expect, divergences, one, observations));
  return needed.length > 0 && passes([]) ? needed : [];
}

/** Whether all that a divergence changes are fields this subject's kernel cannot give. */
function moot(
  expect: readonly Expectation[],
  divergences: readonly Divergence[],
  divergence: Divergence,
  observations: readonly Observation[],
): boolean {
  const { places } = effective(expect, divergences);
  return divergence.replace.every(({ at, by }) => {
    const seen = observations[places.indexOf(at - 1)];
    return 'fields' in by && Object.keys(by.fields).every((name) => isAbsent(seen?.fields[name]));
  });
}

function withoutExpectation({ end, observations }: Outcome): Finding {
  const fault = observations.find((observation) => observation.kind === 'fault');
  if (end.kind === 'crashed') return { status: 'CRASH', reason: end.why, diff: null };
  if (fault !== undefined) return { status: 'CRASH', reason: facts(fault), diff: null };
  const seen = observations.find(isNoticed);
  return seen === undefined ? PASS : { status: 'FAIL', reason: noticed(seen), diff: null };
}

function mismatch(expectations: readonly Expectation[], outcome: Outcome): Finding {
  const { end, observations } = outcome;
  const diff = diffExpected(expectations, observations, subjectName(outcome.subject));
  const unexpected = align(expectations, observations, (want, got) => satisfies(got, want)).find(
    ([want, got]) => got?.kind === 'fault' && (want === null || !satisfies(got, want)),
  )?.[1];
  if (unexpected) {
    return { status: 'CRASH', reason: end.kind === 'crashed' ? end.why : facts(unexpected), diff };
  }
  if (end.kind === 'crashed' && observations.at(-1)?.kind !== 'fault') {
    return { status: 'CRASH', reason: end.why, diff };
  }
  const seen = observations.find(isNoticed);
  if (seen !== undefined) return { status: 'FAIL', reason: noticed(seen), diff };
  const difference = firstDifference(expectations, observations, false);
  return { status: 'FAIL', reason: difference === undefined ? '' : unlike(difference), diff };
}

function unlike({ lead, left, right }: Difference): string {
  if (lead !== '') return `${lead} ${right}, expected ${left}`;
  return left === 'nothing' ? `not expected: ${right}` : `missing: ${left}`;
}

/** What nobody expects: tracing is noticed, or an interrupt is. */
function isNoticed({ kind }: Observation): boolean {
  return kind === 'transparency' || kind === 'disturbed';
}

function noticed({ kind, fields }: Observation): string {
  if (kind === 'disturbed') {
    const { by, at, what } = fields;
    return `${fieldText(by ?? 'an interrupt')} at ${fieldText(at ?? 'some place')} changes what is seen: ${String(what ?? '')}`;
  }
  const { function: where, what, ...rest } = fields;
  const facts = Object.entries(rest).map(([name, value]) => `${name} ${fieldText(value)}`);
  const told = [...(what === undefined ? [] : [String(what)]), ...facts].join(', ');
  return `tracing can be noticed${where === undefined ? '' : ` in ${fieldText(where)}`}: ${told}`;
}
