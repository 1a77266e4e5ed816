// SPDX-License-Identifier: MIT
/**
 * The matrix of the HTML report, which is also its table of contents: a row per folder with counts, opening to a row
 * per family, opening to its cases. Nothing but nested `<details>`, so that it works without script.
 */
import { compress } from '../../compare/summary-sentences.js';
import { type Html, html } from '../escape.js';
import type { CaseEvent, HeaderEvent } from '../events.js';
import { grouped } from '../grouped.js';
import { familyOf, folderOf, isFailing } from '../rows.js';
import { number, plural } from '../summary.js';
import { columnHeads, differs, lettersOf } from './cells.js';
import { familyBody } from './family.js';
import type { Page } from './page.js';

/** @throws TooLarge as {@link Page.count} does */
export function tree(cases: readonly CaseEvent[], header: HeaderEvent, page: Page): Html {
  const folders = grouped(cases, folderOf);
  return html`<div class="tree">
${columnHeads(header.subjects)}
${[...folders].map(([name, events]) => page.count(folder(name, events, page)))}</div>`;
}

function folder(name: string, events: readonly CaseEvent[], page: Page): Html {
  const bad = events.filter(isFailing).length;
  const known = compress(events, 'declared');
  const families = [...grouped(events, familyOf)].map(([family, members]) =>
    familyRow(family, members, page),
  );
  return html`<details class="folder${bad > 0 ? ' bad' : ''}" id="${name}/"${bad > 0 ? html` open` : null}>
<summary class="row"><span class="name">${name} <i>${number(events.length)}</i></span>${page.cells.drawCounts(events)}<span class="title">${
    bad > 0
      ? `${number(bad)} ${plural(bad, 'case is', 'cases are')} not as expected`
      : known.length === 0
        ? ''
        : `as declared: ${known[0]}`
  }</span></summary>
${known.length === 0 ? null : html`<section class="declared"><h3>Differ as declared</h3><ul class="said">${known.map((sentence) => html`<li>${sentence}</li>`)}</ul></section>`}
${families}</details>
`;
}

function familyRow(name: string, events: readonly [CaseEvent, ...CaseEvent[]], page: Page): Html {
  const [{ spec }] = events;
  const single = events.length === 1 && spec.id === name;
  const bad = events.some(isFailing);
  const line = page.cells.worst(events);
  const id = single || !events.some((event) => event.spec.id === name) ? name : null;
  return html`<details class="family${bad ? ' bad' : ''}${events.some(differs) ? ' dif' : ''}"${
    id === null ? null : html` id="${id}"`
  } data-r="${lettersOf(line)}"${bad && page.opens() ? html` open` : null}>
<summary class="row"><span class="name">${path(name)}${
    single ? null : html` <i>×${number(events.length)}</i>`
  }</span>${page.cells.draw(line)}<span class="title">${spec.title}</span></summary>
<div class="body">
${familyBody(events, single, page)}</div>
</details>
`;
}

/** `<span>folder/</span>name` */
function path(id: string): Html {
  const cut = id.lastIndexOf('/') + 1;
  return cut === 0 ? html`${id}` : html`<span>${id.slice(0, cut)}</span>${id.slice(cut)}`;
}
