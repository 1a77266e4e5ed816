// SPDX-License-Identifier: MIT
/** `verify`: what the models are held against. One file for each kind below verify/. */
import { Problem } from '../plan/problem.js';
import type { Invocation } from './invocation.js';

/** @throws Problem */
export async function verify(invocation: Invocation): Promise<number> {
  const { layouts, corpus, random, instructions } = invocation.options;
  if (!layouts) return (await import('./verify/lockstep.js')).verifyLockstep(invocation);
  if (corpus || random > 0 || instructions || invocation.arguments.length > 0)
    throw new Problem('--layouts asks real kernels; cases, --corpus, --random and --instructions ask QEMU');
  return (await import('./verify/layouts.js')).verifyLayouts(invocation);
}
