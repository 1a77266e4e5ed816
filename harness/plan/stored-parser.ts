// SPDX-License-Identifier: MIT
/** A parser that asks the store first, and is loaded only when the store does not know all files. */

import type { CaseStore } from './case-store.js';
import type { Parse } from './cases.js';
import { readCase } from './files.js';
import { isRenderable, Problem } from './problem.js';
import type { Selected } from './select.js';

/** @param selection what is going to be parsed */
export async function storedParser(
  selection: readonly Selected[],
  store: CaseStore,
  load: () => Promise<Parse>,
): Promise<Parse> {
  const known = new Map(selection.map(({ file }) => [file.shown, lookUp(file, store)]));
  const parse = [...known.values()].includes(undefined) ? await load() : null;
  return (file, text, id) => {
    const kept = known.get(file);
    if (kept?.text === text) return kept;
    if (parse === null) throw new Problem(`${file}: changed while it was read; run again`);
    const { cases } = parse(file, text, id);
    store.put(file, text, id, cases);
    return { cases };
  };
}

function lookUp(file: Selected['file'], store: CaseStore) {
  try {
    const text = readCase(file);
    const cases = store.get(file.shown, text, file.id);
    return cases && { text, cases };
  } catch (error) {
    // What is wrong with the file is said when it is read for good.
    if (!isRenderable(error)) throw error;
    return undefined;
  }
}
