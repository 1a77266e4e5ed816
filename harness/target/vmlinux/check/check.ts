// SPDX-License-Identifier: MIT
/** Everything that is compared with one kernel. */
import { checkCallSites } from './callsites.js';
import { checkFeatures } from './features.js';
import { checkInstructions } from './inventory.js';
import type { CheckedKernel } from './kernel.js';
import { checkLayouts } from './layouts.js';
import type { Check, Finding, Row } from './row.js';

const BY_CHECK: readonly (readonly [Check, (kernel: CheckedKernel) => Finding[]])[] = [
  ['layout', checkLayouts],
  ['feature', checkFeatures],
  ['call site', checkCallSites],
  ['instruction', checkInstructions],
];

export function checkKernel(kernel: CheckedKernel): Row[] {
  const { backend, revision } = kernel;
  return BY_CHECK.flatMap(([check, find]) =>
    find(kernel).map((finding): Row => ({ arch: backend.arch, revision, check, ...finding })),
  );
}
