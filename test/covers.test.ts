// SPDX-License-Identifier: MIT
/**
 * Every upstream test that a case can say, in whole or in part, is said by one, but for those listed here with what they wait
 * for. The lists are exact: a test that has got its case must leave them.
 */
import { expect, test } from 'vitest';
import { type Covered, covered } from '../harness/case/covered.js';
import { coverIds } from '../harness/case/covers.js';
import { parseCases } from '../harness/case/parse.js';
import { loadCases } from '../harness/plan/cases.js';
import { packageRoot } from '../harness/plan/package-root.js';
import { defaultPlace, select } from '../harness/plan/select.js';

/** What the model lacks → the tests that wait for it. A row stands for each of its subtests. Nothing waits at present. */
const WAITING: Readonly<Record<string, readonly string[]>> = {};

/** Of tests that a case can say in part: what that part waits for, or why the model has nothing of it. */
const IN_PART: Readonly<Record<string, readonly string[]>> = {
  'kprobes inside of a body': ['AR-02'],
  'programs that replace another, tracepoints, and arguments of system calls': [
    'BP-08/freplace',
    'BP-15',
    'BP-26',
  ],
  'stack traces from given registers or a given stack pointer': [
    ...['AR-05/sp', 'AR-05/regs', 'AR-05/sp-regs', 'AR-06/sp', 'AR-06/regs', 'AR-06/sp-regs'],
    ...['AR-07/sp', 'AR-07/regs', 'AR-07/sp-regs', 'AR-08/sp', 'AR-08/regs', 'AR-08/sp-regs'],
  ],
  'modules that come and go': ['FT-14', 'DY-04', 'KT-22', 'BT-22', 'LP-09'],
  'several tasks': ['FT-08', 'FT-09'],
  'commands in filter files': ['FT-12', 'FT-17', 'FT-19'],
  'patterns in filters': ['FT-07'],
  'probe events: definitions, names, text of tracefs files': [
    ...['ST-21', 'DY-10', 'DY-11', 'DY-12', 'DY-13'],
  ],
  'memory that arguments point to': ['DY-07', 'KT-09', 'KT-10', 'KT-11', 'KT-14', 'BP-25'],
  'tail calls between BPF programs': [
    ...['BT-55/hierarchy_fentry', 'BT-55/hierarchy_fexit'],
    ...['BT-55/hierarchy_fentry_fexit', 'BT-55/hierarchy_fentry_entry'],
  ],
  'what links of kprobes tell of themselves': ['BP-16'],
  'what sysfs tells of a livepatch': [
    ...['LP-13/attributes', 'LP-13/patched', 'LP-13/replace-enabled', 'LP-13/replace-disabled'],
  ],
};

const cases = loadCases(select([], defaultPlace(packageRoot, packageRoot)), parseCases);
const table = covered(cases);

/** Ids without a case that do not wait, and ids that wait and have one. */
function wrong(rows: readonly Covered[], list: typeof WAITING): { missing: string[]; waiting: string[] } {
  const waiting = new Set(Object.values(list).flat());
  const waits = ({ unit: { id, row } }: Covered) => waiting.has(id) || waiting.has(row);
  const ids = (some: readonly Covered[]) => some.map(({ unit }) => unit.id);
  return {
    missing: ids(rows.filter((row) => row.cases.length === 0 && !waits(row))),
    waiting: ids(rows.filter((row) => row.cases.length > 0 && waits(row))),
  };
}

const said = (some: readonly Covered[], letter: string) =>
  some.filter(({ unit }) => unit.restatable.startsWith(letter));

test.each([
  ['a case can say', 'Y', WAITING],
  ['a case can say in part', 'P', IN_PART],
] as const)(
  'every upstream test that %s has a case, or is listed as waiting, and none is both',
  (_, letter, list) => {
    expect(wrong(said(table, letter), list)).toEqual({ missing: [], waiting: [] });
  },
);

test('a test that has lost its cases is missed, also while nothing waits', () => {
  const left = cases.filter(({ covers }) => !covers.some((id) => id.startsWith('BT-46')));
  expect(left.length).toBeLessThan(cases.length);
  expect(wrong(said(covered(left), 'Y'), WAITING).missing).toEqual(['BT-46']);
  expect(wrong(said(table, 'Y'), { 'nothing at all': ['BT-46'] }).waiting).toEqual(['BT-46']);
});

test('what waits is known, and waits for one thing', () => {
  const waiting = [WAITING, IN_PART].flatMap((list) => Object.values(list).flat());
  expect(waiting.filter((id) => !coverIds.has(id))).toEqual([]);
  expect(waiting.length).toBe(new Set(waiting).size);
});
