// SPDX-License-Identifier: MIT
/**
 * Drill-down of the HTML report: a section per case file, in it a part per case with verdicts, declared
 * divergences, diff and outcome classes side by side, and the YAML once.
 */
import { diffArrays } from 'diff/lib/diff/array.js';
import { failing, STATUSES } from '../compare/statuses.js';
import type { OutcomeClass, Verdict } from '../compare/types.js';
import { subjectName } from '../target/outcome.js';
import { escapeHtml, Html, html } from './escape.js';
import type { CaseEvent, HeaderEvent } from './events.js';
import type { Fullness } from './html.js';
import { familyOf, isFailing, statusOf } from './rows.js';

export function familySections(cases: readonly CaseEvent[], header: HeaderEvent, fullness: Fullness): Html[] {
  const families = new Map<string, CaseEvent[]>();
  for (const event of cases) {
    const family = familyOf(event);
    families.set(family, [...(families.get(family) ?? []), event]);
  }
  return [...families].map(([name, events]) => family(name, events, header, fullness));
}

function family(name: string, events: readonly CaseEvent[], header: HeaderEvent, fullness: Fullness): Html {
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
${single ? caseBody(events[0] as CaseEvent, fullness) : events.map((event) => caseDetails(event, header, fullness))}
<details class="yaml"><summary>${spec.file}</summary><pre>${yaml(spec.text)}</pre></details>
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

function caseDetails(event: CaseEvent, { subjects }: HeaderEvent, fullness: Fullness): Html {
  const bad = isFailing(event);
  const cells = subjects.map(({ name, short }) => {
    const status = statusOf(event, name);
    return status === null
      ? null
      : html`<b class="s s-${status}" title="${short}">${STATUSES[status].letters}</b>`;
  });
  return html`<details class="case${bad ? ' bad' : ''}" id="${event.spec.id}"${bad ? html` open` : null}>
<summary><code>${event.spec.id}</code> <span class="cells">${cells}</span></summary>
${caseBody(event, fullness)}
</details>
`;
}

function caseBody({ comparison }: CaseEvent, fullness: Fullness): Html {
  const { verdicts, classes, sentence, explained } = comparison;
  const lists = fullness === 'all' || classes.length > 1;
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

function verdictList(verdicts: readonly Verdict[], sentence: string | null): Html {
  return html`<ul class="verdicts">${verdicts.map(
    ({ status, subject, reason }) =>
      html`<li><b class="s s-${status}">${STATUSES[status].letters}</b> <code>${subjectName(subject)}</code> <span>${
        reason === '' || reason === sentence ? STATUSES[status].brief : reason
      }</span></li>`,
  )}</ul>`;
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
      html`<p><code>${subjects.join(', ')}</code> ${because} <cite>${source}</cite></p>`,
  )}</section>`;
}

function diffs(verdicts: readonly Verdict[]): Html[] {
  return verdicts
    .filter(({ diff, status }) => diff !== null && failing(status))
    .map(({ diff }) => html`<pre class="diff">${(diff as string).split('\n').map(diffLine)}</pre>`);
}

function diffLine(text: string): Html {
  const [kind] = ['---', '+++', '@@', '-', '+'].filter((sign) => text.startsWith(sign));
  const names: Record<string, string> = { '---': 'h', '+++': 'h', '@@': 'h', '-': 'del', '+': 'ins' };
  return kind === undefined ? html`${text}\n` : html`<span class="${names[kind] ?? ''}">${text}</span>\n`;
}

/** One column per class; lines unlike those of the first class are marked. */
function classColumns(classes: readonly OutcomeClass[]): Html {
  const usual = classes[0]?.text ?? [];
  return html`<div class="classes">${classes.map(
    ({ subjects, text }, index) =>
      html`<section><h4>${subjects.join(', ')}</h4><ol>${
        index === 0 ? text.map((line) => html`<li>${line}</li>`) : marked(usual, text)
      }</ol></section>`,
  )}</div>`;
}

function marked(usual: readonly string[], text: readonly string[]): Html[] {
  const changes = diffArrays([...usual], [...text]);
  return changes.flatMap(({ added, removed, value }, index) => {
    if (removed) return [];
    const before = changes[index - 1];
    const replaced = before?.removed && before.value.length === value.length ? before.value : [];
    return value.map((line, row) => {
      if (!added) return html`<li>${line}</li>`;
      const old = replaced[row];
      return html`<li>${old === undefined ? html`<mark>${line}</mark>` : markedWords(old, line)}</li>`;
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
