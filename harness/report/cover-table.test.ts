// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { covered } from '../case/covered.js';
import { spec } from '../cli/test/fakes.js';
import { coverBlock, coverSums } from './cover-table.js';

const cases = [
  spec('bpf/old', { covers: ['BP-02/legacy'] }),
  spec('bpf/any', { covers: ['BP-02', 'core-subops-all'] }),
  spec('fprobe/entry.1.5', { file: 'fprobe/entry.yaml', covers: ['FP-01'] }),
  spec('fprobe/entry.2.5', { file: 'fprobe/entry.yaml', covers: ['FP-01'] }),
  spec('fprobe/exit.1', { file: 'fprobe/exit.yaml', covers: ['FP-02'] }),
  spec('fprobe/exit.2', { file: 'fprobe/exit.yaml' }),
];
const table = covered(cases);
const block = (id: string) => {
  const row = table.find(({ unit }) => unit.id === id);
  return row && coverBlock(row, cases);
};

test('a subtest has the cases for it and those for its whole row', () => {
  expect(block('BP-02/legacy')).toBe(
    'BP-02/legacy  Y, 6.12+  kprobe and kretprobe programs by other interfaces\n    bpf/old\n    bpf/any\n',
  );
  expect(block('BP-02/perf')).toBe(
    'BP-02/perf  Y, 6.12+  kprobe and kretprobe programs by other interfaces\n    bpf/any\n',
  );
});

test('a whole family is named once, part of one by its members', () => {
  expect(block('FP-01')).toMatch(/\n {4}fprobe\/entry \(2\)\n$/);
  expect(block('FP-02')).toMatch(/\n {4}fprobe\/exit\.1\n$/);
});

test('what nothing covers is said to be so, unless it needs no case', () => {
  expect(block('BP-02')).toBeUndefined();
  expect(block('ST-15')).toMatch(/^ST-15 {2}Y {2}[\s\S]*\n {4}no case\n$/);
  expect(block('ST-16')).toMatch(/^ST-16 {2}N stress {2}[\s\S]*\n$/);
  expect(block('ST-16')).not.toContain('no case');
  expect(block('core-subops-all')).toMatch(/^core-subops-all {2}bug {2}.*\n {4}bpf\/any\n$/);
});

test('lines fit a terminal', () => {
  for (const row of table)
    for (const line of coverBlock(row, cases).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('sums count verdicts', () => {
  expect(coverSums(table).replaceAll(/ +/g, ' ')).toBe(
    ' all covered not\n' +
      'Y 153 5 148 can be said by a case\n' +
      'P 89 0 89 in part\n' +
      'N 104 0 104 need none\n' +
      'bug 65 1 64 historical bugs\n',
  );
});
