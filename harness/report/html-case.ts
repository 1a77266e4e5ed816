// SPDX-License-Identifier: MIT
/**
 * Drill-down of the HTML report: a section per case file, in it a part per case with verdicts, declared
 * divergences, diff and outcome classes side by side, and the YAML once.
 */
import { diffArrays } from 'diff/lib/diff/array.js';
import { failing, SEVERITY, STATUSES } from '../compare/statuses.js';
import type { OutcomeClass, Verdict } from '../compare/types.js';
import { subjectName } from '../target/outcome.js';
import { capDiff } from './cap-diff.js';
import { escapeHtml, Html, html } from './escape.js';
import type { CaseEvent } from './events.js';
import type { Fullness } from './fullness.js';
import { familyOf, isFailing } from './rows.js';
import { number, plural } from './summary.js';

export function familySections(cases: readonly CaseEvent[], fullness: Fullness): Html[] {
  const families = new Map<string, CaseEvent[]>();
  for (const event of cases) {
    const family = familyOf(event);
    families.set(family, [...(families.get(family) ?? []), event]);
  }
  return [...families].map(([name, events]) => family(name, events, fullness));
}

function family(name: string, events: readonly CaseEvent[], fullness: Fullness): Html {
  const [{ spec }] = events as [CaseEvent];
  const single = events.length === 1 && spec.id === name;
  const bad = events.some(isFailing);
  const words = [
    ...new Set(events.flatMap((event) => [event.spec.id, event.spec.title, ...event.spec.covers])),
  ];
  return html`<details class="family${bad ? ' bad' : ''}"${single ? html` id="${name}"` : null} data-q="${words.join(' ').toLowerCase()}"${
    bad ? html` open` : null
  }>
<summary><code>${name}</code>${single ? null : html` <span class="times">×${events.length}</span>`} <span class="title">${spec.title}</span></summary>
<p class="why">${spec.why}</p>
${particulars(events.map((event) => event.spec))}
${single ? caseBody(events[0] as CaseEvent, fullness) : caseParts(events, fullness)}
${fullness === 'brief' ? html`<p class="note">${spec.file}</p>` : html`<details class="yaml"><summary>${spec.file}</summary><pre>${yaml(spec.text)}</pre></details>`}
</details>
`;
}

/** Of all cases of the family together. */
function particulars(specs: readonly CaseEvent['spec'][]): Html {
  const all = (list: readonly string[]) => [...new Set(list)].join(', ');
  const rows: [string, string][] = [
    ['source', all(specs.flatMap(({ source }) => source ?? []))],
    ['covers', all(specs.flatMap(({ covers }) => covers))],
    ['requires', all(specs.flatMap(({ requires }) => requires))],
  ];
  const present = rows.filter(([, value]) => value !== '');
  return html`<dl class="facts">${present.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

/** Cases of a family that are told in the same words share a part, under all their ids. */
function caseParts(events: readonly CaseEvent[], fullness: Fullness): Html[] {
  const parts = new Map<string, { events: CaseEvent[]; body: Html }>();
  for (const event of events) {
    const body = caseBody(event, fullness);
    const part = parts.get(body.text) ?? { events: [], body };
    part.events.push(event);
    parts.set(body.text, part);
  }
  return [...parts.values()].map(caseDetails);
}

function caseDetails({ events, body }: { events: readonly CaseEvent[]; body: Html }): Html {
  const [event, ...others] = events as [CaseEvent, ...CaseEvent[]];
  const bad = isFailing(event);
  const counts = SEVERITY.map((status) => ({
    status,
    count: event.comparison.verdicts.filter((verdict) => verdict.status === status).length,
  })).filter(({ count }) => count > 0);
  return html`<details class="case${bad ? ' bad' : ''}" id="${event.spec.id}"${bad ? html` open` : null}>
<summary><code>${event.spec.id}</code>${others.map(({ spec }) => html`, <code id="${spec.id}">${spec.id}</code>`)} <span class="cells">${counts.map(
    ({ status, count }) => html`<b class="s s-${status}">${STATUSES[status].letters}</b> ${count} `,
  )}</span></summary>
${body}
</details>
`;
}

function caseBody({ comparison }: CaseEvent, fullness: Fullness): Html {
  const { verdicts, classes, sentence, explained } = comparison;
  const failed = !explained || verdicts.some(({ status }) => failing(status));
  const lists =
    fullness === 'all' ||
    (classes.length > 1 && (failed || fullness === 'differing')) ||
    (failed && fullness !== 'brief');
  return html`${
    sentence === null
      ? null
      : html`<p class="sentence ${explained ? 'declared' : 'open'}">${sentence}${explained ? ' (declared)' : ''}</p>`
  }
${verdictList(verdicts, sentence)}
${declared(verdicts)}
${diffs(verdicts)}
${lists && classes.length > 0 ? classColumns(classes) : null}`;
}

/** Subjects with the same verdict for the same reason stand in one line. */
function verdictList(verdicts: readonly Verdict[], sentence: string | null): Html {
  const groups = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const key = JSON.stringify([verdict.status, verdict.reason, verdict.absent]);
    groups.set(key, [...(groups.get(key) ?? []), verdict]);
  }
  return html`<ul class="verdicts">${[...groups.values()].map((group) => {
    const [{ status, reason, absent }] = group as [Verdict];
    const names = group.map(({ subject }) => subjectName(subject));
    const said = reason === '' || reason === sentence ? STATUSES[status].brief : reason;
    return html`<li><b class="s s-${status}">${STATUSES[status].letters}</b> <code>${folded(names)}</code> <span>${said}${
      absent.length === 0 ? null : html`; not given by this kernel: ${absent.join(', ')}`
    }</span></li>`;
  })}</ul>`;
}

/** The same few sets of subjects are named again and again. */
const foldedBefore = new Map<string, string>();

/** `alpha@6.1, 7.2/model, beta@7.2/model`: what names have in common is written once. */
function folded(names: readonly string[]): string {
  const key = names.join();
  const known = foldedBefore.get(key) ?? fold(names);
  foldedBefore.set(key, known);
  return known;
}

function fold(names: readonly string[]): string {
  const groups = new Map<string, string[]>();
  for (const name of names) {
    const [, arch = name, revision = '', target = ''] = /^(.*)@(.*)\/(.*)$/.exec(name) ?? [];
    const key = `${arch}\n${target}`;
    groups.set(key, [...(groups.get(key) ?? []), revision]);
  }
  return [...groups]
    .map(([key, revisions]) => {
      const [arch = '', target = ''] = key.split('\n');
      const held = target === '' ? '' : `/${target}`;
      if (revisions.length === 1) return revisions[0] === '' ? arch : `${arch}@${revisions[0]}${held}`;
      return `${arch}@{${revisions.join(',')}}${held}`;
    })
    .join(', ');
}

/** Each divergence once, with the subjects it applied to. */
function declared(verdicts: readonly Verdict[]): Html | null {
  const rows = new Map<string, { because: string; source: string; subjects: string[] }>();
  for (const { subject, divergences } of verdicts) {
    for (const { at, because, source } of divergences) {
      const row = rows.get(at) ?? { because, source, subjects: [] };
      rows.set(at, { ...row, subjects: [...row.subjects, subjectName(subject)] });
    }
  }
  if (rows.size === 0) return null;
  return html`<section class="divergences"><h4>Declared divergences</h4>${[...rows.values()].map(
    ({ because, source, subjects }) =>
      html`<p><code>${folded(subjects)}</code> ${because} <cite>${source}</cite></p>`,
  )}</section>`;
}

/** Each diff once, headed by all whose it is, and cut where nobody reads on. */
function diffs(verdicts: readonly Verdict[]): Html[] {
  const groups = new Map<string, { head: string; names: string[] }>();
  for (const { diff, status, subject } of verdicts) {
    if (diff === null || !failing(status)) continue;
    const [head = '', , ...body] = diff.split('\n');
    const key = body.join('\n');
    const group = groups.get(key) ?? { head, names: [] };
    group.names.push(subjectName(subject));
    groups.set(key, group);
  }
  return [...groups].map(([body, { head, names }]) => {
    const { lines, more } = capDiff(`${head}\n+++ ${folded(names)}\n${body}`);
    const rest =
      more === 0 ? null : html`… ${number(more)} more ${plural(more, 'line')}; explain shows all\n`;
    return html`<pre class="diff">${lines.map(diffLine)}${rest}</pre>`;
  });
}

function diffLine(text: string): Html {
  const [kind] = ['---', '+++', '@@', '-', '+'].filter((sign) => text.startsWith(sign));
  const names: Record<string, string> = { '---': 'h', '+++': 'h', '@@': 'h', '-': 'del', '+': 'ins' };
  return kind === undefined ? html`${text}\n` : html`<span class="${names[kind] ?? ''}">${text}</span>\n`;
}

/** Lines kept on both sides of a difference. */
const CONTEXT = 2;

/** Above these, lists are told by the log alone. */
const MAX_LINES = 400;

/** A page that is too large is made again with less in it. */
const columnsBefore = new WeakMap<readonly OutcomeClass[], Html>();

/** One column per class; lines unlike those of the first class are marked, and what is as there is folded. */
function classColumns(classes: readonly OutcomeClass[]): Html {
  const known = columnsBefore.get(classes) ?? makeColumns(classes);
  columnsBefore.set(classes, known);
  return known;
}

function makeColumns(classes: readonly OutcomeClass[]): Html {
  const usual = (classes[0]?.text ?? []).slice(0, MAX_LINES);
  return html`<div class="classes">${classes.map(({ subjects, text }, index) => {
    const shown = text.slice(0, MAX_LINES);
    const lines =
      index === 0 ? shown.map((line) => ({ same: true, text: html`${line}` })) : marked(usual, shown);
    const more = text.length - shown.length;
    return html`<section><h4>${folded(subjects)}</h4><ol>${
      index === 0 ? lines.map(({ text }) => html`<li>${text}</li>`) : items(lines)
    }${more === 0 ? null : html`<li class="fold">… ${number(more)} more ${plural(more, 'line')}</li>`}</ol></section>`;
  })}</div>`;
}

interface Line {
  /** As in the first class. */
  readonly same: boolean;
  readonly text: Html;
}

/** List items; a stretch of lines that are as in the first class, away from differences, is one item. */
function items(lines: readonly Line[]): Html[] {
  const near = lines.map((_, at) =>
    lines.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(({ same }) => !same),
  );
  const out: Html[] = [];
  for (let at = 0; at < lines.length; at++) {
    let end = at;
    while (end < lines.length && !near[end]) end++;
    if (end - at > 1) {
      out.push(html`<li class="fold">… ${end - at} as in the first</li>`);
      at = end - 1;
    } else {
      const folded = at > 1 && !near[at - 1];
      out.push(html`<li${folded ? html` value="${at + 1}"` : null}>${(lines[at] as Line).text}</li>`);
    }
  }
  return out;
}

function marked(usual: readonly string[], text: readonly string[]): Line[] {
  const changes = diffArrays([...usual], [...text]);
  return changes.flatMap(({ added, removed, value }, index): Line[] => {
    if (removed) return [];
    const before = changes[index - 1];
    const replaced = before?.removed && before.value.length === value.length ? before.value : [];
    return value.map((line, row) => {
      if (!added) return { same: true, text: html`${line}` };
      const old = replaced[row];
      return {
        same: false,
        text: old === undefined ? html`<mark>${line}</mark>` : html`${markedWords(old, line)}`,
      };
    });
  });
}

/** Only the words that changed are marked. */
function markedWords(old: string, line: string): Html[] {
  const words = (text: string) => text.match(/[\w+-]+|\s+|./g) ?? [];
  return diffArrays(words(old), words(line))
    .filter(({ removed }) => !removed)
    .map(({ added, value }) => (added ? html`<mark>${value.join('')}</mark>` : html`${value.join('')}`));
}

/** Keys and comments set apart, nothing more. */
function yaml(text: string): Html {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => {
      if (/^\s*#/.test(line)) return `<i>${escapeHtml(line)}</i>`;
      const [, indent = '', key = '', rest = ''] = /^(\s*(?:- )?)([\w.-]+:)(.*)$/.exec(line) ?? [];
      return key === ''
        ? escapeHtml(line)
        : `${escapeHtml(indent)}<b>${escapeHtml(key)}</b>${escapeHtml(rest)}`;
    });
  return new Html(lines.join('\n'));
}
