// SPDX-License-Identifier: MIT
/** A back-end whose instruction table tells which of its rows is executed; all else is as it was. */
import type { LoadedBackend } from '../../../backend/contract.js';
import type { Instruction } from '../../../machine/instruction-set.js';

export interface Noting {
  readonly loaded: LoadedBackend;
  /** The rows, in the order of the table. */
  readonly rows: readonly Instruction[];
  /** Place of the row that was executed last; -1: none yet. */
  last(): number;
}

export function noting(loaded: LoadedBackend): Noting {
  let last = -1;
  const { instructions } = loaded.backend;
  const rows: readonly Instruction[] = instructions.table;
  const table = rows.map(
    (row, index): Instruction => ({
      ...row,
      compile: (values, here) => {
        const op = row.compile(values, here);
        return (cpu) => {
          try {
            op(cpu);
          } finally {
            // Behind it: an instruction that executes another is what is asked for.
            last = index;
          }
        };
      },
    }),
  );
  const backend = { ...loaded.backend, instructions: { ...instructions, table } };
  return { loaded: { ...loaded, backend }, rows, last: () => last };
}

/** `mov Xn, #immediate`: a row as people tell it from its neighbours. */
export function rowName({ mnemonic, operands }: Instruction): string {
  return [mnemonic, operands.map(({ name }) => name).join(', ')].join(' ').trim();
}
