// SPDX-License-Identifier: MIT
/** What a change changed, case by case: for the worse, for the better, or otherwise, with what is seen now. */
import { diffLines } from '../../compare/diff.js';
import { normalForm, sameLists } from '../../compare/normal.js';
import { failing, STATUSES } from '../../compare/statuses.js';
import type { Verdict } from '../../compare/types.js';
import { capDiff } from '../../report/cap-diff.js';
import type { Paint } from '../../report/style.js';
import { number, plural } from '../../report/summary.js';
import { wrap } from '../../report/wrap.js';
import { subjectName } from '../../target/outcome.js';
import type { Kept } from './session.js';

export type Way = 'worse' | 'better' | 'other' | 'new' | 'gone';

export interface CaseChange {
  readonly id: string;
  readonly way: Way;
  readonly before: Kept | undefined;
  readonly after: Kept | undefined;
  /** Names of the subjects with another verdict or outcome. */
  readonly subjects: readonly string[];
}

type KeptCases = ReadonlyMap<string, Pick<Kept, 'comparison'>>;

/** Worse first, then by id. */
export function changesBetween(before: KeptCases, after: KeptCases): CaseChange[] {
  const ids = [...new Set([...before.keys(), ...after.keys()])].sort();
  const rank: readonly Way[] = ['worse', 'new', 'better', 'other', 'gone'];
  return ids
    .flatMap((id) => changeOf(id, before.get(id) as Kept | undefined, after.get(id) as Kept | undefined))
    .sort((a, b) => rank.indexOf(a.way) - rank.indexOf(b.way));
}

function changeOf(id: string, before: Kept | undefined, after: Kept | undefined): CaseChange[] {
  if (before === undefined || after === undefined) {
    return [{ id, way: before === undefined ? 'new' : 'gone', before, after, subjects: [] }];
  }
  const pairs = after.comparison.verdicts.flatMap((now, place) => {
    const name = subjectName(now.subject);
    const was = before.comparison.verdicts.find(({ subject }) => subjectName(subject) === name);
    const seen = after.comparison.outcomes[place]?.observations ?? [];
    const sawBefore = was && before.comparison.outcomes[before.comparison.verdicts.indexOf(was)];
    const alike =
      was !== undefined &&
      was.status === now.status &&
      was.reason === now.reason &&
      sameLists(sawBefore?.observations ?? [], seen);
    return alike ? [] : [{ name, was, now }];
  });
  if (pairs.length === 0) return [];
  const goes = (
    from: (verdict: Verdict | undefined) => boolean,
    to: (verdict: Verdict | undefined) => boolean,
  ) => pairs.some(({ was, now }) => from(was) && to(now));
  const bad = (verdict: Verdict | undefined) => verdict !== undefined && failing(verdict.status);
  const good = (verdict: Verdict | undefined) => !bad(verdict);
  const way = goes(good, bad) ? 'worse' : goes(bad, good) ? 'better' : 'other';
  return [{ id, way, before, after, subjects: pairs.map(({ name }) => name) }];
}

/** Changes told in full. */
const SHOWN = 10;
/** Lines of a difference. */
const LINES = 12;

const COLOUR = { worse: 'red', new: 'cyan', better: 'green', other: 'yellow', gone: 'grey' } as const;

export function drawChanges(
  changes: readonly CaseChange[],
  cases: number,
  width: number,
  paint: Paint,
): string[] {
  const count = (way: Way) => changes.filter((change) => change.way === way).length;
  const counts = (['worse', 'better', 'other', 'new', 'gone'] as const)
    .filter((way) => count(way) > 0)
    .map((way) => paint(COLOUR[way], `${number(count(way))} ${way}`));
  const same = cases - changes.filter(({ way }) => way !== 'gone').length;
  const sum = [...counts, `${number(same)} as before`].join(', ');
  const more = changes.length - SHOWN;
  return [
    ...changes.slice(0, SHOWN).flatMap((change) => drawChange(change, width, paint)),
    ...(more > 0 ? [`  … and ${number(more)} more ${plural(more, 'case')}`] : []),
    sum,
  ];
}

function drawChange({ id, way, before, after, subjects }: CaseChange, width: number, paint: Paint): string[] {
  const head = `  ${paint(COLOUR[way], way.padEnd(6))} ${paint('bold', id)}`;
  if (after === undefined) return [head];
  const { verdicts, sentence, explained } = after.comparison;
  const told = before === undefined ? verdicts.map(({ subject }) => subjectName(subject)) : subjects;
  const steps = new Map<string, string[]>();
  for (const name of told) {
    const [was, now] = [statusOf(before, name), statusOf(after, name)];
    const step = was === undefined || was === now ? String(now) : `${was} → ${now}`;
    steps.set(step, [...(steps.get(step) ?? []), name]);
  }
  const indent = (text: string) => wrap(text, width - 9).map((line) => `         ${line}`);
  const whole = (names: readonly string[]) =>
    names.length === verdicts.length ? 'all subjects' : names.join(', ');
  return [
    head,
    ...[...steps].flatMap(([step, names]) => indent(`${step}: ${whole(names)}`)),
    ...(explained || sentence === null ? [] : indent(sentence)),
    ...outcomeDiff(before, after, subjects, paint).map((line) => `         ${line}`),
    ...(way === 'worse' ? [`         ftrace-conform run ${id}`] : []),
  ];
}

function statusOf(kept: Kept | undefined, name: string): string | undefined {
  const verdict = kept?.comparison.verdicts.find(({ subject }) => subjectName(subject) === name);
  return verdict && STATUSES[verdict.status].letters;
}

/** Of the first subject that now sees something else. */
function outcomeDiff(
  before: Kept | undefined,
  after: Kept,
  names: readonly string[],
  paint: Paint,
): string[] {
  if (before === undefined) return [];
  const seen = (kept: Kept, name: string) => {
    const outcome = kept.comparison.outcomes.find(({ subject }) => subjectName(subject) === name);
    return outcome === undefined ? [] : normalForm(outcome.observations);
  };
  for (const name of names) {
    const diff = diffLines(`${name} before`, seen(before, name), `${name} now`, seen(after, name));
    if (diff === null) continue;
    const { lines, more } = capDiff(diff, LINES);
    const painted = lines.map((line) =>
      line.startsWith('-') ? paint('red', line) : line.startsWith('+') ? paint('green', line) : line,
    );
    return more === 0 ? painted : [...painted, `… ${number(more)} more ${plural(more, 'line')}`];
  }
  return [];
}
