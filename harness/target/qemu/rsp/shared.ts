// SPDX-License-Identifier: MIT
/**
 * The memory through which a thread asks and another answers. One of the two writes at a time; whose turn it is stands
 * in the first word. Messages are lists of byte strings, each after its length.
 */
import type { Launch } from '../process.js';
import { RspError, type RspErrorKind } from './error.js';
import { REPLY_LIMIT } from './exchange.js';

/** What the thread that owns the socket is made with. */
export interface Assignment {
  readonly launch: Launch;
  /** Milliseconds within which each reply must be complete. */
  readonly patience: number;
  readonly shared: SharedArrayBuffer;
  /** Whether who asks wants to use the socket itself, if that can be. */
  readonly isShort: boolean;
}

/** Words of the control part. */
export const WORD = {
  turn: 0,
  /** 1: the answering thread does not look at the turn, and wants a message. */
  asleep: 1,
  /** Of what is asked: {@link ASK}; of what is answered: {@link ANSWER}. */
  kind: 2,
  /** Byte strings in the message. */
  count: 3,
  /** Commands begun and ended on the short way (direct.ts). */
  sequence: 4,
  /** 1: one of them was not answered in time, and the process was killed. */
  hung: 5,
} as const;
export const TURN = { asking: 0, answering: 1 } as const;
/** `end`: the short way has failed: how the process ends is told; `kill`: it is not waited for. */
export const ASK = { commands: 0, close: 1, end: 2, kill: 3 } as const;
/** `failed`: the last byte string is the error, those before it are replies. */
export const ANSWER = { replies: 0, failed: 1 } as const;

const CONTROL_BYTES = 4 * Object.keys(WORD).length;
const LENGTH_BYTES = 4;
/** Commands that go over at once: their replies fit, whatever they are. */
export const MOST_COMMANDS = 32;
/** Room for a message. */
export const MESSAGE_BYTES = (MOST_COMMANDS + 1) * (REPLY_LIMIT + LENGTH_BYTES);
/** Bytes of a command. QEMU takes 4096 (`PacketSize=1000`). */
export const COMMAND_LIMIT = 0x1000;

export const sharedMemory = () => new SharedArrayBuffer(CONTROL_BYTES + MESSAGE_BYTES);

export class Message {
  readonly words: Int32Array;
  private readonly bytes: Buffer;

  constructor(shared: SharedArrayBuffer) {
    this.words = new Int32Array(shared, 0, Object.keys(WORD).length);
    this.bytes = Buffer.from(shared, CONTROL_BYTES);
  }

  /** @param parts text is taken as Latin-1 */
  write(kind: number, parts: readonly (string | Uint8Array)[]): void {
    let at = 0;
    for (const part of parts) {
      const from = at + LENGTH_BYTES;
      if (typeof part === 'string') this.bytes.write(part, from, 'latin1');
      else this.bytes.set(part, from);
      this.bytes.writeUInt32LE(part.length, at);
      at = from + part.length;
    }
    this.words[WORD.kind] = kind;
    this.words[WORD.count] = parts.length;
  }

  /** Copies. */
  read(): { readonly kind: number; readonly parts: Uint8Array[] } {
    let at = 0;
    const parts = Array.from({ length: this.words[WORD.count] as number }, () => {
      const from = at + LENGTH_BYTES;
      at = from + this.bytes.readUInt32LE(at);
      return new Uint8Array(this.bytes.subarray(from, at));
    });
    return { kind: this.words[WORD.kind] as number, parts };
  }
}

export function packed({ kind, message }: RspError): Uint8Array {
  return new TextEncoder().encode(JSON.stringify({ kind, message })).subarray(0, REPLY_LIMIT);
}

export function unpacked(bytes: Uint8Array, replies: readonly Uint8Array[]): RspError {
  const { kind, message } = JSON.parse(new TextDecoder().decode(bytes)) as {
    kind: RspErrorKind;
    message: string;
  };
  const error = new RspError(kind, message);
  error.replies = replies;
  return error;
}
