// SPDX-License-Identifier: MIT
/** Selected case files → checked cases. Every wrong case is reported in one go, before anything runs. */
import type { Case } from '../case/types.js';
import { EXIT } from '../compare/exit-codes.js';
import { type CaseFile, readCase } from './files.js';
import { byId } from './order.js';
import { isRenderable, Problem, Problems, rendered } from './problem.js';
import type { Selected } from './select.js';
import { didYouMean } from './suggest.js';

/** As `parseCases` of harness/case/parse.ts. */
export type Parse = (file: string, text: string, id: string) => { readonly cases: readonly Case[] };

/** All cases of a file. @throws an error with a `render()` */
export function parseFile(file: CaseFile, parse: Parse): readonly Case[] {
  return parse(file.shown, readCase(file), file.id).cases;
}

export function loadCases(selection: readonly Selected[], parse: Parse): Case[] {
  return collectCases(selection, ({ file }) => parseFile(file, parse));
}

/** Whether a selection means this case of its file. */
export function isWanted({ rows }: Selected, { id }: { readonly id: string }): boolean {
  return rows === null || rows.includes(id);
}

/**
 * Cases sorted by id, each id once.
 * @param read gives all cases of a file, or throws an error with a `render()`; is asked once each, in order
 * @throws Problems with all errors of all files; Problem when an id of a family does not exist
 */
export function collectCases<C extends { readonly id: string }>(
  selection: readonly Selected[],
  read: (selected: Selected, index: number) => readonly C[],
): C[] {
  const errors: string[] = [];
  const cases = new Map<string, C>();
  const from = new Map<string, string>();
  for (const [index, selected] of selection.entries()) {
    const { file, rows } = selected;
    let parsed: readonly C[];
    try {
      parsed = read(selected, index);
    } catch (error) {
      if (!isRenderable(error)) throw error;
      errors.push(rendered(error));
      continue;
    }
    for (const id of rows ?? []) {
      const ids = parsed.map((spec) => spec.id);
      if (!ids.includes(id)) {
        throw new Problem(
          `no case ${id} in ${file.shown}${didYouMean(id, ids)}\n${someOf(ids)}`,
          EXIT.nothing,
        );
      }
    }
    for (const spec of parsed.filter((one) => isWanted(selected, one))) {
      if (cases.has(spec.id)) {
        errors.push(`error: two files give the case id ${spec.id}: ${from.get(spec.id)} and ${file.shown}`);
      }
      cases.set(spec.id, spec);
      from.set(spec.id, file.shown);
    }
  }
  if (errors.length > 0) throw new Problems(errors);
  if (cases.size === 0) throw new Problem('the selected files contain no case', EXIT.nothing);
  return [...cases.values()].sort((a, b) => byId(a.id, b.id));
}

function someOf(ids: readonly string[]): string {
  const shown = ids.slice(0, 12).join(', ');
  return `it has: ${shown}${ids.length > 12 ? `, … (${ids.length} in all)` : ''}`;
}
