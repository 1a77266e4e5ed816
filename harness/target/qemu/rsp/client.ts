// SPDX-License-Identifier: MIT
/** Speaks to a GDB stub over a stream of Node's. */
import type { Duplex } from 'node:stream';
import { RspError } from './error.js';
import { Exchange } from './exchange.js';

interface Pending {
  readonly resolve: (reply: Uint8Array) => void;
  readonly reject: (error: RspError) => void;
}

export class Client {
  private readonly exchange = new Exchange();
  private readonly timer: NodeJS.Timeout;
  private pending: Pending | null = null;
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
    const over = () => this.fail(this.exchange.hungUp());
    stream.on('end', over).on('close', over).on('error', over);
  }

  /**
   * The reply's payload.
   * @throws RspError and from then on for every command the same
   */
  async ask(command: Uint8Array | string): Promise<Uint8Array> {
    if (this.failure !== null) throw this.failure;
    const bytes = this.exchange.begin(command);
    return new Promise((resolve, reject) => {
      this.pending = { resolve, reject };
      this.timer.refresh();
      this.stream.write(bytes);
    });
  }

  /** Bytes that have come. */
  take(chunk: Uint8Array): void {
    if (this.failure !== null) return;
    try {
      const reply = this.exchange.take(chunk);
      if (reply === null) return;
      this.pending?.resolve(reply);
      this.pending = null;
    } catch (error) {
      if (!(error instanceof RspError)) throw error;
      this.fail(error);
    }
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
