// SPDX-License-Identifier: MIT
/**
 * One command at a time, and what may come in return. The stub of QEMU's user mode reads one byte after each reply and
 * wants a `+` there; any other makes it send the reply again (measured, QEMU 10.0.2). So the `+` for a reply goes out
 * with the next command, in one write.
 */
import { RspError } from './error.js';
import { Decoder, encode } from './packet.js';

/** Bytes of a reply. QEMU's are at most 4096 (`PacketSize=1000`). */
export const REPLY_LIMIT = 0x2000;

const PLUS = 0x2b;

export class Exchange {
  private readonly decoder = new Decoder(REPLY_LIMIT);
  private state: 'idle' | 'asked' | 'acknowledged' = 'idle';
  /** Whether the stub waits for the `+` of its last reply. */
  private owing = false;

  /** What is to be sent, in one write. @throws Error if a command is under way */
  begin(command: Uint8Array | string): Uint8Array {
    if (this.state !== 'idle') throw new Error('a command is under way');
    this.state = 'asked';
    const packet = encode(command);
    if (!this.owing) return packet;
    this.owing = false;
    const both = new Uint8Array(packet.length + 1);
    both[0] = PLUS;
    both.set(packet, 1);
    return both;
  }

  /**
   * Bytes that have come.
   * @returns the reply's payload, if it is complete
   * @throws RspError after which the connection is of no more use
   */
  take(chunk: Uint8Array): Uint8Array | null {
    let reply: Uint8Array | null = null;
    for (const received of this.decoder.push(chunk)) {
      if (received === 'nak') throw new RspError('garbage', 'the peer wants a command again');
      if (received === 'ack') {
        if (this.state !== 'asked') throw new RspError('garbage', 'an acknowledgement of nothing');
        this.state = 'acknowledged';
      } else {
        if (this.state !== 'acknowledged') throw new RspError('garbage', 'a reply to nothing');
        this.state = 'idle';
        this.owing = true;
        reply = received;
      }
    }
    return reply;
  }

  /** What it means that no more will come. */
  hungUp(): RspError {
    return this.decoder.within
      ? new RspError('truncated', 'the peer hung up within a reply')
      : new RspError('closed', 'the peer hung up');
  }
}
