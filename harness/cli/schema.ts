// SPDX-License-Identifier: MIT
/** `--schema`: the JSON Schema of what a format prints, instead of running anything. */
import { EXIT } from '../compare/exit-codes.js';
import { Problem } from '../plan/problem.js';
import { FORMAT_NAMES, FORMATS } from '../report/formats.js';
import type { Invocation } from './invocation.js';

/** @throws Problem for a format that is no JSON */
export async function printSchema({ options: { format }, io }: Invocation): Promise<number> {
  const { schema } = FORMATS[format];
  if (schema === undefined) {
    const have = FORMAT_NAMES.filter((name) => FORMATS[name].schema !== undefined);
    throw new Problem(`--format ${format} is no JSON and has no schema; these have: ${have.join(', ')}`);
  }
  io.out(`${JSON.stringify(await schema(), null, 2)}\n`);
  return EXIT.ok;
}
