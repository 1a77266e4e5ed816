// SPDX-License-Identifier: MIT
/** The matrix of the HTML report: a row per family whose cases agree, a row per case that fails; links inward. */
import { NO_VERDICT, SEVERITY, STATUSES } from '../compare/statuses.js';
import type { Status } from '../compare/types.js';
import { type Html, html } from './escape.js';
import type { CaseEvent, HeaderEvent } from './events.js';
import { folderOf, type Row, rowsOf } from './rows.js';

export function matrixTable(cases: readonly CaseEvent[], { subjects }: HeaderEvent): Html {
  const folders = new Map<string, CaseEvent[]>();
  for (const event of cases) {
    const folder = folderOf(event);
    folders.set(folder, [...(folders.get(folder) ?? []), event]);
  }
  const names = subjects.map(({ name }) => name);
  const titles = new Map(cases.map(({ spec }) => [spec.id, spec.title]));
  return html`<div class="scroll"><table class="matrix">
<thead>${head(subjects)}</thead>
${[...folders].map(
  ([
    folder,
    events,
  ]) => html`<tbody><tr class="folder"><th scope="rowgroup" colspan="${subjects.length + 2}">${folder} <span>${events.length}</span></th></tr>
${rowsOf(events, names, 1).map((row) => matrixRow(row, names, titles.get(row.first) ?? ''))}</tbody>
`,
)}</table></div>`;
}

/** One column per subject; where a back-end has several, its name above and the revisions below. */
function head(subjects: HeaderEvent['subjects']): Html {
  const archs = [...new Set(subjects.map(({ id }) => id.arch))];
  if (archs.length === subjects.length || archs.length === 1) {
    return html`<tr><th scope="col">case</th>${subjects.map(
      ({ name, short }) => html`<th scope="col"><abbr title="${name}">${short}</abbr></th>`,
    )}<th scope="col" class="title">title</th></tr>`;
  }
  const groups = archs.map((arch) => subjects.filter(({ id }) => id.arch === arch));
  return html`<tr class="archs"><th></th>${groups.map(
    (group) => html`<th scope="colgroup" colspan="${group.length}">${group[0]?.id.arch ?? ''}</th>`,
  )}<th class="title"></th></tr>
<tr class="revisions"><th scope="col">case</th>${subjects.map(
    ({ name, id }) => html`<th scope="col"><abbr title="${name}">${id.revision}</abbr></th>`,
  )}<th scope="col" class="title">title</th></tr>`;
}

function matrixRow(row: Row, names: readonly string[], title: string): Html {
  const present = [...new Set(row.cells.filter((cell) => cell !== null))];
  const worst = Math.min(...present.map((status) => SEVERITY.indexOf(status)), SEVERITY.length);
  return html`<tr data-w="${worst}" data-s="${present.join(' ')}"><th scope="row"><a href="#${encodeURI(row.first)}">${row.label}</a>${
    row.count > 1 ? html` <span>×${row.count}</span>` : null
  }</th>${row.cells.map((cell, index) => matrixCell(cell, names[index] ?? '', row.declared[index] ?? 0))}<td class="title">${title}</td></tr>
`;
}

function matrixCell(status: Status | null, subject: string, declared: number): Html {
  if (status === null) return html`<td title="${subject}: not run">${NO_VERDICT}</td>`;
  const { letters, meaning } = STATUSES[status];
  if (declared === 0) return html`<td class="s s-${status}" title="${subject}">${letters}</td>`;
  const title = `${subject}: ${meaning}; declared divergence`;
  return html`<td class="s s-${status}" title="${title}">${letters}<sup>d</sup></td>`;
}
