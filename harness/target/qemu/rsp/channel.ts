// SPDX-License-Identifier: MIT
/**
 * A GDB stub that is asked and has answered when the call returns, though sockets of Node's are asynchronous: another
 * thread has started QEMU and owns the socket (worker.ts). The caller then uses the socket itself, and sleeps in the read
 * (direct.ts); where that cannot be, it sleeps until the other thread has the reply.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Launch } from '../process.js';
import { DirectStub } from './direct.js';
import { RspError } from './error.js';
import {
  ANSWER,
  ASK,
  type Assignment,
  COMMAND_LIMIT,
  Message,
  MOST_COMMANDS,
  sharedMemory,
  TURN,
  unpacked,
  WORD,
} from './shared.js';

/** Payloads, in and out: no framing. Text is ASCII. */
export type Command = string | Uint8Array;

export interface Channel {
  /** @throws RspError and from then on for every command: it is to be closed, and another to be opened */
  ask(command: Command): Uint8Array;
  /**
   * One after the other, as `ask` would, at less cost. None depends on what another is answered.
   * @throws RspError with the replies to the commands before the one that failed
   */
  askAll(commands: readonly Command[]): Uint8Array[];
  /** The process has ended when it returns. May be called again. */
  close(): void;
  /** Process id of QEMU. */
  readonly pid: number;
}

export interface ChannelOptions {
  /** Milliseconds within which each reply must be complete: what runs longer has run away. */
  readonly patience?: number;
  /** Use the socket in this thread, where that can be: twice as fast. The other way is for where it cannot. */
  readonly short?: boolean;
}

const PATIENCE = 10_000;
/** Milliseconds of its own that the other thread gets, beyond what it gives the stub: to start, and to end. */
const GRACE = 30_000;

/** Starts QEMU. @throws RspError `start` */
export function openChannel(
  launch: Launch,
  { patience = PATIENCE, short = true }: ChannelOptions = {},
): Channel {
  return new ThreadChannel(launch, patience, short);
}

class ThreadChannel implements Channel {
  private readonly message: Message;
  private readonly worker: Worker;
  private failure: RspError | null = null;
  private closed = false;
  readonly pid: number;
  /** `null`: commands go through the other thread. */
  private stub: DirectStub | null = null;

  constructor(
    launch: Launch,
    private readonly patience: number,
    isShort: boolean,
  ) {
    const shared = sharedMemory();
    this.message = new Message(shared);
    Atomics.store(this.message.words, WORD.turn, TURN.answering);
    this.worker = new Worker(workerFile(), {
      workerData: { launch, patience, shared, isShort } satisfies Assignment,
      // What the harness was started with is not for this thread.
      execArgv: [],
    });
    this.worker.unref();
    // It has told in the shared memory what it could.
    this.worker.on('error', () => {});
    try {
      // That QEMU is there is told as an answer to nothing.
      const [pid, descriptor] = this.answer(0);
      this.pid = Number(Buffer.from(pid ?? []));
      if (descriptor !== undefined)
        this.stub = new DirectStub(Number(Buffer.from(descriptor)), this.message.words, patience);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  ask(command: Command): Uint8Array {
    return this.askAll([command])[0] as Uint8Array;
  }

  askAll(commands: readonly Command[]): Uint8Array[] {
    if (this.stub !== null) return this.askDirectly(this.stub, commands);
    if (commands.length <= MOST_COMMANDS) return this.exchange(ASK.commands, commands);
    const replies: Uint8Array[] = [];
    for (let from = 0; from < commands.length; from += MOST_COMMANDS) {
      try {
        replies.push(...this.exchange(ASK.commands, commands.slice(from, from + MOST_COMMANDS)));
      } catch (error) {
        if (error instanceof RspError) error.replies = [...replies, ...error.replies];
        throw error;
      }
    }
    return replies;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    try {
      this.exchange(ASK.close, []);
    } catch (error) {
      if (!(error instanceof RspError)) throw error;
    }
    this.failure ??= new RspError('closed', 'the channel was closed');
    // With the thread, whatever it has left running dies.
    void this.worker.terminate();
  }

  private askDirectly(stub: DirectStub, commands: readonly Command[]): Uint8Array[] {
    if (this.failure !== null) throw this.failure;
    checkLengths(commands);
    const replies: Uint8Array[] = [];
    try {
      for (const command of commands) replies.push(stub.ask(command));
    } catch (error) {
      if (!(error instanceof RspError)) throw error;
      const isGone = error.kind === 'closed' || error.kind === 'truncated';
      const [how] = this.exchange(isGone ? ASK.end : ASK.kill, []);
      const why = isGone ? `${error.message}: ${Buffer.from(how ?? []).toString()}` : error.message;
      this.failure = new RspError(error.kind, why);
      const told = new RspError(error.kind, why);
      told.replies = replies;
      throw told;
    }
    return replies;
  }

  private exchange(kind: number, commands: readonly Command[]): Uint8Array[] {
    // After a failure the other thread has but to end.
    if (this.failure !== null && kind !== ASK.close) throw this.failure;
    checkLengths(commands);
    const { words } = this.message;
    if (Atomics.load(words, WORD.turn) === TURN.answering) throw this.failure;
    this.message.write(kind, commands);
    Atomics.store(words, WORD.turn, TURN.answering);
    Atomics.notify(words, WORD.turn);
    if (Atomics.compareExchange(words, WORD.asleep, 1, 0) === 1) this.worker.postMessage(null);
    return this.answer(commands.length);
  }

  private answer(commands: number): Uint8Array[] {
    const { words } = this.message;
    const limit = GRACE + commands * this.patience;
    while (Atomics.load(words, WORD.turn) === TURN.answering) {
      if (Atomics.wait(words, WORD.turn, TURN.answering, limit) !== 'timed-out') continue;
      this.failure = new RspError('hung', 'the thread that owns the socket does not answer');
      throw this.failure;
    }
    const { kind, parts } = this.message.read();
    if (kind === ANSWER.replies) return parts;
    const error = unpacked(parts.at(-1) as Uint8Array, parts.slice(0, -1));
    // Thrown again for what comes after, where those replies would be out of place.
    this.failure = new RspError(error.kind, error.message);
    throw error;
  }
}

function checkLengths(commands: readonly Command[]): void {
  for (const { length } of commands)
    if (length > COMMAND_LIMIT)
      throw new RangeError(`a command of ${length} bytes; at most ${COMMAND_LIMIT} are taken`);
}

/**
 * Where the thread's code lies. As compiled it is at its place below `harness/`, wherever this code is. From sources,
 * which Node 20 cannot run, the tests have compiled it (test/compile-threads.ts).
 */
function workerFile(): string {
  const here = fileURLToPath(import.meta.url);
  const root = here.slice(0, here.lastIndexOf('/harness/'));
  const name = 'harness/target/qemu/rsp/worker.js';
  const places = [`${root}/${name}`, `${root}/node_modules/.cache/ftrace-conform/threads/${name}`];
  const file = places.find((place) => existsSync(place));
  // A thread without code would say so to an event loop that waits for it.
  if (file === undefined) throw new Error(`no ${places.join(' and no ')}`);
  return file;
}
