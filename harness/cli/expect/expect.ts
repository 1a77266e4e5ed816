// SPDX-License-Identifier: MIT
/** `expect`: what is known to be so, kept true: baselines brought up to date, declared divergences looked through. */
import { Problem } from '../../plan/problem.js';
import { didYouMean } from '../../plan/suggest.js';
import type { Invocation, Verb } from '../invocation.js';
import { OPTIONS, type OptionName } from '../options.js';

interface Action {
  readonly load: () => Promise<Verb>;
  /** Options that mean nothing to it. */
  readonly without: readonly OptionName[];
}

const ACTIONS: Readonly<Record<string, Action>> = {
  accept: {
    load: async () => (await import('./accept.js')).accept,
    without: ['patch', 'format'],
  },
  audit: {
    load: async () => (await import('./audit.js')).audit,
    without: ['baseline', 'acrossVersions', 'prune', 'dryRun'],
  },
};

export async function expect(invocation: Invocation): Promise<number> {
  const [action = '', ...cases] = invocation.arguments;
  const known = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  const names = Object.keys(ACTIONS);
  if (known === undefined)
    throw new Problem(`expect ${action}: there is ${names.join(' and ')}${didYouMean(action, names)}`);
  for (const name of known.without) {
    const { initial, flags } = OPTIONS[name];
    if (invocation.options[name] !== initial)
      throw new Problem(`expect ${action} has no ${flags.split(' ')[0]}; the other actions: expect --help`);
  }
  const verb = await known.load();
  return verb({ ...invocation, arguments: cases });
}
