// SPDX-License-Identifier: MIT
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeArch, fakeWiring, program, seen } from './test/fakes.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conform-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function put(file: string, value: unknown): void {
  const path = join(cwd, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
}

const entry = (last: string) =>
  seen('entry', { probe: 'watch', function: 'sum3', arguments: ['1', '2', last], parent: 'caller' });
const usual = () => [entry('3'), seen('exit', { probe: 'watch', function: 'sum3', return: '6' })];
const arch = (short: string, answer: FakeArch['answer'] = usual, features = ['FPROBE']): FakeArch => ({
  short,
  answer,
  features,
});

const sees = {
  expect: [
    {
      kind: 'entry',
      fields: { probe: 'watch', function: 'sum3', arguments: ['1', '2', '0x3'] },
      position: {},
    },
    { kind: 'exit', fields: { return: '6' }, position: {} },
  ],
};

const three = {
  alpha: arch('al'),
  beta: arch('be', ({ id }) => (id === 'fprobe/arguments.3' ? [entry('0'), ...usual().slice(1)] : usual())),
  gamma: arch('ga', usual, []),
};

function corpus(): void {
  put('cases/fprobe/arguments.yaml', [
    { row: 1, ...sees },
    { row: 2, ...sees },
    { row: 3, ...sees, title: 'An fprobe sees the third argument' },
  ]);
  put('cases/fprobe/gated.yaml', { requires: ['FPROBE'], ...sees });
  put('cases/graph/plain.yaml', sees);
}

const run = (args: readonly string[], archs: Record<string, FakeArch> = three) =>
  program(['run', '--cases', 'cases', ...args], cwd, fakeWiring(archs));

describe('run', () => {
  test('all as expected: 0, and reports are written', async () => {
    corpus();
    const { code, out, err } = await run([], { alpha: arch('al'), gamma: arch('ga') });
    expect(out).toMatchInlineSnapshot(`
      "ftrace-conform 0.1.0  2 subjects at 7.2/model, seed 1

      case         al  ga
      fprobe (4)   ok  ok
      graph/plain  ok  ok

      ok as expected   un unsupported   NG differs

      5 cases × 2 subjects: 10 as expected, 0 not
      "
    `);
    expect(err).toBe('wrote reports/run.jsonl\nwrote reports/report.json\nwrote reports/index.html\n');
    expect(code).toBe(0);
    expect(readdirSync(join(cwd, 'reports')).sort()).toEqual(['index.html', 'report.json', 'run.jsonl']);
  });

  test('a failing case: at once with diff, in the matrix, again with its command', async () => {
    corpus();
    const { code, out } = await run([]);
    expect(out).toMatchInlineSnapshot(`
      "ftrace-conform 0.1.0  3 subjects at 7.2/model, seed 1

      fprobe/arguments.3  An fprobe sees the third argument
        only beta differs: at entry, watch sees argument 2 of sum3 as 0, the others as
        3
        NG be: at entry, watch sees argument 2 of sum3 as 0, expected 0x3
           --- expected
           +++ beta@7.2/model
           @@ -1,2 +1,2 @@
           -entry watch sum3(1, 2, 0x3) parent=caller
           +entry watch sum3(1, 2, 0) parent=caller
            exit watch sum3 return=6

      case                al  be  ga
      fprobe (3)          ok  ok  ok  ga: 1 un
      fprobe/arguments.3  ok  NG  ok
      graph/plain         ok  ok  ok

      ok as expected   un unsupported   NG differs

      Not as expected
        fprobe/arguments.3  be NG
            ftrace-conform run fprobe/arguments.3 --arch beta
            ftrace-conform explain fprobe/arguments.3 --arch beta --vs alpha

      1 case differs between subjects without a declared reason.
      5 cases × 3 subjects: 13 as expected, 1 not, 1 unsupported
      (ftrace-conform list --unsupported)
      "
    `);
    expect(code).toBe(1);
  });
});
