// SPDX-License-Identifier: MIT
/**
 * Rows of letters, a cell per subject, as they stand in every line of the page; and the heads above them. A cell's
 * class is the status's single letter; `d` says that a declared divergence applied.
 */
import { graver, NO_VERDICT, STATUSES } from '../../compare/statuses.js';
import type { Status } from '../../compare/types.js';
import { subjectName } from '../../target/outcome.js';
import { type Html, html } from '../escape.js';
import type { CaseEvent, HeaderEvent } from '../events.js';
import { number } from '../summary.js';

/** What stands in a row: by subject, in the order of the header. */
export interface Line {
  readonly statuses: readonly (Status | null)[];
  readonly declared: readonly boolean[];
}

/** Makes rows of cells; equal ones are made once. */
export class Cells {
  readonly #places: ReadonlyMap<string, number>;
  readonly #drawn = new Map<string, Html>();
  readonly #lines = new WeakMap<CaseEvent, Line>();

  constructor(private readonly subjects: HeaderEvent['subjects']) {
    this.#places = new Map(subjects.map(({ name }, place) => [name, place]));
  }

  lineOf(event: CaseEvent): Line {
    const known = this.#lines.get(event);
    if (known !== undefined) return known;
    const statuses: (Status | null)[] = this.subjects.map(() => null);
    const declared = this.subjects.map(() => false);
    for (const { subject, status, divergences } of event.comparison.verdicts) {
      const place = this.#places.get(subjectName(subject));
      if (place === undefined) continue;
      statuses[place] = status;
      declared[place] = divergences.length > 0;
    }
    const line = { statuses, declared };
    this.#lines.set(event, line);
    return line;
  }

  /** The gravest of each column; but what is merely not run gives way to what ran. */
  worst(events: readonly CaseEvent[]): Line {
    const lines = events.map((event) => this.lineOf(event));
    return {
      statuses: this.subjects.map((_, place) =>
        worstOf(lines.map(({ statuses }) => statuses[place] ?? null)),
      ),
      declared: this.subjects.map((_, place) => lines.some(({ declared }) => declared[place])),
    };
  }

  /** `<span class="cells">`, with letters. */
  draw(line: Line): Html {
    const key = keyOf(line);
    const known = this.#drawn.get(key);
    if (known !== undefined) return known;
    const drawn = html`<span class="cells">${line.statuses.map((status, place) =>
      badge(status, line.declared[place] ? ' d' : ''),
    )}</span>`;
    this.#drawn.set(key, drawn);
    return drawn;
  }

  /** With how many cases are as expected, or what they are instead. */
  drawCounts(events: readonly CaseEvent[]): Html {
    return html`<span class="cells">${this.subjects.map((_, place) =>
      countCell(events.map((event) => this.lineOf(event).statuses[place] ?? null)),
    )}</span>`;
  }
}

/** One letter per subject, for the script. */
export function lettersOf({ statuses }: Line): string {
  return statuses.map((status) => (status === null ? '-' : STATUSES[status].letter)).join('');
}

export function keyOf(line: Line): string {
  return `${lettersOf(line)} ${line.declared.map(Number).join('')}`;
}

/** Whether subjects of a case see different things, declared or not. */
export function differs({ comparison }: CaseEvent): boolean {
  return comparison.sentence !== null;
}

export function badge(status: Status | null, more = ''): Html {
  if (status === null) return html`<b>${NO_VERDICT}</b>`;
  const { letter, letters } = STATUSES[status];
  return html`<b class="${letter}${more}">${letters}</b>`;
}

/** How many are as expected, out of those that ran; a bar below says how many did not run. */
function countCell(statuses: readonly (Status | null)[]): Html {
  const status = worstOf(statuses);
  if (status === null) return badge(null);
  const { exit, letter, letters, ran } = STATUSES[status];
  if (exit !== 0) {
    const bad = statuses.filter((one) => one === status).length;
    return html`<b class="${letter}">${letters}<small>${number(bad)}</small></b>`;
  }
  if (!ran) return badge(status);
  const good = statuses.filter((one) => one !== null && STATUSES[one].ran).length;
  const share = Math.round((100 * good) / statuses.length);
  return share === 100
    ? html`<b class="${letter}">${number(good)}</b>`
    : html`<b class="${letter} part" style="--of:${Math.min(99, share)}%">${number(good)}</b>`;
}

function worstOf(statuses: readonly (Status | null)[]): Status | null {
  const present = statuses.filter((status) => status !== null);
  const ran = present.filter((status) => status !== 'UNSUPPORTED' && status !== 'SKIP');
  const list = ran.length > 0 ? ran : present;
  return list.length === 0 ? null : list.reduce(graver);
}

/** Names above the columns: of back-ends, and of their revisions where they have several. */
export function columnHeads(subjects: HeaderEvent['subjects']): Html {
  const several = new Set(subjects.map(({ id }) => id.arch)).size < subjects.length;
  const runs = runsOf(subjects);
  const targets = new Set(subjects.map(({ id }) => id.target)).size > 1;
  const placeOf = ({ revision, target }: Subject['id']) =>
    targets ? html`${revision}<br>${target}` : revision;
  const heads = several
    ? html`<span class="cells archs">${runs.map(
        ([first, length]) => html`<b style="flex-grow:${length};--w:${length}">${first.id.arch}</b>`,
      )}</span>`
    : null;
  return html`<div class="heads"><span class="name">feature</span><div>${heads}<span class="cells subjects">${subjects.map(
    ({ name, short, id }) => html`<b title="${name}">${several ? placeOf(id) : short}</b>`,
  )}</span></div></div>`;
}

/** A gap before each back-end but the first, where they have several columns. */
export function columnStyle(subjects: HeaderEvent['subjects']): string {
  const starts: number[] = [];
  let place = 1;
  for (const [, length] of runsOf(subjects)) {
    starts.push(place);
    place += length;
  }
  const gaps = starts.length === subjects.length ? [] : starts.slice(1);
  const rule = gaps.map((start) => `.cells:not(.archs) > :nth-child(${start})`).join(',');
  return `:root { --n: ${subjects.length}; --gaps: ${gaps.length}; }${rule === '' ? '' : `${rule} { margin-left: var(--gap); }`}`;
}

type Subject = HeaderEvent['subjects'][number];

/** Neighbours of one back-end. */
function runsOf(subjects: readonly Subject[]): [first: Subject, length: number][] {
  const runs: [Subject, number][] = [];
  for (const subject of subjects) {
    const last = runs.at(-1);
    if (last !== undefined && last[0].id.arch === subject.id.arch) last[1]++;
    else runs.push([subject, 1]);
  }
  return runs;
}
