// SPDX-License-Identifier: MIT
/** Options that `verify` alone has: a part of the table in ../options.ts. */
import type { OptionSpec } from '../options.js';

/** Values as the verb gets them. */
export interface VerifyValues {
  /** Runs; 0: none. */
  readonly random: number;
  readonly instructions: boolean;
  readonly corpus: boolean;
}

export const VERIFY_OPTIONS: { readonly [N in keyof VerifyValues]: OptionSpec<N> } = {
  random: {
    flags: '--random <n>',
    description: 'runs from random states at every entry point',
    group: 'Comparison',
    initial: 0,
    kind: 'natural',
  },
  instructions: {
    flags: '--instructions',
    description: 'sequences over the whole instruction table',
    group: 'Comparison',
    initial: false,
    kind: 'flag',
  },
  corpus: {
    flags: '--corpus',
    description: 'all cases too, beside what else is asked for',
    group: 'Selection',
    initial: false,
    kind: 'flag',
  },
};
