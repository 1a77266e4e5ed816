// SPDX-License-Identifier: MIT
/** Filters of the command line: before a run, and over what a log or a finished run has. */
import type { Case } from '../case/types.js';
import { EXIT } from '../compare/exit-codes.js';
import type { Axis } from '../compare/types.js';
import type { Parse } from '../plan/cases.js';
import { asksFor, compile, firstAboutResults, type Given } from '../plan/filter/compile.js';
import { FilterError } from '../plan/filter/error.js';
import { parseFilter } from '../plan/filter/syntax.js';
import type { Candidate, Test } from '../plan/filter/types.js';
import { Problem } from '../plan/problem.js';
import type { CaseEvent, HeaderEvent } from '../report/events.js';
import { familyOf } from '../report/rows.js';
import type { Invocation } from './invocation.js';
import { selectedSubjects } from './selection.js';

/** `--filter`, else what the environment says. */
export function filterGiven({ options, io }: Pick<Invocation, 'options' | 'io'>): Given | null {
  if (options.filter !== undefined) return { text: options.filter, origin: '--filter' };
  const text = io.environment.FTRACE_CONFORM_FILTER;
  return text ? { text, origin: 'FTRACE_CONFORM_FILTER' } : null;
}

export interface RunFilter {
  /** Whether a case is to run: only where its results cannot matter, or may make it wanted. */
  readonly runs: (spec: Case) => boolean;
  /** Whether a case that has run is to be shown; `null`: all are. */
  readonly shows: ((event: CaseEvent) => boolean) | null;
}

/**
 * @param cases those selected, whose names it may use, with those of all case files
 * @param results whether there will be any
 * @throws FilterError
 */
export async function filterForRun(
  given: Given,
  cases: readonly Case[],
  files: readonly { readonly id: string; readonly file: string }[],
  invocation: Invocation,
  results: boolean,
): Promise<RunFilter> {
  const term = parseFilter(given.text, given.origin);
  const about = firstAboutResults(term);
  if (about !== null && !results) {
    throw new FilterError(
      given.origin,
      given.text,
      about.span,
      `\`${about.name}\` asks about results, and before a run there are none; a run, report LOG and list --from LOG can tell`,
    );
  }
  const features = cases.flatMap(({ requires }) => requires);
  if (asksFor(term, 'features')) {
    const backends = await invocation.wiring.backends([]);
    features.push(...backends.flatMap(({ backend }) => Object.keys(backend.features)));
  }
  const subjects =
    about === null
      ? []
      : (await selectedSubjects(invocation)).map(({ target, short }) => ({ id: target.id, short }));
  const test = compile(term, given, {
    paths: [...cases, ...files],
    features: [...new Set(features)],
    subjects,
    axis: invocation.options.compare,
  });
  const kinds = new Map<string, readonly string[]>();
  return {
    runs: (spec) => {
      kinds.set(spec.id, kindsOf(spec));
      return test(candidate(spec, () => kindsOf(spec), null)) !== false;
    },
    shows: about === null ? null : (event) => holds(test, event, () => kinds.get(event.spec.id) ?? []),
  };
}

/** Over the cases of a log. @throws FilterError */
export async function filterForLog(
  given: Given,
  cases: readonly CaseEvent[],
  { subjects, axis }: { subjects: HeaderEvent['subjects']; axis: Axis },
  { wiring }: Pick<Invocation, 'wiring'>,
): Promise<(event: CaseEvent) => boolean> {
  const term = parseFilter(given.text, given.origin);
  const test = compile(term, given, {
    paths: cases.map(({ spec }) => spec),
    features: [
      ...new Set([
        ...cases.flatMap(({ spec }) => spec.requires),
        ...subjects.flatMap(({ features }) => features),
      ]),
    ],
    subjects,
    axis,
  });
  const parse = asksFor(term, 'kinds') ? await wiring.textParser() : null;
  const specs = parse && caseOf(parse);
  return (event) => holds(test, event, () => (specs === null ? [] : kindsOf(specs(event))));
}

/** Cases as their texts in a log mean them; each file is parsed once. */
export function caseOf(parse: Parse): (event: Pick<CaseEvent, 'spec'>) => Case {
  let before: { file: string; text: string; cases: Map<string, Case> } | undefined;
  return ({ spec }) => {
    if (before?.file !== spec.file || before.text !== spec.text) {
      const { cases } = parse(spec.file, spec.text, familyOf({ spec }));
      before = { ...spec, cases: new Map(cases.map((one) => [one.id, one])) };
    }
    const found = before.cases.get(spec.id);
    if (found === undefined) {
      throw new Problem(`the text that the log has of ${spec.id} has no such case`, EXIT.refused);
    }
    return found;
  };
}

function kindsOf({ probes }: Case): string[] {
  return probes.map(({ kind }) => kind);
}

function candidate(
  { id, file, title, covers, requires }: CaseEvent['spec'],
  kinds: Candidate['kinds'],
  comparison: Candidate['comparison'],
): Candidate {
  return { id, file, title, covers, requires, kinds, comparison };
}

function holds(test: Test, { spec, comparison }: CaseEvent, kinds: Candidate['kinds']): boolean {
  return test(candidate(spec, kinds, comparison)) === true;
}
