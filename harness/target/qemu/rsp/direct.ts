// SPDX-License-Identifier: MIT
/**
 * The short way: a socket that another thread has connected, read and written by this one, which sleeps in read(2)
 * until the stub has answered: about half of the time, and two fifths of the work, of passing commands on. The other
 * thread keeps watch, and kills a process that does not answer, so that the read ends.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, readSync, writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { RspError } from './error.js';
import { Exchange } from './exchange.js';
import { WORD } from './shared.js';

const READ_BYTES = 0x4000;

export class DirectStub {
  private readonly exchange = new Exchange();
  private readonly buffer = Buffer.alloc(READ_BYTES);

  /**
   * @param descriptor of {@link descriptorOf}
   * @param words what the watch looks at
   */
  constructor(
    private readonly descriptor: number,
    private readonly words: Int32Array,
    private readonly patience: number,
  ) {}

  /** @throws RspError after which it is of no more use */
  ask(command: Uint8Array | string): Uint8Array {
    const bytes = this.exchange.begin(command);
    Atomics.add(this.words, WORD.sequence, 1);
    try {
      for (let at = 0; at < bytes.length; ) at += this.write(bytes, at);
      for (;;) {
        const reply = this.exchange.take(this.read());
        if (reply !== null) return reply;
      }
    } finally {
      Atomics.add(this.words, WORD.sequence, 1);
    }
  }

  private write(bytes: Uint8Array, at: number): number {
    try {
      return writeSync(this.descriptor, bytes, at);
    } catch {
      throw this.over();
    }
  }

  private read(): Uint8Array {
    let length = 0;
    try {
      length = readSync(this.descriptor, this.buffer, 0, READ_BYTES, null);
    } catch {
      // A peer that has left bytes unread resets the connection.
    }
    if (length === 0) throw this.over();
    return this.buffer.subarray(0, length);
  }

  private over(): RspError {
    return Atomics.load(this.words, WORD.hung) === 0
      ? this.exchange.hungUp()
      : new RspError('hung', `no reply within ${this.patience} ms`);
  }
}

/** Kills what does not answer. Commands are counted when they begin and when they end: an odd number is under way. */
export function keepWatch(words: Int32Array, patience: number, kill: () => void): void {
  const LOOKS = 4;
  let [last, looks] = [0, 0];
  setInterval(() => {
    const sequence = Atomics.load(words, WORD.sequence);
    looks = sequence === last && sequence % 2 !== 0 ? looks + 1 : 0;
    last = sequence;
    if (looks < LOOKS) return;
    Atomics.store(words, WORD.hung, 1);
    kill();
  }, patience / LOOKS).unref();
}

/**
 * Descriptor of a connected socket, from now on to be used by itself, with reads that wait; `null` if that cannot be
 * had. Node has no call for either. What libuv gives a child as its standard input it makes wait, and that holds for all
 * descriptors of the same open file (libuv src/unix/process.c); whether it does now is looked up (proc(5), fdinfo).
 */
export function descriptorOf(socket: Socket): number | null {
  const descriptor = (socket as { readonly _handle?: { readonly fd?: unknown } })._handle?.fd;
  if (typeof descriptor !== 'number' || descriptor < 0) return null;
  socket.pause();
  spawnSync('true', { stdio: [descriptor, 'ignore', 'ignore'] });
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
    if (flags !== undefined && (Number.parseInt(flags, 8) & O_NONBLOCK) === 0) return descriptor;
  } catch {
    // No such file, no such way.
  }
  socket.resume();
  return null;
}

/** Linux include/uapi/asm-generic/fcntl.h, the same wherever Node runs. */
const O_NONBLOCK = 0o4000;
