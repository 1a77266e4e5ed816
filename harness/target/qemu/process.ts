// SPDX-License-Identifier: MIT
/**
 * QEMU's user mode as a process that waits for its orders, stopped before the first instruction. It dies with the
 * thread that started it, be that killed: when its client hangs up, QEMU lets the guest run on, for ever if need be
 * (measured, QEMU 10.0.2), so the kernel is asked to kill it then (prctl(2), PR_SET_PDEATHSIG).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { connect, type OnReadOpts, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RspError } from './rsp/error.js';

/** What is to be run, as a plain record: it is copied from thread to thread. */
export interface Launch {
  /** QEMU's binary, by name or path. */
  readonly emulator: string;
  /** Options of QEMU's, before the file. */
  readonly flags?: readonly string[];
  /** A command, with its options, that becomes QEMU: to limit what it may use. */
  readonly through?: readonly string[];
  /** A static ELF file with its execute bit set, by absolute path. */
  readonly elf: string;
}

export interface Emulator {
  readonly socket: Socket;
  readonly pid: number;
  /** Resolves when the process has ended, with how: `qemu-… was killed by SIGSEGV: what it wrote`. */
  readonly ended: Promise<string>;
  /** SIGKILL; {@link ended} follows. */
  kill(): void;
}

/** Milliseconds from start to connection, on a machine that does other things too. */
const PATIENCE = 20_000;
/** Bytes of what it wrote to stderr that are kept: the last ones. */
const KEPT = 2000;
/** What a path of a socket may have (unix(7): sun_path), less the name below the directory. */
const SOCKET_PATH = 90;

/** The harness may have died before its death was asked about: then the parent is another one by now. */
const ORPHAN_CHECK = '[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"';

/**
 * Starts it and connects; nothing of it is left on disk then.
 * @param onread as of node:net, for who wants to read without a new buffer each time
 * @throws RspError `start`
 */
export async function start(launch: Launch, onread?: OnReadOpts): Promise<Emulator> {
  try {
    // Otherwise QEMU ends with status 1 and no word.
    accessSync(launch.elf, constants.R_OK | constants.X_OK);
  } catch {
    throw new RspError('start', `${launch.elf} is not there, or not executable`);
  }
  const temporary = tmpdir().length < SOCKET_PATH ? tmpdir() : '/tmp';
  const directory = mkdtempSync(join(temporary, 'conform-qemu-'));
  try {
    return await connected(launch, join(directory, 's'), onread);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function connected(
  { emulator, flags = [], through = [], elf }: Launch,
  path: string,
  onread: OnReadOpts | undefined,
): Promise<Emulator> {
  const guarded = ['--pdeathsig', 'KILL', '--', 'sh', '-c', ORPHAN_CHECK, 'sh', `${process.pid}`];
  const child = spawn('setpriv', [...guarded, ...through, emulator, ...flags, '-g', path, elf], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // A session of its own: a Ctrl-C is for the harness to handle.
    detached: true,
    // The guest's stack begins with it, and QEMU_… would change what is run.
    env: { PATH: process.env.PATH ?? '' },
  });
  let isOver = false;
  const ended = ending(child, emulator).then((how) => {
    isOver = true;
    return how;
  });
  const kill = () => void child.kill('SIGKILL');
  child.unref();
  let isLate = false;
  const limit = setTimeout(() => {
    isLate = true;
  }, PATIENCE);
  try {
    while (!isOver && !isLate) {
      const socket = await attempt(path, onread);
      if (socket !== null) return { socket, pid: child.pid ?? 0, ended, kill };
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  } finally {
    clearTimeout(limit);
  }
  kill();
  const how = await ended;
  throw new RspError('start', isLate ? `${emulator} opened no socket within ${PATIENCE} ms` : how);
}

/** `null`: not yet. */
function attempt(path: string, onread: OnReadOpts | undefined): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ path, ...(onread === undefined ? {} : { onread }) });
    const failed = () => resolve(null);
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      resolve(socket);
    });
  });
}

function ending(child: ChildProcess, emulator: string): Promise<string> {
  let said = '';
  child.stderr?.on('data', (chunk: Uint8Array) => {
    said = (said + new TextDecoder().decode(chunk)).slice(-KEPT);
  });
  return new Promise((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ENOENT' ? 'setpriv (util-linux) is not in PATH' : error.message),
    );
    child.on('close', (status, signal) => {
      const how = signal === null ? `ended with status ${status}` : `was killed by ${signal}`;
      resolve([`${emulator} ${how}`, said.trim()].filter((part) => part !== '').join(': '));
    });
  });
}
