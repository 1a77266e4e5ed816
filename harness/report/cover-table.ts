// SPDX-License-Identifier: MIT
/** The table from what a case can cover to the cases that do, as text: a block for each unit, then the sums. */
import type { Covered } from '../case/covered.js';
import type { Unit } from '../case/covers.js';
import type { Case } from '../case/types.js';
import { wrap } from './wrap.js';

const WIDTH = 80;
const INDENT = '    ';

/** `ST-02  Y  what it says`, then a line for each case or family. */
export function coverBlock({ unit, cases }: Covered, all: readonly Case[]): string {
  const [first = '', ...rest] = wrap(`${unit.id}  ${classOf(unit)}  ${unit.about}`, WIDTH);
  const names = shortNames(cases, all);
  const lines = names.length > 0 ? names : needless(unit) ? [] : ['no case'];
  return [first, ...rest.map((line) => `  ${line}`), ...lines.map((line) => INDENT + line), ''].join('\n');
}

/** How many verdicts of each class have a case. */
export function coverSums(table: readonly Covered[]): string {
  const rows = [
    { name: 'Y', what: 'can be said by a case' },
    { name: 'P', what: 'in part' },
    { name: 'N', what: 'need none' },
    { name: 'bug', what: 'historical bugs' },
  ].map(({ name, what }) => {
    const own = table.filter(({ unit }) => unit.restatable.startsWith(name));
    const sum = (some: readonly Covered[]) => some.reduce((total, { unit }) => total + unit.verdicts, 0);
    const done = sum(own.filter(({ cases }) => cases.length > 0));
    return [name, sum(own), done, sum(own) - done, what] as const;
  });
  const line = (cells: readonly (string | number)[]) => {
    const [name = '', ...rest] = cells.map(String);
    const [all = '', done = '', open = '', what = ''] = rest;
    return `${name.padEnd(5)}${all.padStart(6)}${done.padStart(10)}${open.padStart(9)}  ${what}`.trimEnd();
  };
  return [line(['', 'all', 'covered', 'not', '']), ...rows.map(line), ''].join('\n');
}

function classOf({ restatable, kernels }: Unit): string {
  return kernels === null || kernels === 'all' ? restatable : `${restatable}, ${kernels}`;
}

const needless = ({ restatable }: Unit) => restatable.startsWith('N ');

/** Ids; a family of which every member is there is named once. */
function shortNames(cases: readonly Case[], all: readonly Case[]): string[] {
  const sizes = new Map<string, number>();
  for (const { file } of all) sizes.set(file, (sizes.get(file) ?? 0) + 1);
  const byFile = new Map<string, Case[]>();
  for (const spec of cases) byFile.set(spec.file, [...(byFile.get(spec.file) ?? []), spec]);
  return [...byFile].flatMap(([file, members]) => {
    const whole = members.length > 1 && members.length === sizes.get(file);
    return whole ? [`${familyId(members[0] as Case)} (${members.length})`] : members.map(({ id }) => id);
  });
}

/** The id of a member without what its parameters add, which may have dots of its own. */
function familyId({ id, file }: Case): string {
  const stem = file.slice(file.lastIndexOf('/') + 1).replace(/\.yaml$/, '');
  return id.slice(0, id.lastIndexOf('/') + 1 + stem.length);
}
