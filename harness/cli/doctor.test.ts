// SPDX-License-Identifier: MIT
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Problem } from '../plan/problem.js';
import { fakeWiring, program } from './test/fakes.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conform-'));
  mkdirSync(join(cwd, 'cases'));
  mkdirSync(join(cwd, 'bin'));
  writeFileSync(join(cwd, 'cases/a.yaml'), '{}');
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const wiring = fakeWiring({ alpha: { short: 'al', answer: () => [] } });
const doctor = (PATH: string, parts = {}) =>
  program(['doctor', '--cases', 'cases'], cwd, { ...wiring, ...parts }, { environment: { PATH } });

test('what is here, what is missing, and the packages that bring it', async () => {
  writeFileSync(join(cwd, 'bin/clang-19'), '');
  chmodSync(join(cwd, 'bin/clang-19'), 0o755);
  writeFileSync(join(cwd, 'bin/qemu-alpha'), 'not executable');
  const { code, out } = await doctor(`${join(cwd, 'bin')}:/nowhere`);
  expect(code).toBe(0);
  expect(out).toMatch(/ok +back-ends +alpha\n/);
  expect(out).toMatch(/ok +cases +1 file in cases\/\n/);
  expect(out).toMatch(/ok +clang-19 +assembles/);
  expect(out).toMatch(/missing +qemu-alpha +.*Debian package qemu-user\n/);
  expect(out).toContain('apt install chromium lld-19 llvm-19 qemu-system qemu-user\n');
  expect(out).toMatch(/not available in this version\n +-- +qemu-user/);
});

test('what is broken is told with its remedy, and is an error', async () => {
  rmSync(join(cwd, 'cases/a.yaml'));
  const { code, out } = await doctor('', {
    backends: () => Promise.reject(new Problem('back-end alpha: source x.S is missing')),
  });
  expect(code).toBe(2);
  expect(out).toMatch(/BROKEN +back-ends +back-end alpha: source x\.S is missing\n/);
  expect(out).toMatch(/BROKEN +cases +no cases: cases\/ has no \.yaml file\n/);
});
