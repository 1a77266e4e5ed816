// SPDX-License-Identifier: MIT
/** The log that a process of QEMU's writes while it runs, read as far as it has come whenever it has stopped. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { LogError } from './log-format.js';

/** Bytes of one run: some ten times of what the longest takes that ends within its step budget. */
const MOST = 1 << 28;

export class LogFile {
  #at = 0;
  #file: number | null = null;

  constructor(
    readonly path: string,
    readonly most = MOST,
  ) {}

  /** Bytes that were read since the process began. */
  get size(): number {
    return this.#at;
  }

  /** What has been written since the last call. @throws LogError if that is too much, or less than before */
  next(): string {
    this.#file ??= openSync(this.path, 'r');
    const { size } = fstatSync(this.#file);
    const length = size - this.#at;
    if (length < 0) throw new LogError(`the log has shrunk from ${this.#at} to ${size} bytes`);
    if (length > this.most) {
      this.#at = size;
      throw new LogError(`the log of one run has ${length} bytes; at most ${this.most} are read`);
    }
    const bytes = Buffer.allocUnsafe(length);
    let got = 0;
    while (got < length) {
      const count = readSync(this.#file, bytes, got, length - got, this.#at + got);
      if (count === 0) throw new LogError(`the log breaks off after ${got} of ${length} bytes`);
      got += count;
    }
    this.#at = size;
    return bytes.toString('latin1');
  }

  /** Another process writes it from its beginning. */
  begin(): void {
    this.close();
    this.#at = 0;
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}
