// SPDX-License-Identifier: MIT
/** Programs run to their end, one or two joined by a pipe. Their messages are in English whatever the locale. */
import { type ChildProcess, spawn } from 'node:child_process';
import { VmlinuxError } from '../error.js';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Debian packages, where they are not named as the program is. */
const FROM: Readonly<Record<string, string>> = {
  'apt-get': 'apt',
  'apt-cache': 'apt',
  'dpkg-deb': 'dpkg',
};

/** Keeps the last of what is written: an error stands at the end. */
const KEPT = 4_000_000;

/** @throws VmlinuxError `environment` where there is no such program or the signal came */
export function run(command: string, given: readonly string[], options: RunOptions): Promise<Ran> {
  const child = start(command, given, options, ['ignore', 'pipe', 'pipe']);
  return ended(command, child);
}

/** `first | second`: how both ended. @throws as {@link run} */
export async function pipe(
  first: readonly [command: string, ...given: string[]],
  second: readonly [command: string, ...given: string[]],
  options: RunOptions,
): Promise<readonly [Ran, Ran]> {
  const [writer, ...toWriter] = first;
  const [reader, ...toReader] = second;
  const from = start(writer, toWriter, options, ['ignore', 'pipe', 'pipe']);
  const to = start(reader, toReader, options, ['pipe', 'pipe', 'pipe']);
  // A reader that ends early is told by its own code.
  to.stdin?.on('error', () => from.kill());
  if (to.stdin) from.stdout?.pipe(to.stdin);
  return Promise.all([ended(writer, from, false), ended(reader, to)]);
}

function start(
  command: string,
  given: readonly string[],
  { cwd, environment, signal }: RunOptions,
  stdio: ('ignore' | 'pipe')[],
): ChildProcess {
  return spawn(command, given, { cwd, env: { ...environment, LC_ALL: 'C' }, signal, stdio });
}

function ended(command: string, child: ChildProcess, keepsOutput = true): Promise<Ran> {
  let out = '';
  let err = '';
  if (keepsOutput) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      out = (out + text).slice(-KEPT);
    });
  }
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err = (err + text).slice(-KEPT);
  });
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => reject(startProblem(command, error)));
    child.on('close', (code) => resolve({ code: code ?? 1, out, err }));
  });
}

function startProblem(command: string, { code, message }: NodeJS.ErrnoException): VmlinuxError {
  if (code === 'ABORT_ERR') return new VmlinuxError('environment', 'interrupted; nothing of it was kept');
  if (code !== 'ENOENT') return new VmlinuxError('environment', `${command}: ${message}`);
  return new VmlinuxError(
    'environment',
    `there is no ${command} on this machine`,
    `Debian package ${FROM[command] ?? command}. Elsewhere, name a kernel you have: verify --layouts --vmlinux ARCH=PATH`,
  );
}
