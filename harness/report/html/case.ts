// SPDX-License-Identifier: MIT
/** What one case shows: the sentence, verdicts, the diff, where the failing subject parts, what was seen. */
import { failing, STATUSES } from '../../compare/statuses.js';
import type { Verdict } from '../../compare/types.js';
import { subjectName } from '../../target/outcome.js';
import { capDiff } from '../cap-diff.js';
import { type Html, html } from '../escape.js';
import type { CaseEvent } from '../events.js';
import { grouped } from '../grouped.js';
import { isFailing } from '../rows.js';
import { number, plural } from '../summary.js';
import { badge } from './cells.js';
import { coded } from './link.js';
import type { Page } from './page.js';
import { partingPart } from './parting.js';
import { seenPart } from './seen.js';

/** Divergences by their place in the file, with their number on the page. */
export type Known = ReadonlyMap<string, number>;

/** @param own verdicts, as {@link verdictList} draws them, unless they stand elsewhere. @param first of its family that fails */
export function caseBody(event: CaseEvent, own: Html | null, first: boolean, page: Page): Html {
  const { verdicts, classes, sentence, explained } = event.comparison;
  const { fullness } = page;
  const failed = isFailing(event);
  const lists =
    fullness === 'all' ||
    (classes.length > 1 && (failed || fullness === 'differing')) ||
    (failed && fullness !== 'brief');
  return html`${sentence === null ? null : sentencePart(sentence, explained)}${own}${diffs(verdicts, page)}${
    failed ? partingPart(event, first, page) : null
  }${lists ? seenPart(event, page) : null}`;
}

/** One line per place: `at 7.2/model: only alpha differs: …; at 6.1/model: …`, places that agree together. */
function sentencePart(sentence: string, explained: boolean): Html {
  const parts = sentence
    .split(/; (?=at \S+: )/)
    .map((part) => /^at (\S+): (.*)$/s.exec(part)?.slice(1) ?? ['', part]);
  const lines = [...grouped(parts, ([, said = '']) => said)].map(([said, same]) => {
    const places = same.flatMap(([place = '']) => (place === '' ? [] : [place]));
    return html`${places.length === 0 ? null : html`<span>${places.join(', ')}</span> `}${coded(said)}`;
  });
  return html`<div class="sentence${explained ? '' : ' open'}">${lines.map((line) => html`<p>${line}</p>`)}</div>`;
}

/** Subjects with the same verdict for the same reason stand in one line. */
export function verdictList(
  { comparison: { verdicts, sentence } }: CaseEvent,
  known: Known,
  page: Page,
): Html {
  const groups = grouped(verdicts, ({ status, reason, absent, divergences }) =>
    JSON.stringify([status, reason, absent, divergences.map(({ at }) => at)]),
  );
  const ordered = [...groups.values()].sort(([a], [b]) => rank(a) - rank(b));
  return html`<ul class="verdicts">${ordered.map((group) => {
    const [{ status, reason, absent, divergences }] = group;
    const names = page.names.folded(group.map(({ subject }) => subjectName(subject)));
    const said = reason === '' || reason === sentence ? STATUSES[status].brief : reason;
    const numbers = divergences.map(({ at }) => known.get(at) ?? 0).sort((a, b) => a - b);
    return html`<li>${badge(status)} <code>${names}</code> ${said}${
      numbers.length === 0
        ? null
        : html` (known ${plural(numbers.length, 'divergence')} ${numbers.join(', ')})`
    }${absent.length === 0 ? null : html`; not given by this kernel: ${absent.join(', ')}`}</li>`;
  })}</ul>
`;
}

/** What is not as expected, then what is, then what did not run. */
function rank({ status }: Verdict): number {
  return failing(status) ? 0 : STATUSES[status].ran ? 1 : 2;
}

/** Each diff once, headed by all whose it is, and cut where nobody reads on. */
function diffs(verdicts: readonly Verdict[], page: Page): Html[] {
  const bad = verdicts.filter(({ diff, status }) => diff !== null && failing(status));
  const bodyOf = ({ diff }: Verdict) => diff?.split('\n').slice(2).join('\n') ?? '';
  return [...grouped(bad, bodyOf)].map(([body, group]) => {
    const [head = ''] = group[0].diff?.split('\n') ?? [];
    const names = page.names.folded(group.map(({ subject }) => subjectName(subject)));
    const { lines, more } = capDiff(`${head}\n+++ ${names}\n${body}`);
    const rest =
      more === 0 ? null : html`… ${number(more)} more ${plural(more, 'line')}; explain shows all\n`;
    return html`<pre class="diff">${lines.map(diffLine)}${rest}</pre>
`;
  });
}

const SIGNS = { '---': 'h', '+++': 'h', '@@': 'h', '-': 'del', '+': 'ins' } as const;

function diffLine(text: string): Html {
  const kind = (Object.keys(SIGNS) as (keyof typeof SIGNS)[]).find((sign) => text.startsWith(sign));
  return kind === undefined ? html`${text}\n` : html`<span class="${SIGNS[kind]}">${text}</span>\n`;
}
