// SPDX-License-Identifier: MIT
/** A difference of two runs for a terminal: the worse first, then the better, then the rest, and what it adds up to. */
import type { RunDiff } from '../compare/over-time.js';
import { seenDiff } from '../compare/seen-before.js';
import type { Colour } from '../compare/statuses.js';
import { capDiff, DIFF_LINES } from './cap-diff.js';
import { type Change, type Group, groupsOf, subjectsText } from './diff-groups.js';
import type { Paint } from './style.js';
import { number, plural } from './summary.js';
import { wrap } from './wrap.js';

export interface DiffTextOptions {
  readonly paint: Paint;
  readonly width: number;
  /** All groups, and a diff of what is seen in each. */
  readonly verbose: boolean;
}

/** Groups shown of each kind; of the worse all are. */
const SHOWN = 20;

export function diffText(diff: RunDiff, options: DiffTextOptions): string {
  const { added, deleted } = groupsOf(diff);
  const { cases } = diff.counts;
  return [
    ...changedLines(diff, options),
    ...section(`Added: ${many(cases.added, 'case')}`, 'cyan', added, options, SHOWN),
    ...section(`Deleted: ${many(cases.deleted, 'case')}`, 'grey', deleted, options, SHOWN),
    ...sums(diff, options.width),
    '',
  ].join('\n');
}

/** What both runs have, and what comes new and fails. */
export function changedLines(diff: RunDiff, options: DiffTextOptions): string[] {
  const { worse, better, other } = groupsOf(diff);
  const { results } = diff.counts;
  return [
    ...section(`Worse: ${many(results.worse, 'result')}`, 'red', worse, options, Number.POSITIVE_INFINITY),
    ...section(`Better: ${many(results.better, 'result')}`, 'green', better, options, SHOWN),
    ...section(`Otherwise: ${many(results.other, 'result')}`, 'yellow', other, options, SHOWN),
  ];
}

function section(
  title: string,
  colour: Colour,
  list: readonly Group[],
  options: DiffTextOptions,
  limit: number,
): string[] {
  if (list.length === 0) return [];
  const { paint, verbose } = options;
  const shown = verbose ? list : list.slice(0, limit);
  const rest = list.length - shown.length;
  return [
    paint(colour, title),
    ...shown.flatMap((group) => groupLines(group, options)),
    ...(rest > 0 ? [paint('grey', `  and ${number(rest)} more; -v shows all`)] : []),
    '',
  ];
}

/** `2 cases changed, 1 added, 1,384 unchanged: 3 results worse, 0 better, 1 otherwise.` */
export function sums({ counts: { cases, results }, subjects, harness }: RunDiff, width: number): string[] {
  const parts = (['changed', 'added', 'deleted'] as const)
    .filter((kind) => cases[kind] > 0)
    .map((kind) => `${number(cases[kind])} ${kind}`);
  const changed =
    results.worse + results.better + results.other > 0
      ? `: ${many(results.worse, 'result')} worse, ${number(results.better)} better, ${number(results.other)} otherwise`
      : '';
  const all = [...subjects.both, ...subjects.added, ...subjects.deleted];
  const only = (names: readonly string[], which: string) =>
    names.length === 0 ? [] : wrap(`Only in the ${which}: ${subjectsText(names, all)}.`, width);
  return [
    ...(harness.before === harness.after
      ? []
      : [`By ftrace-conform ${harness.before} before, ${harness.after} after.`]),
    ...only(subjects.added, 'new run'),
    ...only(subjects.deleted, 'old run'),
    ...wrap(`Cases: ${[...parts, `${number(cases.unchanged)} unchanged`].join(', ')}${changed}.`, width),
  ];
}

function groupLines({ label, edited, changes }: Group, options: DiffTextOptions): string[] {
  const { paint, width } = options;
  const name = `${label}${edited ? ' (case edited)' : ''}`;
  return [
    ...indented(name, 2, width).map((line) => paint('bold', line)),
    ...changes.flatMap((change) => changeLines(change, options)),
  ];
}

function changeLines({ who, what, why, first }: Change, options: DiffTextOptions): string[] {
  const { paint, width, verbose } = options;
  const lines = [...indented(`${who}: ${what}`, 4, width), ...(why === '' ? [] : indented(why, 6, width))];
  if (!verbose || first.seen === null) return lines;
  const { lines: shown, more } = capDiff(seenDiff(first.seen), DIFF_LINES);
  const rest = more > 0 ? [`… ${more} lines more`] : [];
  return [...lines, ...[...shown, ...rest].map((line) => paint('grey', `      ${line}`))];
}

function indented(text: string, by: number, width: number): string[] {
  return wrap(text, width - by).map((line) => ' '.repeat(by) + line);
}

function many(count: number, what: string): string {
  return `${number(count)} ${plural(count, what)}`;
}
