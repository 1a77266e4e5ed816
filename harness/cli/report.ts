// SPDX-License-Identifier: MIT
/** `report`: replays a stored log into any format; exits as the run did. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Problem } from '../plan/problem.js';
import { dispatch, readLog } from '../report/jsonl.js';
import type { Invocation } from './invocation.js';
import { outputs } from './output.js';

export async function report({ arguments: [log = ''], options, io }: Invocation): Promise<number> {
  let text: string;
  try {
    text = readFileSync(resolve(io.cwd, log), 'utf8');
  } catch (error) {
    throw new Problem(`${log}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  const events = readLog(text, log);
  const output = await outputs(options, io);
  for (const event of events) dispatch(event, output.listeners);
  await output.finish(events, false);
  const footer = events.at(-1);
  return footer?.event === 'footer' ? footer.exitCode : 1;
}
