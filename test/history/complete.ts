// SPDX-License-Identifier: MIT
/** Every re-creation under the whole corpus: what fails, fails on exactly the subjects concerned. */
import { expect, test } from 'vitest';
import { completely, concerned } from './catch.js';
import { compilerErrors } from './compile.js';
import { recreations } from './recreation.js';

/** Ids listed per subject; the rest is counted. */
const LISTED = 12;

test('the compiler looks at edits', async () => {
  const wrong = {
    file: 'harness/ftrace/graph/subops.ts',
    old: 'const NO_FUNCTION = 0n;\n',
    new: 'const NO_FUNCTION = 0;\n',
  };
  expect(await compilerErrors({ change: [wrong] })).toContain('TS');
});

test.each(recreations())('$id', async (recreation) => {
  expect(await compilerErrors(recreation)).toBe('');
  const failures = await completely(recreation);
  for (const [subject, cases] of failures) {
    const more = cases.length > LISTED ? `, … (${cases.length})` : '';
    console.log(`${recreation.id} ${subject}: ${cases.slice(0, LISTED).join(', ')}${more}`);
  }
  expect([...failures.keys()].sort()).toEqual(concerned(recreation).sort());
});
