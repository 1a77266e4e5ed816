// SPDX-License-Identifier: MIT
/** Selected case files → checked cases. Every wrong case is reported in one go, before anything runs. */
import type { Case } from '../case/types.js';
import { EXIT } from '../compare/exit-codes.js';
import { readCase } from './files.js';
import { byId } from './order.js';
import { isRenderable, Problem, Problems, rendered } from './problem.js';
import type { Selected } from './select.js';
import { didYouMean } from './suggest.js';

/** As `parseCases` of harness/case/parse.ts. */
export type Parse = (file: string, text: string, id: string) => { readonly cases: readonly Case[] };

/**
 * Cases sorted by id, each id once.
 * @throws Problems with all errors of all files; Problem when an id of a family does not exist
 */
export function loadCases(selection: readonly Selected[], parse: Parse): Case[] {
  const errors: string[] = [];
  const cases = new Map<string, Case>();
  const from = new Map<string, string>();
  for (const { file, rows } of selection) {
    let parsed: readonly Case[];
    try {
      parsed = parse(file.shown, readCase(file), file.id).cases;
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
    for (const spec of parsed.filter(({ id }) => rows === null || rows.includes(id))) {
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
