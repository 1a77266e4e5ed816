// SPDX-License-Identifier: MIT
/** What was compared, in numbers. */
import type { QemuException } from '../../../backend/contract.js';
import type { Program } from '../../../machine/asm/program.js';
import type { Instruction } from '../../../machine/instruction-set.js';

export class Figures {
  runs = 0;
  /** Instructions whose registers were compared before and after. */
  compared = 0;
  /** Executions that QEMU refused and the interpreter stood in for, by mnemonic. */
  readonly emulated = new Map<string, number>();
  /** Registers that a record of the log does not tell: compared at the next that does, at the latest at the end of a run. */
  untold = 0;
  /** Runs that spent the interpreter's step budget, and were not made in QEMU. */
  endless = 0;
  /** Runs that were compared up to bytes which the interpreter does not know. */
  unknown = 0;
  /** Runs that were compared up to a declared exception. */
  readonly excepted = new Map<QemuException, number>();
  /** Addresses of instructions compared. */
  readonly addresses = new Set<bigint>();
  /** Rows of the instruction table compared, by place. */
  readonly rows = new Set<number>();
  /** Rows executed by the interpreter alone. */
  readonly emulatedRows = new Set<number>();
  /** Rows after which execution went on behind the instruction, and elsewhere. */
  readonly passed = new Set<number>();
  readonly jumped = new Set<number>();
  /** Addresses of instructions executed by the interpreter alone. */
  readonly emulatedAddresses = new Set<bigint>();

  /** Takes over what another has found out about rows, and its sums. */
  add(other: Figures): void {
    this.runs += other.runs;
    this.compared += other.compared;
    this.untold += other.untold;
    this.endless += other.endless;
    this.unknown += other.unknown;
    for (const [name, count] of other.emulated)
      this.emulated.set(name, (this.emulated.get(name) ?? 0) + count);
    for (const [one, count] of other.excepted) this.excepted.set(one, (this.excepted.get(one) ?? 0) + count);
    for (const [to, from] of [
      [this.rows, other.rows],
      [this.emulatedRows, other.emulatedRows],
      [this.passed, other.passed],
      [this.jumped, other.jumped],
    ] as const)
      for (const row of from) to.add(row);
  }
}

/** Executed and all, and what is missing. */
export interface Coverage<T> {
  readonly done: number;
  readonly all: number;
  readonly rest: readonly T[];
}

export interface Missing {
  readonly address: bigint;
  readonly where: string;
  readonly text: string;
  readonly at: string;
}

/**
 * Instructions of the back-end's sources.
 * @param own names of those files
 */
export function trampolineCoverage(
  program: Program,
  own: ReadonlySet<string>,
  { addresses }: Pick<Figures, 'addresses'>,
): Coverage<Missing> {
  // What fills the room before an alignment is nobody's instruction.
  const all = program.code.filter(
    ({ where, text }) => own.has(where.slice(0, where.lastIndexOf(':'))) && !text.startsWith('.'),
  );
  const rest = all.filter(({ address }) => !addresses.has(address));
  return {
    done: all.length - rest.length,
    all: all.length,
    rest: rest.map(({ where, text, address }) => {
      const symbol = program.symbolOf(address);
      return {
        address,
        where,
        text,
        at: symbol === undefined ? '' : `${symbol.name}+0x${symbol.offset.toString(16)}`,
      };
    }),
  };
}

export function rowCoverage(
  rows: readonly Instruction[],
  figures: Pick<Figures, 'rows' | 'emulatedRows'>,
): Coverage<{ readonly row: Instruction; readonly emulated: boolean }> {
  const rest = rows.flatMap((row, index) =>
    figures.rows.has(index) ? [] : [{ row, emulated: figures.emulatedRows.has(index) }],
  );
  return { done: rows.length - rest.length, all: rows.length, rest };
}
