// SPDX-License-Identifier: MIT
/**
 * What was seen, side by side: a column per class of subjects that saw the same. The first stands there whole; of
 * the others what differs, and around it. A list that stands on the page already is referred to.
 */
import { diffArrays } from 'diff/lib/diff/array.js';
import { type Html, html } from '../escape.js';
import type { CaseEvent } from '../events.js';
import { number, plural } from '../summary.js';
import type { Page } from './page.js';

/** Lines kept on both sides of a difference. */
const CONTEXT = 2;

/** Above these, lists are told by the log alone. */
const MAX_LINES = 400;

interface Column {
  readonly subjects: string[];
  readonly text: readonly string[];
  readonly key: string;
}

export function seenPart({ spec, comparison }: CaseEvent, page: Page): Html | null {
  const columns = merged(comparison.classes);
  const [usual] = columns;
  if (usual === undefined) return null;
  return html`<div class="seen">${columns.map((column, index) => {
    const { id, where } = page.once(index === 0 ? column.key : `${usual.key}\n\n${column.key}`, spec.id);
    const list =
      where === null
        ? html`<ol${id === null ? null : html` id="${id}"`}>${index === 0 ? whole(column.text) : against(usual.text, column.text)}</ol>`
        : html`<p><a class="as" href="#${id}">as for ${where === spec.id ? 'the others' : where}</a></p>`;
    return html`<section><h4>${page.names.folded(column.subjects)}</h4>${list}</section>`;
  })}</div>
`;
}

/** Classes are told apart at each place of the other axes; here those that saw the same are one. */
function merged(classes: CaseEvent['comparison']['classes']): Column[] {
  const columns = new Map<string, Column>();
  for (const { subjects, text } of classes) {
    const key = text.join('\n');
    const column = columns.get(key);
    if (column === undefined) columns.set(key, { subjects: [...subjects], text, key });
    else column.subjects.push(...subjects);
  }
  return [...columns.values()].sort((a, b) => b.subjects.length - a.subjects.length);
}

function whole(text: readonly string[]): Html {
  return html`${text.slice(0, MAX_LINES).map((line) => html`<li>${line}</li>`)}${rest(text)}`;
}

function rest({ length }: readonly string[]): Html | null {
  const more = length - MAX_LINES;
  return more <= 0 ? null : html`<li class="fold">… ${number(more)} more ${plural(more, 'line')}</li>`;
}

/** Lines unlike those of the usual list are marked, and what is as there is folded. */
function against(usual: readonly string[], text: readonly string[]): Html {
  return html`${items(marked(usual.slice(0, MAX_LINES), text.slice(0, MAX_LINES)))}${rest(text)}`;
}

interface Line {
  /** As in the usual list. */
  readonly same: boolean;
  readonly text: Html;
}

/** List items; a stretch of lines that are as in the usual list, away from differences, is one item. */
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

/** Edits above which lines are not paired up: the time grows with their square. */
const MAX_EDITS = 200;

function marked(usual: readonly string[], text: readonly string[]): Line[] {
  const changes = diffArrays([...usual], [...text], { maxEditLength: MAX_EDITS });
  if (changes === undefined) return text.map((line) => ({ same: false, text: html`<mark>${line}</mark>` }));
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
  const words = (text: string) => text.match(/[\w+-]+|\s+|./gu) ?? [];
  const changes = diffArrays(words(old), words(line), { maxEditLength: MAX_EDITS });
  if (changes === undefined) return [html`<mark>${line}</mark>`];
  const kept = changes.filter(({ removed }) => !removed);
  return kept.map(({ added, value }, index) => {
    const text = value.join('');
    const between = text.trim() === '' && kept[index - 1]?.added && kept[index + 1]?.added;
    return added || between ? html`<mark>${text}</mark>` : html`${text}`;
  });
}
