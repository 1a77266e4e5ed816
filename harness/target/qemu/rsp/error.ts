// SPDX-License-Identifier: MIT
/** What can go wrong between the harness and a GDB stub. After any of these the connection is of no more use. */

export type RspErrorKind =
  /** The peer hung up within a packet. */
  | 'truncated'
  /** A packet whose checksum is not that of its text. */
  | 'checksum'
  /** Bytes that are no packet, or not where one may be. */
  | 'garbage'
  /** No reply in time. */
  | 'hung'
  /** The peer hung up between packets, or its process ended. */
  | 'closed'
  /** The emulator did not get as far as a connection. */
  | 'start';

export class RspError extends Error {
  override readonly name = 'RspError';
  /** Of several commands asked at once: the replies to those before the one that failed. */
  replies: readonly Uint8Array[] = [];
  constructor(
    readonly kind: RspErrorKind,
    why: string,
  ) {
    super(why);
  }

  /** For who cannot do without the emulator. */
  render(): string {
    return `error: ${this.message}`;
  }
}
