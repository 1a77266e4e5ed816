// SPDX-License-Identifier: MIT
/** `report`: replays a stored log into any format; exits as the run did. */
import { Problem } from '../plan/problem.js';
import { dispatch } from '../report/jsonl.js';
import type { Invocation } from './invocation.js';
import { outputs } from './output.js';
import { printSchema } from './schema.js';
import { readStored } from './stored-log.js';

export async function report(invocation: Invocation): Promise<number> {
  const {
    arguments: [log = ''],
    options,
    io,
  } = invocation;
  if (options.schema) return printSchema(invocation);
  if (options.arch.length > 0 && options.format !== 'mail') {
    throw new Problem(`--arch: a stored run is told whole, but in a mail; add --format mail`);
  }
  const events = readStored(log, io);
  const output = await outputs(options, io, { arch: options.arch });
  for (const event of events) {
    await output.check(event);
    dispatch(event, output.listeners);
  }
  await output.finish(events, false);
  const footer = events.at(-1);
  return footer?.event === 'footer' ? footer.exitCode : 1;
}
