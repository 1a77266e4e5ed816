// SPDX-License-Identifier: MIT
/**
 * A process under QEMU's gdbstub, by what can be done with it. Synchronous. Registers and memory are bytes in the
 * target's order. Methods throw Refusal (commands.ts) for what the stub will not do (memory that is not mapped: code 0x14),
 * after which all is as before, and RspError when the process cannot be reached any more.
 */
import { accepted, bytesIn, command } from './commands.js';
import type { Channel } from './rsp/channel.js';
import { RspError } from './rsp/error.js';
import { parseStop, type RemoteStop } from './stop.js';
import { type RemoteRegister, readTargetXml } from './target-xml.js';

/** Bytes of a document in one reply; some of its own are around them. */
const MOST_FEATURES = 0x700;

export class Remote {
  constructor(private readonly channel: Channel) {}

  /** Those of the `g` reply, one after the other: see {@link targetXml}. */
  readRegisters(): Uint8Array {
    return this.bytes(command.readRegisters);
  }

  /** All of them, as {@link readRegisters} gives them. Some keep their value whatever is written. */
  writeRegisters(bytes: Uint8Array): void {
    this.done(command.writeRegisters(bytes));
  }

  readRegister(number: number): Uint8Array {
    return this.bytes(command.readRegister(number));
  }

  writeRegister(number: number, bytes: Uint8Array): void {
    this.done(command.writeRegister(number, bytes));
  }

  readMemory(address: bigint, length: number): Uint8Array {
    const commands = command.readMemory(address, length);
    const replies = this.channel.askAll(commands);
    const memory = new Uint8Array(length);
    let at = 0;
    for (const [index, reply] of replies.entries()) {
      const asked = commands[index] as string;
      const expected = Number.parseInt(asked.slice(asked.indexOf(',') + 1), 16);
      const bytes = bytesIn(accepted(asked, reply), expected);
      if (bytes === null) throw nonsense(asked, reply);
      memory.set(bytes, at);
      at += expected;
    }
    return memory;
  }

  /** Text too. What goes over in parts may be written in part when it throws. */
  writeMemory(address: bigint, bytes: Uint8Array): void {
    this.allDone(command.writeMemory(address, bytes));
  }

  /** Memory reads as before. Resuming at its address stops there again at once. */
  insertBreakpoint(address: bigint): void {
    this.done(command.insertBreakpoint(address));
  }

  removeBreakpoint(address: bigint): void {
    this.done(command.removeBreakpoint(address));
  }

  /** Runs until it stops. @param address `null`: from where it is */
  continueAt(address: bigint | null): RemoteStop {
    return this.stopped(command.continueAt(address));
  }

  /** One instruction. */
  stepAt(address: bigint | null): RemoteStop {
    return this.stopped(command.stepAt(address));
  }

  whyStopped(): RemoteStop {
    return this.stopped(command.whyStopped);
  }

  /**
   * Commands that answer `OK`, then a run, then the registers: as single calls would, in one.
   * @param before of {@link command}: `G`, `P`, `M`, `Z0`, `z0`
   * @param run of {@link command}: `continueAt` or `stepAt`
   * @returns registers: `null` if the process is no more
   * @throws Refusal for the first that was refused; those after it were done all the same, and so was the run
   */
  run(
    before: readonly string[],
    run: string,
  ): { readonly stop: RemoteStop; readonly registers: Uint8Array | null } {
    const commands = [...before, run, command.readRegisters];
    let replies: readonly Uint8Array[];
    try {
      replies = this.channel.askAll(commands);
    } catch (error) {
      // It has ended, has said so, and cannot be asked for registers.
      if (!(error instanceof RspError) || error.replies.length !== commands.length - 1) throw error;
      replies = error.replies;
    }
    for (const [index, asked] of before.entries()) ok(asked, replies[index] as Uint8Array);
    const stop = stopIn(run, replies[before.length] as Uint8Array);
    const last = replies[before.length + 1];
    if (stop.kind !== 'signal') return { stop, registers: null };
    if (last === undefined) throw new RspError('closed', 'the peer hung up after a stop');
    return { stop, registers: bytesOf(command.readRegisters, last) };
  }

  /** As single calls. @throws Refusal for the first that was refused; those after it were done all the same */
  allDone(commands: readonly string[]): void {
    const replies = this.channel.askAll(commands);
    for (const [index, asked] of commands.entries()) ok(asked, replies[index] as Uint8Array);
  }

  /** All registers, in the order of the `g` reply. The same for every process of one emulator: worth keeping. */
  targetXml(): readonly RemoteRegister[] {
    return readTargetXml((document) => this.document(document), this.readRegisters().length);
  }

  /** Ends the process; nothing can be asked after it. */
  kill(): void {
    this.channel.close();
  }

  private document(name: string): string {
    let text = '';
    for (;;) {
      const asked = command.readFeatures(name, text.length, MOST_FEATURES);
      const reply = accepted(asked, this.channel.ask(asked));
      const [kind, part] = [reply[0], reply.slice(1)];
      // `m`: there is more; `l`: the last part.
      if ((kind !== 'm' && kind !== 'l') || (kind === 'm' && part === '')) throw nonsense(asked, reply);
      text += part;
      if (kind === 'l') return text;
    }
  }

  private bytes(asked: string): Uint8Array {
    return bytesOf(asked, this.channel.ask(asked));
  }

  private done(asked: string): void {
    ok(asked, this.channel.ask(asked));
  }

  private stopped(asked: string): RemoteStop {
    return stopIn(asked, this.channel.ask(asked));
  }
}

function ok(asked: string, reply: Uint8Array): void {
  if (accepted(asked, reply) !== 'OK') throw nonsense(asked, reply);
}

function bytesOf(asked: string, reply: Uint8Array): Uint8Array {
  const bytes = bytesIn(accepted(asked, reply));
  if (bytes === null) throw nonsense(asked, reply);
  return bytes;
}

function stopIn(asked: string, reply: Uint8Array): RemoteStop {
  const stop = parseStop(accepted(asked, reply));
  if (stop === null) throw nonsense(asked, reply);
  return stop;
}

function nonsense(asked: string, reply: Uint8Array | string): RspError {
  const text = typeof reply === 'string' ? reply : Buffer.from(reply).toString('latin1');
  return new RspError('garbage', `${asked.slice(0, 40)} was answered ${JSON.stringify(text.slice(0, 80))}`);
}
