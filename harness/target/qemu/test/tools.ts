// SPDX-License-Identifier: MIT
/** QEMU where it is; where it is not, tests that want it skip themselves with the remedy, and fail in CI. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const isHere = (emulator: string) => spawnSync(emulator, ['--version'], { stdio: 'ignore' }).status === 0;

/** @param suite defines tests, if it is here */
export function withEmulator(emulator: string, suite: () => void): void {
  const remedy = `no ${emulator} in PATH: npm run setup:real, or apt install qemu-user`;
  if (isHere(emulator)) suite();
  else if ((process.env.CI ?? '') !== '') test(`${emulator} is here`, () => expect.fail(remedy));
  else {
    console.warn(`Skipped: nothing is executed: ${remedy}`);
    test.skip(remedy);
  }
}
