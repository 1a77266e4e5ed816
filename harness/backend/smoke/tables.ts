// SPDX-License-Identifier: MIT
/** The instruction table and the feature table. */
import type { Report, Subject } from './finding.js';

/** No two rows can take the same text by the same operands: the second would never be used. */
export function checkInstructions({ backend }: Subject, report: Report): void {
  const seen = new Set<string>();
  const { table, alignment } = backend.instructions;
  for (const { mnemonic, operands, manual } of table) {
    const form = [mnemonic, operands.map((kind) => kind.name).join(', ')].join(' ').trim();
    if (seen.has(form)) report(`instructions ${form}`, 'two rows have this mnemonic and these operands');
    seen.add(form);
    if (mnemonic !== mnemonic.toLowerCase())
      report(`instructions ${form}`, 'the mnemonic is not in lower case');
    if (manual.trim() === '') report(`instructions ${form}`, 'names no section of the manual');
  }
  if (table.length === 0) report('instructions.table', 'is empty');
  if (![1, 2, 4].includes(alignment)) report('instructions.alignment', `is ${alignment}`);
}

/** Every feature has a value at every revision the back-end models. */
export function checkFeatures({ backend, revision }: Subject, report: Report): void {
  if (!backend.revisions.includes(revision)) {
    report('revisions', `${revision} is not modelled; the list is ${backend.revisions.join(', ')}`);
  }
  for (const [name, row] of Object.entries(backend.features)) {
    if (!/^[A-Z][A-Z0-9_]*$/.test(name) || name.startsWith('CONFIG_')) {
      report(`features.${name}`, 'is no Kconfig name without CONFIG_');
    }
    if (row[revision] === undefined) report(`features.${name}`, `says nothing about ${revision}`);
  }
}

/** Runs last: every feature asked by code or tested in a source is in the table. */
export function checkAsked({ backend, sources, asked }: Subject, report: Report): void {
  for (const name of asked) {
    if (!(name in backend.features)) report(`features.${name}`, 'is asked for but not in the table');
  }
  for (const source of sources) {
    for (const { name, where } of testedFeatures(source)) {
      if (!(name in backend.features)) report(where, `CONFIG_${name} is tested but not in the feature table`);
    }
  }
}

/** CONFIG_ symbols in preprocessor conditions, with the place of the first use. */
export function testedFeatures(source: {
  readonly file: string;
  readonly text: string;
}): { name: string; where: string }[] {
  const first = new Map<string, string>();
  for (const [index, line] of source.text.split('\n').entries()) {
    if (!/^\s*#\s*(if|ifdef|ifndef|elif)\b/.test(line)) continue;
    for (const match of line.matchAll(/\bCONFIG_(\w+)/g)) {
      const name = match[1] as string;
      if (!first.has(name)) first.set(name, `${source.file}:${index + 1}:${match.index + 1}`);
    }
  }
  return [...first].map(([name, where]) => ({ name, where }));
}
