// SPDX-License-Identifier: MIT
/**
 * The thread behind a channel: starts QEMU, owns its socket, and answers in shared memory. Between two commands it
 * sleeps where the next one wakes it at once; when none comes for a while it returns to its event loop, and is woken by
 * a message.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Emulator, start } from '../process.js';
import { Client } from './client.js';
import { descriptorOf, keepWatch } from './direct.js';
import { RspError } from './error.js';
import { ANSWER, ASK, type Assignment, Message, packed, TURN, WORD } from './shared.js';

/** Milliseconds without a command after which the event loop gets its turn. */
const LINGER = 10;
/** Milliseconds that QEMU has to end by itself, when it has hung up. */
const PARTING = 500;
const READ_BYTES = 0x4000;

const { launch, patience, shared, isShort } = workerData as Assignment;
const message = new Message(shared);
const { words } = message;
const port = parentPort as MessagePort;

let emulator: Emulator | null = null;
let client: Client | null = null;
let busy = true;

port.on('message', () => void serve());
try {
  const buffer = Buffer.alloc(READ_BYTES);
  emulator = await start(launch, {
    buffer,
    callback: (length) => {
      client?.take(buffer.subarray(0, length));
      return true;
    },
  });
  const descriptor = isShort ? descriptorOf(emulator.socket) : null;
  if (descriptor === null) client = new Client(emulator.socket, patience);
  else keepWatch(words, patience, emulator.kill);
  // A descriptor is to be used by who asks.
  const told = descriptor === null ? [emulator.pid] : [emulator.pid, descriptor];
  answer(
    ANSWER.replies,
    told.map((number) => Buffer.from(`${number}`)),
  );
} catch (error) {
  fail(error, []);
}
busy = false;
await serve();

/** Answers whatever is asked, until nothing is for a while. */
async function serve(): Promise<void> {
  if (busy) return;
  busy = true;
  while (isAsked()) await once();
  busy = false;
}

/** Whether a command is there, or comes soon. */
function isAsked(): boolean {
  const asked = () => Atomics.load(words, WORD.turn) === TURN.answering;
  if (asked() || Atomics.wait(words, WORD.turn, TURN.asking, LINGER) !== 'timed-out') return true;
  Atomics.store(words, WORD.asleep, 1);
  // It may have come after the one and before the other.
  if (!asked()) return false;
  Atomics.store(words, WORD.asleep, 0);
  return true;
}

async function once(): Promise<void> {
  const { kind, parts } = message.read();
  if (kind === ASK.close) {
    emulator?.kill();
    await emulator?.ended;
    answer(ANSWER.replies, []);
    return;
  }
  if (kind === ASK.end || kind === ASK.kill) {
    answer(ANSWER.replies, [Buffer.from(await parted(emulator as Emulator, kind === ASK.end ? PARTING : 0))]);
    return;
  }
  const replies: Uint8Array[] = [];
  try {
    for (const part of parts) replies.push(await (client as Client).ask(part));
    answer(ANSWER.replies, replies);
  } catch (error) {
    fail(await explained(error), replies);
  }
}

/** A peer that is gone has left a word; one that is not is of no more use. */
async function explained(error: unknown): Promise<unknown> {
  if (!(error instanceof RspError) || emulator === null) return error;
  const isGone = error.kind === 'closed' || error.kind === 'truncated';
  const how = await parted(emulator, isGone ? PARTING : 0);
  return isGone ? new RspError(error.kind, `${error.message}: ${how}`) : error;
}

/** How it ended. @param wait milliseconds before it is killed */
async function parted({ kill, ended }: Emulator, wait: number): Promise<string> {
  const timer = setTimeout(kill, wait);
  const how = await ended;
  clearTimeout(timer);
  return how;
}

function answer(kind: number, parts: readonly Uint8Array[]): void {
  message.write(kind, parts);
  Atomics.store(words, WORD.turn, TURN.asking);
  Atomics.notify(words, WORD.turn);
}

/** Whatever was thrown, who asked is told: it would wait otherwise. */
function fail(error: unknown, replies: readonly Uint8Array[]): void {
  const told =
    error instanceof RspError
      ? error
      : new RspError('start', error instanceof Error ? (error.stack ?? error.message) : String(error));
  answer(ANSWER.failed, [...replies, packed(told)]);
}
