// SPDX-License-Identifier: MIT
/** `expect`: what is known to be so, kept true: baselines brought up to date, declared divergences looked through. */
import { Problem } from '../plan/problem.js';
import { didYouMean } from '../plan/suggest.js';
import type { Invocation, Verb } from './invocation.js';

const ACTIONS: Readonly<Record<string, () => Promise<Verb>>> = {
  accept: async () => (await import('./expect-accept.js')).accept,
  audit: async () => (await import('./expect-audit.js')).audit,
};

export async function expect(invocation: Invocation): Promise<number> {
  const [action = '', ...cases] = invocation.arguments;
  const load = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  const names = Object.keys(ACTIONS);
  if (load === undefined)
    throw new Problem(`expect ${action}: there is ${names.join(' and ')}${didYouMean(action, names)}`);
  const verb = await load();
  return verb({ ...invocation, arguments: cases });
}
