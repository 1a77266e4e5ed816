// SPDX-License-Identifier: MIT
/** What a verb is given. */
import type { Io } from './io.js';
import type { OptionValues } from './options.js';
import type { Wiring } from './wiring.js';

export interface Invocation {
  readonly arguments: readonly string[];
  readonly options: OptionValues;
  /** Those of the command line, without what settings and defaults add. */
  readonly given: Partial<OptionValues>;
  readonly io: Io;
  readonly wiring: Wiring;
}

/** Returns the exit code. @throws Problem and other errors with a `render()` */
export type Verb = (invocation: Invocation) => Promise<number>;
