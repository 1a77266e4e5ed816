// SPDX-License-Identifier: MIT
/**
 * `index.html`: the whole run in one file that opens from disk, needs no network, and reads without script.
 * The script only filters and sorts. Kept below 10 MB by leaving out, first, what passing cases saw.
 */

import { failing, SEVERITY, STATUSES } from '../compare/statuses.js';
import type { Axis } from '../compare/types.js';
import { Html, html } from './escape.js';
import type { CaseEvent, FooterEvent, HeaderEvent, RunEvent } from './events.js';
import { FULLNESS, type Fullness } from './fullness.js';
import { familySections } from './html-case.js';
import { matrixTable } from './html-matrix.js';
import { SCRIPT } from './html-script.js';
import { STYLE } from './html-style.js';
import { isFailing } from './rows.js';
import {
  blameSentences,
  closingSentence,
  differenceSentence,
  headerFacts,
  number,
  plural,
  UNSUPPORTED_HINT,
} from './summary.js';

/** Bytes above which detail is left out. */
const MAX_BYTES = 10_000_000;

/** @param events a complete stream */
export function reportHtml(events: readonly RunEvent[]): string {
  let text = '';
  for (const fullness of FULLNESS) {
    text = page(events, fullness);
    if (Buffer.byteLength(text) <= MAX_BYTES) break;
  }
  return text;
}

const LEFT_OUT: Readonly<Record<Exclude<Fullness, 'all'>, string>> = {
  differing: 'What subjects saw where all agree',
  failing: 'What subjects saw of cases that are as expected',
  brief: 'What subjects saw, and the text of the cases,',
};

function page(events: readonly RunEvent[], fullness: Fullness): string {
  const header = events[0] as HeaderEvent;
  const footer = events.at(-1) as FooterEvent;
  const cases = events.filter((event): event is CaseEvent => event.event === 'case');
  const failed = cases.filter(isFailing);
  const title = headline(failed.length, footer);
  const document = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>${title} · ftrace-conform</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<header>
<p class="brand">ftrace-conform <span>${header.harness}</span></p>
<h1 class="${failed.length > 0 ? 'bad' : 'good'}">${title}</h1>
<p class="lede">${command(closingSentence(footer, header.subjects.length))}. ${differenceSentence(cases) ?? ''}</p>
${counts(footer)}
</header>
<main>
${failed.length > 0 ? failures(failed, header.axis) : null}
<section id="matrix">
<h2>Matrix</h2>
${controls(footer)}
${matrixTable(cases, header)}
${legend(footer)}
</section>
<section id="cases">
<h2>Cases</h2>
${fullness === 'all' ? null : html`<p class="note">${LEFT_OUT[fullness]} is left out to keep this file small; it is in the log.</p>`}
${familySections(cases, fullness)}
</section>
</main>
<footer>
<h2>This run</h2>
<dl class="facts">${headerFacts(header).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<details class="features"><summary>Features of each subject</summary>
<dl>${header.subjects.map(({ name, features }) => html`<dt>${name}</dt><dd>${features.join(' ')}</dd>`)}</dl>
</details>
</footer>
<script>${new Html(SCRIPT)}</script>
</body>
</html>
`;
  return document.text;
}

/** A command is set as one. */
function command(sentence: string): Html {
  const [before = '', after] = sentence.split(UNSUPPORTED_HINT);
  return after === undefined
    ? html`${before}`
    : html`${before}<code class="whole">${UNSUPPORTED_HINT}</code>${after}`;
}

function headline(failed: number, footer: FooterEvent): string {
  if (failed > 0) return `${number(failed)} ${plural(failed, 'case is', 'cases are')} not as expected`;
  return footer.counts.PASS + footer.counts.XFAIL > 0 ? 'Everything that ran is as expected' : 'Nothing ran';
}

function counts({ counts }: FooterEvent): Html {
  const present = SEVERITY.filter((status) => counts[status] > 0);
  return html`<ul class="counts">${present.map(
    (status) =>
      html`<li><b class="s s-${status}">${STATUSES[status].letters}</b> ${number(counts[status])} <span>${STATUSES[status].brief}</span></li>`,
  )}</ul>`;
}

function failures(failed: readonly CaseEvent[], axis: Axis): Html {
  return html`<section id="failures"><h2>Not as expected</h2><p class="lede">${blameSentences(failed, axis).join('; ')}.</p><ul class="failures">${failed.map(
    ({ spec, comparison }) =>
      html`<li><a href="#${encodeURI(spec.id)}">${spec.id}</a> <span>${
        comparison.explained
          ? (comparison.verdicts.find(({ status }) => failing(status))?.reason ?? '')
          : (comparison.sentence ?? '')
      }</span></li>\n`,
  )}</ul></section>`;
}

/** Shown by the script, which alone can serve it. */
function controls({ counts }: FooterEvent): Html {
  const present = SEVERITY.filter((status) => counts[status] > 0);
  return html`<form id="filter" hidden>
<label>Filter <input name="q" type="search" placeholder="id, title, covered bug" autocomplete="off"></label>
<label>Verdict <select name="status"><option value="">any</option>${present.map(
    (status) => html`<option value="${status}">${STATUSES[status].brief}</option>`,
  )}</select></label>
<label>Order <select name="order"><option value="">by id</option><option value="worst">gravest first</option></select></label>
<output></output>
</form>`;
}

function legend({ counts }: FooterEvent): Html {
  const shown = [...SEVERITY].reverse().filter((status) => counts[status] > 0 || status === 'FAIL');
  return html`<dl class="legend">${shown.map(
    (status) =>
      html`<div><dt><b class="s s-${status}">${STATUSES[status].letters}</b></dt><dd>${STATUSES[status].meaning}</dd></div>`,
  )}<div><dt><sup>d</sup></dt><dd>differs from other subjects as declared, with reason and source</dd></div></dl>`;
}
