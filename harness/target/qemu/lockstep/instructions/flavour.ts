// SPDX-License-Identifier: MIT
/** What a row of an instruction table does with its operands, found out by executing it on a processor that only watches. */
import type { Cpu, Instruction, Op } from '../../../../machine/instruction-set.js';
import { MachineFault } from '../../../../machine/types.js';
import type { Chance } from '../chance.js';

/**
 * `jump`: goes to them; `execute`: executes what is there; `trap`: stops;
 * `data`: reads or writes there, or only computes.
 */
export type Flavour = 'jump' | 'execute' | 'trap' | 'data';

const TRIES = 64;

/** @param values operands as their kinds have parsed them */
export function flavourOf(
  row: Instruction,
  values: readonly unknown[],
  registers: number,
  chance: Chance,
): Flavour {
  let flavour: Flavour = 'data';
  const nothing: Op = () => {};
  const x = new BigUint64Array(registers);
  const cpu: Cpu = {
    x,
    load: () => 0n,
    store: () => {},
    jump: () => {
      flavour = 'jump';
    },
    land: () => {
      flavour = 'jump';
    },
    instructionAt: () => {
      flavour = 'execute';
      return { text: '', op: nothing };
    },
  };
  const op = row.compile(values, 0n);
  for (let tries = 0; tries < TRIES && flavour === 'data'; tries++) {
    for (let index = 0; index < registers; index++) x[index] = chance.word();
    try {
      op(cpu);
    } catch (error) {
      if (!(error instanceof MachineFault)) throw error;
      if (error.kind === 'trap') flavour = 'trap';
    }
  }
  return flavour;
}
