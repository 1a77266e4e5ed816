// SPDX-License-Identifier: MIT
/**
 * Compiled code cannot be exchanged in a program that runs. So `--watch` runs in a process of its own below one that
 * starts it again, and hands over what it had seen in a log.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeRoot, packageRoot } from '../../plan/package-root.js';
import { kept as shortened } from '../../plan/run.js';
import type { CaseEvent, RunEvent } from '../../report/events.js';
import { logText, readLog } from '../../report/jsonl.js';
import { writeAtomically } from '../../report/write-atomically.js';
import type { Io } from '../io.js';
import type { Kept } from './session.js';

/** The lower process asks for another with this code; nobody else sees it. */
export const RESTART = 75;
/** Names the log that is handed over; its presence makes a process the lower one. */
const VARIABLE = 'FTRACE_CONFORM_WATCHED';

export const isLower = (environment: Io['environment']) => environment[VARIABLE] !== undefined;

/** Runs this very command in a process below. @returns its exit code */
export async function supervise({ signal }: Io): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'ftrace-conform-'));
  const env = { ...process.env, [VARIABLE]: join(folder, 'before.jsonl') };
  const command = [...process.execArgv, ...process.argv.slice(1)];
  try {
    for (;;) {
      const child = spawn(process.execPath, command, { stdio: 'inherit', env });
      // A terminal interrupts both by itself.
      const stop = () => signal.reason === 'SIGTERM' && child.kill('SIGTERM');
      signal.addEventListener('abort', stop, { once: true });
      const code = await new Promise<number>((resolve, reject) => {
        child.on('error', reject);
        child.on('exit', (code, killed) => resolve(code ?? (killed === 'SIGTERM' ? 143 : 130)));
      });
      signal.removeEventListener('abort', stop);
      if (code !== RESTART) return code;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns what is wrong, for people; `null` when all is compiled */
export async function compile(): Promise<string | null> {
  const compiler = join(packageRoot, 'node_modules/.bin/rolldown');
  const project = join(packageRoot, 'rolldown.config.js');
  if (codeRoot === packageRoot || !existsSync(compiler) || !existsSync(project)) {
    return 'compiled code is not read again: build it, then start again';
  }
  const child = spawn(compiler, ['-c', project, '--log-level', 'silent'], {
    cwd: packageRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part) => {
      text += part;
    });
  }
  const code = await new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('close', resolve);
  });
  return code === 0 ? null : `${text.trim() || 'the compiler could not be started'}`;
}

/** @param events of the whole run, for its header */
export function remember(
  environment: Io['environment'],
  events: readonly RunEvent[],
  kept: ReadonlyMap<string, Kept>,
): void {
  const file = environment[VARIABLE];
  const [header, footer] = [events[0], events.at(-1)];
  if (!file || header === undefined || footer?.event !== 'footer') return;
  const cases = [...kept.values()].map(
    ({ spec, comparison }): CaseEvent => ({ event: 'case', spec: shortened(spec), comparison }),
  );
  writeAtomically(file, logText([header, ...cases, { ...footer, cases: cases.length }]));
}

/** What the process before had seen; `null` in the first one. */
export function recall(environment: Io['environment']): ReadonlyMap<string, Pick<Kept, 'comparison'>> | null {
  const file = environment[VARIABLE];
  if (!file || !existsSync(file)) return null;
  const events = readLog(readFileSync(file, 'utf8'), 'the run before');
  return new Map(
    events.flatMap((event) =>
      event.event === 'case' ? [[event.spec.id, { comparison: event.comparison }] as const] : [],
    ),
  );
}
