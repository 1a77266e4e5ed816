// SPDX-License-Identifier: MIT
/**
 * Every upstream test that a case can say is said by one, but for those listed here with what they wait for. The list is
 * exact: a test that has got its case must leave it.
 */
import { expect, test } from 'vitest';
import { covered } from '../harness/case/covered.js';
import { coverIds } from '../harness/case/covers.js';
import { parseCases } from '../harness/case/parse.js';
import { loadCases } from '../harness/plan/cases.js';
import { packageRoot } from '../harness/plan/package-root.js';
import { defaultPlace, select } from '../harness/plan/select.js';

/** What the model lacks → the tests that wait for it. A row stands for each of its subtests. */
const WAITING: Readonly<Record<string, readonly string[]>> = {
  'probes of kind kprobe': ['KP-01', 'KP-02', 'KP-03', 'FD-02', 'KT-01', 'KT-02', 'BP-24'],
  'probes of kind kretprobe': ['KP-04', 'KP-05', 'SM-09', 'KT-03', 'KT-04'],
  'probes of kind kprobe and kretprobe together': ['ST-15', 'BP-01', 'BP-02', 'BP-03', 'BP-07', 'BP-09'],
  'kprobes by address, and symbols that exist twice': ['KT-19', 'BP-05', 'BP-06'],
  'kprobe programs that are refused, or run inside of each other': ['BP-04', 'BP-13', 'BP-14'],
  'kprobe events that are defined, enabled and cleared': ['KT-25', 'KT-26'],
  'definitions of probe events, and what is wrong with them': [
    ...['DY-08', 'DY-09', 'KT-05', 'KT-08', 'KT-15', 'KT-16'],
  ],
  'probes of kind livepatch': ['SM-10', 'LP-02', 'LP-03', 'LP-06', 'LP-07', 'LP-08', 'BT-37', 'BT-38'],
  'probes of kind livepatch and kprobe together': ['LP-04', 'LP-05'],
  'probes of kind fmod_ret': ['BT-08', 'BT-21'],
  'what programs ask their context for: bpf_get_func_arg, _ret, _ip, cookies': [
    ...['BT-09', 'BT-11', 'BT-33', 'BP-12'],
  ],
  'functions that the verifier denies': ['BT-31', 'BT-32'],
  'probes of kind fsession': ['BT-10', 'BT-12', 'BT-34', 'BT-35', 'BT-36'],
  'programs attached to many functions at once: fentry.multi, fexit.multi, fsession.multi': [
    ...['BT-39', 'BT-40', 'BT-41', 'BT-42', 'BT-43', 'BT-44', 'BT-45', 'BT-46', 'BT-47', 'BT-48', 'BT-49'],
    'BT-50',
  ],
  'probes of kind kprobe_multi and kretprobe_multi': [
    ...['BK-01', 'BK-02', 'BK-03', 'BK-04', 'BK-05', 'BK-06', 'BK-07', 'BK-08', 'BK-09', 'BK-12', 'BK-13'],
    ...['BK-14', 'BK-17', 'BK-18', 'BP-10', 'BP-11'],
  ],
  'probes of kind kprobe_session': ['BK-10', 'BK-11', 'BK-15'],
};

const cases = loadCases(select([], defaultPlace(packageRoot, packageRoot)), parseCases);
const rows = covered(cases).filter(({ unit }) => unit.restatable === 'Y');

test('what waits is known, and waits for one thing', () => {
  const waiting = Object.values(WAITING).flat();
  expect(waiting.filter((id) => !coverIds.has(id))).toEqual([]);
  expect(waiting.length).toBe(new Set(waiting).size);
});

test('every upstream test that a case can say has a case, or is listed as waiting, and none is both', () => {
  const waiting = new Set(Object.values(WAITING).flat());
  const waits = ({ id, row }: { id: string; row: string }) => waiting.has(id) || waiting.has(row);
  const missing = rows.filter(({ unit, cases }) => cases.length === 0 && !waits(unit));
  const done = rows.filter(({ unit, cases }) => cases.length > 0 && waits(unit));
  expect(missing.map(({ unit }) => unit.id)).toEqual([]);
  expect(done.map(({ unit }) => unit.id)).toEqual([]);
});
