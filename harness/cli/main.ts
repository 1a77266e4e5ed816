#!/usr/bin/env node
// SPDX-License-Identifier: MIT
/** The program: from arguments to an exit code. Errors meant for people are printed; nothing else escapes. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../compare/exit-codes.js';
import { isRenderable, rendered } from '../plan/problem.js';
import { tuneForShortRuns } from './engine.js';
import { type Io, processIo } from './io.js';
import { parseArguments } from './parse.js';
import { settled } from './settings/settings.js';
import { wiring as real, type Wiring } from './wiring.js';

/** @param argv arguments after the program's name */
export async function main(argv: readonly string[], io: Io, wiring: Wiring = real): Promise<number> {
  try {
    const parsed = parseArguments(argv);
    if ('text' in parsed) {
      (parsed.code === EXIT.ok ? io.out : io.err)(`${parsed.text.trimEnd()}\n`);
      return parsed.code;
    }
    const asked = { ...(await settled(parsed, io)), given: parsed.given, io, wiring };
    const verb = asked.options.schema ? (await import('./schema.js')).printSchema : await parsed.verb.load();
    return await verb(asked);
  } catch (error) {
    if (!isRenderable(error)) {
      io.err(`${rendered(error)}\nThis is a fault of ftrace-conform itself; please report it.\n`);
      if (io.environment.FTRACE_CONFORM_DEBUG && error instanceof Error) io.err(`${error.stack}\n`);
      return EXIT.harness;
    }
    io.err(`${rendered(error)}\n`);
    return (error as { exit?: number }).exit ?? EXIT.usage;
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  tuneForShortRuns();
  process.exitCode = await main(process.argv.slice(2), processIo());
}
