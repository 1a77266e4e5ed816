// SPDX-License-Identifier: MIT
/**
 * Where the values of options come from: command line over environment over profile over file over defaults. What
 * reads files is loaded only where there is something to read.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../plan/problem.js';
import type { Invocation } from '../invocation.js';
import { OPTIONS, type OptionName, type OptionValues } from '../options.js';
import type { VerbSpec } from '../verbs.js';
import { PREFIX } from './names.js';

/** Looked for in the working directory. */
export const SETTINGS_FILE = 'ftrace-conform.yaml';

/** What the command line gave. */
export interface Given {
  readonly verb: VerbSpec;
  readonly arguments: readonly string[];
  /** Options that stand there, without defaults. */
  readonly given: Partial<OptionValues>;
}

/** @throws Problem, CaseError for a wrong file, profile or variable */
export async function settled(
  given: Given,
  io: Invocation['io'],
): Promise<Pick<Invocation, 'arguments' | 'options'>> {
  const options = { ...defaults(), ...given.given };
  if (options.config === true && given.verb.name !== 'doctor') {
    throw new Problem('--config needs a file; alone it is for `ftrace-conform doctor --config`');
  }
  const variables = Object.keys(io.environment).some((name) => name.startsWith(PREFIX));
  const file = options.config !== undefined || existsSync(join(io.cwd, SETTINGS_FILE));
  if (!variables && !file && options.profile === undefined) return { arguments: given.arguments, options };
  const { layered } = await import('./layers.js');
  return layered(given, io);
}

export function defaults(): OptionValues {
  const pairs = (Object.keys(OPTIONS) as OptionName[]).map((name) => [name, OPTIONS[name].initial]);
  return Object.fromEntries(pairs) as unknown as OptionValues;
}
