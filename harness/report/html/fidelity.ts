// SPDX-License-Identifier: MIT
/** The table of how far targets saw the same, and what they disagree on. */
import { type Html, html } from '../escape.js';
import type { CaseEvent } from '../events.js';
import { type Disagreement, disagreementSentence, fidelityOf, fidelitySums } from '../fidelity.js';
import { number } from '../summary.js';

/** Cases that a disagreement links to. */
const LINKED = 20;

/** `null` where one target ran. */
export function fidelity(cases: readonly CaseEvent[]): Html | null {
  const found = fidelityOf(cases);
  if (found === null) return null;
  return html`<section id="fidelity"><h2>Fidelity</h2>
<ul class="said">${fidelitySums(found).map((sum) => html`<li>${sum}</li>`)}</ul>
<table class="fidelity"><thead><tr><th>subject</th><th>targets</th><th>cases</th><th>equal</th><th>different</th><th>declared</th></tr></thead>
<tbody>${found.rows.map(
    (row) => html`<tr><th>${row.arch}@${row.revision}</th><td>${row.targets.join(', ')}</td>${[
      row.cases,
      row.equal,
      row.different,
      row.declared,
    ].map((count) => html`<td>${number(count)}</td>`)}</tr>
`,
  )}</tbody></table>
${found.disagreements.length === 0 ? null : html`<ul class="failures">${found.disagreements.map(item)}</ul>`}</section>`;
}

function item(one: Disagreement): Html {
  const links = one.cases.slice(0, LINKED).map((id) => html`<a href="#${encodeURI(id)}">${id}</a> `);
  return html`<li>${links}<span>${disagreementSentence(one)}</span></li>
`;
}
