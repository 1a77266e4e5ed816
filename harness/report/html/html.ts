// SPDX-License-Identifier: MIT
/**
 * `index.html`: the whole run in one file that opens from disk, needs no network, and reads without script, which
 * only filters, moves about and colours. Kept below 5 MB per 1,000 cases by leaving out, first, what passing cases saw.
 */
import { Html, html } from '../escape.js';
import type { CaseEvent, FooterEvent, HeaderEvent, RunEvent } from '../events.js';
import { FULLNESS, type Fullness } from '../fullness.js';
import { isFailing } from '../rows.js';
import { columnStyle } from './cells.js';
import { fidelity } from './fidelity.js';
import { controls, failures, headline, keys, legend, summary } from './head.js';
import { Page, TooLarge } from './page.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';
import { tree } from './tree.js';

/**
 * Bytes above which detail is left out: the tree of 1,000 cases with everything around it takes less than 5 MB, and
 * that of as many as there may be still opens at once.
 */
const ROOM = { perCase: 4_900, least: 4_900_000, most: 10_000_000 } as const;

/** @param events a complete stream */
export function reportHtml(events: readonly RunEvent[]): string {
  const room = Math.min(ROOM.most, Math.max(ROOM.least, ROOM.perCase * events.length));
  for (const fullness of FULLNESS) {
    try {
      return page(events, fullness, fullness === FULLNESS.at(-1) ? Number.POSITIVE_INFINITY : room);
    } catch (error) {
      if (!(error instanceof TooLarge)) throw error;
    }
  }
  return '';
}

const LEFT_OUT: Readonly<Record<Exclude<Fullness, 'all'>, string>> = {
  differing: 'What subjects saw where all agree',
  failing: 'What subjects saw of cases that are as expected',
  brief: 'What subjects saw, and the text of the cases,',
};

/** @throws TooLarge */
function page(events: readonly RunEvent[], fullness: Fullness, most: number): string {
  const header = events[0] as HeaderEvent;
  const footer = events.at(-1) as FooterEvent;
  const cases = events.filter((event): event is CaseEvent => event.event === 'case');
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${headline(cases, footer)} · ftrace-conform</title>
<style>${new Html(STYLE)}${new Html(columnStyle(header.subjects))}</style>
</head>
<body>
${summary(header, cases, footer)}
<main>
${failures(cases)}
${fidelity(cases)}
<section id="matrix">
<h2>Matrix</h2>
${controls(header)}
${tree(cases, header, new Page(header, fullness, cases.filter(isFailing).length, most))}
${legend(cases, footer)}
${fullness === 'all' ? null : html`<p class="note">${LEFT_OUT[fullness]} is left out to keep this file small; it is in the log.</p>`}
</section>
</main>
<footer>
<details class="features"><summary>Features of each subject</summary>
<dl>${header.subjects.map(({ name, features }) => html`<dt>${name}</dt><dd>${features.join(' ')}</dd>`)}</dl>
</details>
</footer>
${keys(header)}
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`.text;
}
