// SPDX-License-Identifier: MIT
/** QEMU's log of registers as records in terms of our registers; the form of a record is the back-end's (contract/qemu.ts). */
import type { Qemu } from '../../../backend/contract.js';
import type { RegisterTable } from '../../../machine/instruction-set.js';

/** The log is not what it should be: it breaks off, says something else, or has grown too much. */
export class LogError extends Error {
  override readonly name = 'LogError';
}

/** Registers before an instruction. */
export interface LogRecord {
  readonly pc: bigint;
  /** In the order of the register table, the bits that user mode has; `null`: not told. */
  readonly values: readonly (bigint | null)[];
}

interface Told {
  /** Group of the pattern; 0: the log never tells it. */
  readonly group: number;
  readonly shift: bigint;
  readonly mask: bigint;
}

const ALL = 0xffff_ffff_ffff_ffffn;
const HEX = /^[0-9a-f]{1,16}$/;
const SLOT = /\{(\w*)(\??)\}/g;
const escaped = (text: string) => text.replace(/[.*+?^$()[\]\\|{}]/g, '\\$&');

export class LogFormat {
  readonly #pattern: RegExp;
  readonly #told: readonly Told[];
  readonly #pc: number;
  readonly #rest: readonly string[];

  /** @throws RangeError for a record with a register that is neither ours nor of the remote protocol, and for one without pc */
  constructor(registers: RegisterTable, { log, registers: remote, hidden, pc, user }: Qemu) {
    const groups = new Map<string, number>();
    const text = log.lines.map((line) => {
      let pattern = '';
      let at = 0;
      for (const { 0: slot, 1: name = '', 2: soft, index } of line.matchAll(SLOT)) {
        pattern += escaped(line.slice(at, index));
        at = index + slot.length;
        if (name !== '') groups.set(name, groups.size + 1);
        pattern += name === '' ? '[^\\n]*' : soft === '' ? '([0-9a-f]{1,16})' : '([^\\n]*)';
      }
      return `${pattern}${escaped(line.slice(at))} *\\n`;
    });
    this.#pattern = new RegExp(text.join(''), 'y');
    const there = (name: string): Told => {
      const bits = remote[name] ?? name;
      const whole = groups.get(name) ?? (typeof bits === 'string' ? groups.get(bits) : undefined);
      const mask = typeof bits === 'string' ? ALL : bits.mask;
      if (whole !== undefined) return { group: whole, shift: 0n, mask };
      const part = typeof bits === 'string' ? undefined : groups.get(bits.register);
      if (part === undefined || typeof bits === 'string') return { group: 0, shift: 0n, mask: 0n };
      return { group: part, shift: BigInt(bits.shift), mask };
    };
    this.#told = registers.names.map((name) =>
      hidden.includes(name) ? { group: 0, shift: 0n, mask: 0n } : there(name),
    );
    this.#pc = groups.get(pc) ?? 0;
    this.#rest = log.rest;
    const used = new Set([this.#pc, ...this.#told.map(({ group }) => group)]);
    const lost = [...groups].filter(([, group]) => !used.has(group));
    if (this.#pc === 0 || lost.length > 0)
      throw new RangeError(
        `the log of ${user}: ${this.#pc === 0 ? `a record without ${pc}` : `no register ${lost.map(([name]) => name)}`}`,
      );
  }

  /**
   * The records of a part of a log that begins with one and ends with one.
   * @throws LogError
   */
  *records(log: string): Generator<LogRecord> {
    if (log === '') return;
    if (!log.endsWith('\n'))
      throw new LogError(`the log breaks off: ${excerpt(log, log.lastIndexOf('\n') + 1)}`);
    const pattern = this.#pattern;
    const texts: string[] = [];
    const values: (bigint | null)[] = this.#told.map(() => null);
    let at = 0;
    while (at < log.length) {
      pattern.lastIndex = at;
      const found = pattern.exec(log);
      if (found === null) {
        if (log[at] === '\n') {
          at++;
          continue;
        }
        if (at === 0 || !this.#rest.some((start) => log.startsWith(start, at)))
          throw new LogError(`the log breaks off, or says something else: ${excerpt(log, at)}`);
        at = log.indexOf('\n', at) + 1;
        continue;
      }
      at = pattern.lastIndex;
      for (let index = 0; index < this.#told.length; index++) {
        const { group, shift, mask } = this.#told[index] as Told;
        const text = found[group] as string;
        // Most registers keep their value.
        if (group === 0 || texts[index] === text) continue;
        texts[index] = text;
        values[index] = HEX.test(text) ? (BigInt(`0x${text}`) >> shift) & mask : null;
      }
      yield { pc: BigInt(`0x${found[this.#pc]}`), values };
    }
  }
}

function excerpt(log: string, at: number): string {
  const end = log.indexOf('\n', at);
  return JSON.stringify(log.slice(at, end < 0 ? at + 80 : Math.min(end, at + 80)));
}
