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

/** A program that says this when it is asked for its version. */
function fakeTool(name: string, script: string): void {
  writeFileSync(join(cwd, 'bin', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(cwd, 'bin', name), 0o755);
}

test('what is here with its version, what is missing, and the packages that bring it', async () => {
  fakeTool('clang-19', 'echo "Debian clang version 19.1.7 (3~deb12u1)"; echo "Target: x86_64-pc-linux-gnu"');
  fakeTool('setpriv', 'echo "setpriv from util-linux 2.38.1"');
  fakeTool('llvm-objdump-19', 'echo "library missing" >&2; exit 127');
  fakeTool('ld.lld-19', 'echo "LLD"');
  writeFileSync(join(cwd, 'bin/qemu-alpha'), 'not executable');
  const { code, out } = await doctor(`${join(cwd, 'bin')}:/nowhere`);
  expect(code).toBe(0);
  expect(out).toMatch(/ok +back-ends +alpha\n/);
  expect(out).toMatch(/ok +cases +1 file in cases\/\n/);
  expect(out).toMatch(/ok +clang-19 +19\.1\.7 +assembles/);
  expect(out).toMatch(/ok +setpriv +2\.38\.1 +has QEMU end/);
  expect(out).toMatch(/BROKEN +llvm-objdump-19 +\/.*\/llvm-objdump-19 does not run: status 127\n/);
  expect(out).toMatch(/BROKEN +ld\.lld-19 +\/.*\/ld\.lld-19 --version names none\n/);
  expect(out).toMatch(/missing +qemu-alpha +.*Debian package qemu-user\n/);
  expect(out).toMatch(/Debian +apt install chromium lld-19 llvm-19 qemu-system qemu-user\n/);
  expect(out).toMatch(/Fedora +dnf install chromium lld19 llvm19 qemu-system qemu-user\n/);
  expect(out).toMatch(/Arch +pacman -S chromium lld19 llvm19 qemu-full qemu-user\n/);
  expect(out).toMatch(/npm run setup:real/);
  expect(out).toMatch(/not available in this version\n +-- +qemu-user/);
});

test('an emulator that is too old, and one that is not', async () => {
  fakeTool('qemu-alpha', 'echo "qemu-alpha version 7.2.22 (Debian 1:7.2+dfsg-7)"');
  const path = join(cwd, 'bin');
  const old = (await doctor(path)).out;
  expect(old).toMatch(/OLD +qemu-alpha +7\.2\.22 +alpha, target qemu-user; needs 10 or newer\n/);
  expect(old).toMatch(/apt install .*qemu-user/);
  fakeTool('qemu-alpha', 'echo "qemu-alpha version 10.0.2"');
  for (const [name, version] of [
    ['clang-19', '19.1'],
    ['ld.lld-19', '19.1'],
    ['llvm-objdump-19', '19.1'],
  ] as const)
    fakeTool(name, `echo version ${version}`);
  const recent = (await doctor(path)).out;
  expect(recent).toMatch(/ok +qemu-alpha +10\.0\.2 +alpha, target qemu-user\n/);
  expect(recent).not.toMatch(/setup:real/);
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
