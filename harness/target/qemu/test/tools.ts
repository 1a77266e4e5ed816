// SPDX-License-Identifier: MIT
/** QEMU where it is; where it is not, tests that want it skip themselves with the remedy, and fail in CI. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { LoadedBackend } from '../../../backend/contract.js';
import { qemuUserLacks } from '../target.js';

const isHere = (emulator: string) => spawnSync(emulator, ['--version'], { stdio: 'ignore' }).status === 0;

/** @param suite defines tests, if it is here */
export function withEmulator(emulator: string, suite: () => void): void {
  const remedy = `no ${emulator} in PATH: npm run setup:real, or apt install qemu-user`;
  unless(isHere(emulator) ? null : remedy, emulator, suite);
}

/** The same for all that assembles and executes a back-end's sources. */
export function withTools(loaded: LoadedBackend, suite: () => void): void {
  unless(qemuUserLacks(loaded), loaded.backend.arch, suite);
}

function unless(remedy: string | null, name: string, suite: () => void): void {
  if (remedy === null) suite();
  else if ((process.env.CI ?? '') !== '') test(`${name} is here`, () => expect.fail(remedy));
  else {
    console.warn(`Skipped: nothing is executed: ${remedy}`);
    test.skip(remedy);
  }
}
