// SPDX-License-Identifier: MIT
/**
 * Speaks to a GDB stub over a stream, one command at a time. The stub of QEMU's user mode reads one byte after each
 * reply and wants a `+` there; any other makes it send the reply again (measured, QEMU 10.0.2). So the `+` for a reply
 * goes out with the next command, in one write.
 */
import type { Duplex } from 'node:stream';
import { RspError } from './error.js';
import { Decoder, encode, type Received } from './packet.js';

/** Bytes of a reply. QEMU's are at most 4096 (`PacketSize=1000`). */
export const REPLY_LIMIT = 0x2000;

const PLUS = 0x2b;

interface Pending {
  readonly resolve: (reply: Uint8Array) => void;
  readonly reject: (error: RspError) => void;
  acknowledged: boolean;
}

export class Client {
  private readonly decoder = new Decoder(REPLY_LIMIT);
  private readonly timer: NodeJS.Timeout;
  private pending: Pending | null = null;
  /** Whether the stub waits for the `+` of its last reply. */
  private owing = false;
  private failure: RspError | null = null;

  /**
   * @param stream its bytes are either listened to here, or given to {@link take} by who made it
   * @param patience milliseconds within which each reply must be complete
   */
  constructor(
    private readonly stream: Duplex,
    patience: number,
  ) {
    this.timer = setTimeout(() => {
      if (this.pending !== null) this.fail(new RspError('hung', `no reply within ${patience} ms`));
    }, patience).unref();
    stream.on('data', (chunk: Uint8Array) => this.take(chunk));
    const over = () => this.fail(this.hungUp());
    stream.on('end', over).on('close', over).on('error', over);
  }

  /**
   * The reply's payload.
   * @throws RspError and from then on for every command the same
   */
  ask(command: Uint8Array | string): Promise<Uint8Array> {
    if (this.failure !== null) return Promise.reject(this.failure);
    if (this.pending !== null) return Promise.reject(new Error('a command is under way'));
    return new Promise((resolve, reject) => {
      this.pending = { resolve, reject, acknowledged: false };
      this.timer.refresh();
      this.stream.write(this.owing ? acknowledging(encode(command)) : encode(command));
      this.owing = false;
    });
  }

  /** Bytes that have come. */
  take(chunk: Uint8Array): void {
    if (this.failure !== null) return;
    try {
      for (const received of this.decoder.push(chunk)) this.receive(received);
    } catch (error) {
      if (!(error instanceof RspError)) throw error;
      this.fail(error);
    }
  }

  private receive(received: Received): void {
    const { pending } = this;
    if (received === 'nak') throw new RspError('garbage', 'the peer wants a command again');
    if (received === 'ack') {
      if (pending === null || pending.acknowledged)
        throw new RspError('garbage', 'an acknowledgement of nothing');
      pending.acknowledged = true;
      return;
    }
    if (!pending?.acknowledged) throw new RspError('garbage', 'a reply to nothing');
    this.pending = null;
    this.owing = true;
    pending.resolve(received);
  }

  private hungUp(): RspError {
    return this.decoder.within
      ? new RspError('truncated', 'the peer hung up within a reply')
      : new RspError('closed', 'the peer hung up');
  }

  private fail(error: RspError): void {
    if (this.failure !== null) return;
    this.failure = error;
    clearTimeout(this.timer);
    this.stream.destroy();
    this.pending?.reject(error);
    this.pending = null;
  }
}

function acknowledging(packet: Uint8Array): Uint8Array {
  const both = new Uint8Array(packet.length + 1);
  both[0] = PLUS;
  both.set(packet, 1);
  return both;
}
