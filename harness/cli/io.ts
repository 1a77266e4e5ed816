// SPDX-License-Identifier: MIT
/** What a verb may touch of the process: two streams, the working directory, the environment, a signal. */

export interface Io {
  /** Results. */
  readonly out: (text: string) => void;
  /** Progress, warnings, errors. */
  readonly err: (text: string) => void;
  /** Whether `out` is a terminal, and how wide. */
  readonly isTerminal: boolean;
  /** Whether `err` is one. */
  readonly errIsTerminal?: boolean;
  readonly columns: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Aborted by SIGINT or SIGTERM, with the signal's name as reason. */
  readonly signal: AbortSignal;
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * The process itself. A reader that goes away (EPIPE) silences the stream: the run still ends and writes
 * its reports. The first signal asks for an end, the second one kills.
 */
export function processIo(): Io {
  const abort = new AbortController();
  const stop = (name: NodeJS.Signals) => {
    for (const one of SIGNALS) process.off(one, stop);
    abort.abort(name);
  };
  for (const one of SIGNALS) process.on(one, stop);
  return {
    out: writer(process.stdout),
    err: writer(process.stderr),
    isTerminal: process.stdout.isTTY === true,
    errIsTerminal: process.stderr.isTTY === true,
    columns: process.stdout.columns || Number(process.env.COLUMNS) || 80,
    environment: process.env,
    cwd: process.cwd(),
    signal: abort.signal,
  };
}

function writer(stream: NodeJS.WriteStream): (text: string) => void {
  let open = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    open = false;
    if (error.code !== 'EPIPE') throw error;
  });
  return (text) => {
    if (open) stream.write(text);
  };
}
