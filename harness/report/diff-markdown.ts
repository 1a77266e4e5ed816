// SPDX-License-Identifier: MIT
/** A difference of two runs for a pull request's comment: GitHub's Markdown, worse results open, the rest folded. */
import type { RunDiff } from '../compare/over-time.js';
import { type Group, groupsOf } from './diff-groups.js';
import { sums } from './diff-text.js';
import { number } from './summary.js';

/** Groups told of each kind: a comment has at most 65,536 characters. */
const SHOWN = 50;

export function diffMarkdown(diff: RunDiff): string {
  const { worse, better, other, added, deleted } = groupsOf(diff);
  const { results, cases } = diff.counts;
  const heading = results.worse > 0 ? 'worse than before' : 'no worse than before';
  const sections = [
    ...section(`Worse (${number(results.worse)})`, worse, true),
    ...section(`Better (${number(results.better)})`, better, false),
    ...section(`Otherwise (${number(results.other)})`, other, false),
    ...section(`Added (${number(cases.added)})`, added, false),
    ...section(`Deleted (${number(cases.deleted)})`, deleted, false),
  ];
  const sentences = sums(diff, Number.POSITIVE_INFINITY).map(escaped);
  return `${[`## ftrace-conform: ${heading}`, '', ...sentences.flatMap((one) => [one, '']), ...sections].join('\n').trimEnd()}\n`;
}

function section(title: string, groups: readonly Group[], open: boolean): string[] {
  if (groups.length === 0) return [];
  const shown = groups.slice(0, SHOWN);
  const rest = groups.length - shown.length;
  const list = [
    ...shown.flatMap(items),
    ...(rest > 0 ? [`- and ${number(rest)} more, by \`ftrace-conform diff -v\``] : []),
  ];
  return open
    ? [`### ${title}`, '', ...list, '']
    : [`<details><summary>${title}</summary>`, '', ...list, '', '</details>', ''];
}

function items({ label, edited, changes }: Group): string[] {
  const lines = changes.map(
    ({ who, what, why }) => `  - ${escaped(`${who}: ${what}`)}${why === '' ? '' : `<br>${escaped(why)}`}`,
  );
  return [`- ${coded(label)}${edited ? ' (case edited)' : ''}`, ...lines];
}

/** Ids have no backtick. */
function coded(text: string): string {
  return `\`${text}\``;
}

/** What Markdown or HTML would take for markup. */
function escaped(text: string): string {
  return text
    .replace(/[\\`*_{}[\]()#+!|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
