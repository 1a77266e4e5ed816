// SPDX-License-Identifier: MIT
/**
 * Packets of the GDB remote serial protocol (GDB manual, "Remote Protocol: Overview"): `$` text `#` checksum, the
 * checksum two hexadecimal digits of the sum of the text's bytes as sent, modulo 256. In the text, `}` and a byte
 * stand for that byte xor 0x20, and a character, `*` and a count stand for a run.
 */
import { RspError } from './error.js';

const [DOLLAR, HASH, STAR, PLUS, MINUS, ESCAPE] = [0x24, 0x23, 0x2a, 0x2b, 0x2d, 0x7d] as const;
/** What an escaped byte is xored with. */
const FLIP = 0x20;
/** A count of n is sent as the character n + 29: how often the character before it comes again. */
const RUN_BASE = 29;
/** Counts are printable, so that the least is 3. */
const [RUN_LEAST, RUN_MOST] = [0x20, 0x7e] as const;

const DIGITS = '0123456789abcdef';
const utf8 = new TextEncoder();

/** A packet with this payload. Text is taken as UTF-8. */
export function encode(payload: Uint8Array | string): Uint8Array {
  const bytes = typeof payload === 'string' ? utf8.encode(payload) : payload;
  let escapes = 0;
  for (const byte of bytes) if (isSpecial(byte)) escapes++;
  const packet = new Uint8Array(bytes.length + escapes + 4);
  let [at, sum] = [0, 0];
  packet[at++] = DOLLAR;
  for (const byte of bytes) {
    let sent = byte;
    if (escapes > 0 && isSpecial(byte)) {
      packet[at++] = ESCAPE;
      sum += ESCAPE;
      sent = byte ^ FLIP;
    }
    packet[at++] = sent;
    sum += sent;
  }
  packet[at++] = HASH;
  packet[at++] = DIGITS.charCodeAt((sum >> 4) & 15);
  packet[at] = DIGITS.charCodeAt(sum & 15);
  return packet;
}

const isSpecial = (byte: number) => byte === DOLLAR || byte === HASH || byte === STAR || byte === ESCAPE;

/** What a stub sends: that it has a command, that it wants it again, or a packet. */
export type Received = 'ack' | 'nak' | Uint8Array;

/** Where in a packet the next byte is. */
type Place = 'between' | 'text' | 'escaped' | 'count' | 'high' | 'low';

/**
 * Takes a stream apart, however it is cut into chunks. Each payload is a copy.
 * @param limit bytes of a payload, runs written out
 */
export class Decoder {
  private place: Place = 'between';
  private readonly payload: Uint8Array;
  private length = 0;
  private sum = 0;
  private claimed = 0;

  constructor(private readonly limit: number) {
    this.payload = new Uint8Array(limit);
  }

  /** Whether the last byte was within a packet. */
  get within(): boolean {
    return this.place !== 'between';
  }

  /**
   * What is complete with this chunk, in order.
   * @throws RspError `garbage` or `checksum`; the rest of the stream has no meaning then
   */
  push(chunk: Uint8Array): Received[] {
    const received: Received[] = [];
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      switch (this.place) {
        case 'between':
          if (byte === PLUS) received.push('ack');
          else if (byte === MINUS) received.push('nak');
          else if (byte === DOLLAR) this.begin();
          else throw new RspError('garbage', `${named(byte)} where a packet should begin`);
          break;
        case 'text':
          this.text(byte);
          break;
        case 'escaped':
          if (byte === HASH || byte === DOLLAR)
            throw new RspError('garbage', `${named(byte)} after an escape`);
          this.sum += byte;
          this.put(byte ^ FLIP, 1);
          this.place = 'text';
          break;
        case 'count':
          this.run(byte);
          break;
        case 'high':
          this.claimed = digit(byte) << 4;
          this.place = 'low';
          break;
        case 'low':
          received.push(this.end(this.claimed | digit(byte)));
          break;
      }
    }
    return received;
  }

  private begin(): void {
    this.place = 'text';
    this.length = 0;
    this.sum = 0;
  }

  private text(byte: number): void {
    if (byte === HASH) {
      this.place = 'high';
      return;
    }
    if (byte === DOLLAR) throw new RspError('garbage', 'a packet begins within another');
    this.sum += byte;
    if (byte === ESCAPE) this.place = 'escaped';
    else if (byte === STAR) this.place = 'count';
    else this.put(byte, 1);
  }

  private run(byte: number): void {
    if (this.length === 0) throw new RspError('garbage', 'a run of nothing');
    if (byte < RUN_LEAST || byte > RUN_MOST || byte === HASH || byte === DOLLAR)
      throw new RspError('garbage', `${named(byte)} as the count of a run`);
    this.sum += byte;
    this.put(this.payload[this.length - 1] as number, byte - RUN_BASE);
    this.place = 'text';
  }

  private put(byte: number, count: number): void {
    if (this.length + count > this.limit)
      throw new RspError('garbage', `a packet of more than ${this.limit} bytes`);
    // Nearly always it is one.
    if (count === 1) this.payload[this.length] = byte;
    else this.payload.fill(byte, this.length, this.length + count);
    this.length += count;
  }

  private end(claimed: number): Uint8Array {
    this.place = 'between';
    const is = this.sum & 0xff;
    if (claimed !== is)
      throw new RspError('checksum', `a packet's checksum is ${hex(is)}, and it says ${hex(claimed)}`);
    return this.payload.slice(0, this.length);
  }
}

function digit(byte: number): number {
  const value = DIGITS.indexOf(String.fromCharCode(byte).toLowerCase());
  if (value < 0) throw new RspError('checksum', `${named(byte)} in a checksum`);
  return value;
}

const hex = (byte: number) => byte.toString(16).padStart(2, '0');
const named = (byte: number) => `byte 0x${hex(byte)}`;
