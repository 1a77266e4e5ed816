// SPDX-License-Identifier: MIT
/** Assembled text as those read it who make tables from it: what a {@link Program} tells of itself. */
import type { Code } from './program.js';

export interface TrampolineText {
  /** Instructions in order of address. */
  readonly code: readonly Code[];
  readonly symbols: ReadonlyMap<string, bigint>;
  /** Symbols with `.type name, @function`. */
  readonly functions: ReadonlySet<string>;
  /** What a `.discard.…` section says: the values of each of its statements. */
  notes(section: string): readonly (readonly bigint[])[];
}
