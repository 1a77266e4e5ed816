// SPDX-License-Identifier: MIT
/** What stands around the matrix: the answer, the facts of the run, what is not as expected, controls and legend. */

import { failing, SEVERITY, STATUSES } from '../../compare/statuses.js';
import { compress } from '../../compare/summary-sentences.js';
import { type Html, html } from '../escape.js';
import type { CaseEvent, FooterEvent, HeaderEvent } from '../events.js';
import { grouped } from '../grouped.js';
import { braced, familyOf, isFailing } from '../rows.js';
import {
  closingSentence,
  differenceSentence,
  headerFacts,
  number,
  plural,
  skippedSentences,
  subjectsSentence,
  UNSUPPORTED_HINT,
} from '../summary.js';
import { badge } from './cells.js';

export function headline(
  cases: readonly CaseEvent[],
  { counts, complete, interrupted }: FooterEvent,
): string {
  const failed = cases.filter(isFailing).length;
  if (failed > 0) return `${number(failed)} ${plural(failed, 'case is', 'cases are')} not as expected`;
  const ran = counts.PASS + counts.XFAIL > 0;
  return ran
    ? `Everything that ran${complete ? '' : ` until it ${interrupted ? 'was interrupted' : 'stopped'}`} is as expected`
    : 'Nothing ran';
}

export function summary(header: HeaderEvent, cases: readonly CaseEvent[], footer: FooterEvent): Html {
  const bad = cases.some(isFailing);
  const facts = headerFacts(header).map(
    ([name, value]) => [name, name === 'subjects' ? subjectsSentence(header.subjects) : value] as const,
  );
  return html`<header>
<div><p class="brand">ftrace-conform</p>
<h1 class="${bad ? 'bad' : 'good'}">${headline(cases, footer)}</h1>
<p class="lede">${command(closingSentence(footer, header.subjects.length))}. ${differenceSentence(cases) ?? ''}</p>${skippedSentences(cases).map((told) => html`<p class="lede">${told}</p>`)}</div>
<dl class="facts run">${facts.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
</header>`;
}

/** A command is set as one. */
function command(sentence: string): Html {
  const [before = '', after] = sentence.split(UNSUPPORTED_HINT);
  return after === undefined
    ? html`${before}`
    : html`${before}<code class="whole">${UNSUPPORTED_HINT}</code>${after}`;
}

/** Families with cases that fail, listed at once. */
const LISTED = 10;

export function failures(cases: readonly CaseEvent[]): Html | null {
  const failed = cases.filter(isFailing);
  if (failed.length === 0) return null;
  const groups = [...grouped(failed, familyOf).values()];
  const rest = groups.slice(LISTED);
  const hidden = rest.reduce((sum, group) => sum + group.length, 0);
  return html`<section id="failures"><h2>Not as expected</h2>
<ul class="said">${compress(cases).map((sentence) => html`<li>${sentence}</li>`)}</ul>
${failureList(groups.slice(0, LISTED))}
${hidden === 0 ? null : html`<details class="more"><summary>${number(hidden)} more ${plural(hidden, 'case')}</summary>${failureList(rest)}</details>`}</section>`;
}

/** A line per family, with what is said of its first case. */
function failureList(groups: readonly (readonly [CaseEvent, ...CaseEvent[]])[]): Html {
  return html`<ul class="failures">${groups.map(
    (group) =>
      html`<li><a href="#${encodeURI(group[0].spec.id)}">${braced(group)}</a> <span>${said(group[0])}</span></li>
`,
  )}</ul>`;
}

/** Of several places the first speaks for all. */
function said({ comparison: { explained, sentence, verdicts } }: CaseEvent): string {
  if (explained) return verdicts.find(({ status }) => failing(status))?.reason ?? '';
  return sentence?.split(/; (?=at \S+: )/)[0] ?? '';
}

/** Shown by the script, which alone can serve it. */
export function controls({ subjects }: HeaderEvent): Html {
  const example = `fprobe arch:${subjects.at(-1)?.id.arch ?? ''} status:${STATUSES.UNSUPPORTED.letters}`;
  return html`<form id="filter" hidden>
<label><span>Filter</span> <input name="q" type="search" placeholder="${example}" autocomplete="off" autocapitalize="off" spellcheck="false"></label>
<button type="button" name="help">?</button>
<output></output>
</form>`;
}

export function legend(cases: readonly CaseEvent[], { counts }: FooterEvent): Html {
  const shown = [...SEVERITY].reverse().filter((status) => counts[status] > 0 || status === 'FAIL');
  const declared = cases.some(({ comparison }) =>
    comparison.verdicts.some(({ divergences }) => divergences.length > 0),
  );
  return html`<dl class="legend">${shown.map(
    (status) => html`<div><dt>${badge(status)}</dt><dd>${STATUSES[status].meaning}</dd></div>`,
  )}${
    declared
      ? html`<div><dt>${badge('PASS', ' d')}</dt><dd>as expected, with a known divergence: reason and source stand in the row</dd></div>`
      : null
  }<div><dt>${html`<b class="${STATUSES.PASS.letter} part" style="--of:60%">12</b>`}</dt><dd>in the row of a folder: how many cases are as expected; the bar, how many of them could run</dd></div></dl>`;
}

const KEYS = [
  ['/', 'to the filter; Esc clears it and leaves'],
  ['j k', 'next and previous row that matches'],
  ['n N', 'next and previous row that is not as expected'],
  ['Enter', 'opens and closes a row'],
  ['→ ←', 'opens; closes, or goes to the row above'],
  ['?', 'this'],
] as const;

const wordsOf = (arch: string, revision: string) =>
  [
    ['stack args', 'both in the id, title, source or what is covered'],
    [`arch:${arch} at:${revision}`, 'runs on a subject of that back-end, of that revision'],
    ['target:model', 'runs on a subject of that target'],
    [`status:unsupported arch:${arch}`, 'has that verdict there; also its letters, status:un'],
    ['feature:KPROBES', 'requires it'],
    ['covers:FP-06', 'covers it'],
    ['failing, differs', 'not as expected; seen differently by some subjects'],
    ['-differs', 'not that'],
  ] as const;

/** For the script to show. */
export function keys({ subjects }: HeaderEvent): Html {
  const { arch = '', revision = '' } = subjects.at(-1)?.id ?? {};
  const rows = (list: readonly (readonly [string, string])[]) =>
    list.map(
      ([name, what]) =>
        html`<dt>${name.split(', ').map((one) => html`<kbd>${one}</kbd> `)}</dt><dd>${what}</dd>`,
    );
  return html`<dialog id="keys"><form method="dialog"><h2>Keys</h2><dl>${rows(KEYS)}</dl><h2>Filter</h2><dl>${rows(wordsOf(arch, revision))}</dl>
<p>The address holds the filter and the open row: mail it. What does not match is greyed.</p><button>Close</button></form></dialog>`;
}
