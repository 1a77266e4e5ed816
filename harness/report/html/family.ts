// SPDX-License-Identifier: MIT
/**
 * What a row of the matrix opens to: why the case is there, its text, the divergences that it knows of, and a part
 * per case. What cases of one file have in common stands here once.
 */
import type { AppliedDivergence } from '../../compare/types.js';
import { subjectName } from '../../target/outcome.js';
import { type Html, html } from '../escape.js';
import type { CaseEvent } from '../events.js';
import { grouped } from '../grouped.js';
import { familyOf, isFailing } from '../rows.js';
import { caseBody, type Known, verdictList } from './case.js';
import { differs, keyOf, lettersOf } from './cells.js';
import { linked } from './link.js';
import type { Page } from './page.js';

export function familyBody(events: readonly [CaseEvent, ...CaseEvent[]], single: boolean, page: Page): Html {
  const [{ spec }] = events;
  const { list, known } = knownDivergences(events, page);
  return html`<p class="why">${spec.why.trim()}</p>
${particulars(events.map((event) => event.spec))}
${page.fullness === 'brief' ? null : html`<details class="yaml"><summary>${spec.file}</summary><pre>${spec.text.trimEnd()}</pre></details>`}
${list}${single ? caseBody(events[0], verdictList(events[0], known, page), true, page) : caseParts(events, known, page)}`;
}

/** Of all cases of the family together. */
function particulars(specs: readonly CaseEvent['spec'][]): Html {
  const distinct = (list: readonly string[]) => [...new Set(list)];
  const rows: [string, readonly string[]][] = [
    ['source', distinct(specs.flatMap(({ source }) => source ?? []))],
    ['covers', distinct(specs.flatMap(({ covers }) => covers))],
    ['requires', distinct(specs.flatMap(({ requires }) => requires))],
  ];
  const present = rows.filter(([, values]) => values.length > 0);
  return html`<dl class="facts">${present.map(
    ([name, values]) => html`<dt>${name}</dt><dd>${linked(values.join(', '))}</dd>`,
  )}</dl>`;
}

/** Each once, numbered, with reason, source and whom it applied to. */
function knownDivergences(events: readonly CaseEvent[], page: Page): { list: Html | null; known: Known } {
  const rows = new Map<string, { divergence: AppliedDivergence; names: Set<string>; cases: number }>();
  for (const { comparison } of events) {
    const here = new Set<string>();
    for (const { subject, divergences } of comparison.verdicts) {
      for (const divergence of divergences) {
        const row = rows.get(divergence.at) ?? { divergence, names: new Set(), cases: 0 };
        rows.set(divergence.at, row);
        row.names.add(subjectName(subject));
        if (!here.has(divergence.at)) row.cases++;
        here.add(divergence.at);
      }
    }
  }
  const inFile = [...rows].sort(([a], [b]) => byPlace(a, b));
  const known = new Map(inFile.map(([at], index) => [at, index + 1]));
  if (rows.size === 0) return { list: null, known };
  const list = html`<section class="known"><h3>Known divergences</h3><ol>${inFile.map(
    ([, { divergence, names, cases }]) =>
      html`<li><code>${page.names.folded([...names])}</code>${
        cases === events.length ? null : ` in ${cases} of ${events.length}`
      }: ${divergence.because.trim()} <cite>${linked(divergence.source)}</cite></li>`,
  )}</ol></section>
`;
  return { list, known };
}

/** `line:column` */
function byPlace(a: string, b: string): number {
  const [[line = 0, column = 0], [otherLine = 0, otherColumn = 0]] = [a, b].map((at) =>
    at.split(':').map(Number),
  ) as [number[], number[]];
  return line - otherLine || column - otherColumn;
}

/** Cases that are told in the same words share a part, under all their ids; verdicts that all share stand above. */
function caseParts(events: readonly [CaseEvent, ...CaseEvent[]], known: Known, page: Page): Html {
  const lists = grouped(events, (event) => verdictList(event, known, page).text);
  const shared = lists.size === 1 ? verdictList(events[0], known, page) : null;
  const line = keyOf(page.cells.worst(events));
  const parts = grouped(events, (event) =>
    JSON.stringify([
      shared === null ? verdictList(event, known, page).text : '',
      event.comparison.sentence,
      event.comparison.explained,
      event.comparison.classes,
      event.comparison.verdicts.map(({ diff }) => diff),
    ]),
  );
  const firstBad = events.find(isFailing);
  return html`${shared}${[...parts.values()].map((part) =>
    casePart(part, line, shared === null, part[0] === firstBad, known, page),
  )}`;
}

function casePart(
  [event, ...others]: readonly [CaseEvent, ...CaseEvent[]],
  familyLine: string,
  own: boolean,
  /** Of those that fail: it stands open, with its trace. */
  first: boolean,
  known: Known,
  page: Page,
): Html {
  const bad = isFailing(event);
  const line = page.cells.lineOf(event);
  const alike = keyOf(line) === familyLine;
  const family = familyOf(event);
  const member = (id: string) =>
    id.startsWith(`${family}.`)
      ? html`<span>${id.slice(id.lastIndexOf('/') + 1, family.length)}</span>${id.slice(family.length)}`
      : html`${id}`;
  return html`<details class="case${bad ? ' bad' : ''}${differs(event) ? ' dif' : ''}" id="${event.spec.id}"${
    alike ? null : html` data-r="${lettersOf(line)}"`
  }${bad && first ? html` open` : null}>
<summary${alike ? null : html` class="row"`}><span class="name"><code>${member(event.spec.id)}</code>${others.map(
    ({ spec }) => html` <code id="${spec.id}">${member(spec.id)}</code>`,
  )}</span>${alike ? null : page.cells.draw(line)}</summary>
<div class="body">
${caseBody(event, own ? verdictList(event, known, page) : null, first, page)}</div>
</details>
`;
}
