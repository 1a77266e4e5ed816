// SPDX-License-Identifier: MIT
/** Generated sequences from random states in lock-step; registers are mended beforehand so that accesses meet memory. */
import { Chance, seedFor } from '../chance.js';
import type { LockstepMachine } from '../machine.js';
import { LockstepError, type Mismatch } from '../mismatch.js';
import { Scenery } from '../scenery.js';
import { endOf, type Sequence, startOf } from './sequences.js';

export interface SequenceMismatch {
  readonly sequence: Sequence;
  readonly run: number;
  readonly mismatch: Mismatch;
}

/** Attempts to make a sequence run through; after that it faults, on both alike. */
const MENDINGS = 6;
/** Once in so many runs nothing is mended: faults are to be compared too. */
const UNMENDED = 8;

/** @throws LogError, RspError */
export function* runSequences(
  machine: LockstepMachine,
  sequences: readonly Sequence[],
  runs: number,
  seed: number,
): Generator<SequenceMismatch | null> {
  const { symbols } = machine.kernel.program;
  for (const sequence of sequences) {
    const chance = new Chance(seedFor(seed, sequence.name));
    const start = symbols.get(startOf(sequence)) as bigint;
    const scenery = new Scenery(machine.kernel, chance, [symbols.get(endOf(sequence)) as bigint]);
    for (let run = 0; run < runs; run++) {
      scenery.begin(machine);
      machine.pc = start;
      if (!chance.once(UNMENDED)) mend(machine, scenery, chance);
      const mismatch = compared(machine);
      yield mismatch && { sequence, run, mismatch };
    }
  }
}

function compared(machine: LockstepMachine): Mismatch | null {
  try {
    machine.run();
    return null;
  } catch (error) {
    if (error instanceof LockstepError) return error.mismatch;
    throw error;
  }
}

/** Moves a register that the failing instruction names by as much as its address is wrong, as long as that helps. */
function mend(machine: LockstepMachine, scenery: Scenery, chance: Chance): void {
  const { names, aliases } = machine.kernel.backend.instructions.registers;
  for (let times = 0; times < MENDINGS; times++) {
    const { stop, at } = machine.rehearse();
    const wrong = wrongAddress(stop.why);
    if (stop.kind !== 'fault' || wrong === null) return;
    const isJump = stop.why.startsWith('jump');
    const right = isJump ? chance.pick([...scenery.places, ...scenery.callouts]) : scenery.dataAddress();
    const words = new Set(
      (at.toLowerCase().match(/[a-z_][\w.]*/g) ?? []).map((name) => aliases[name] ?? name),
    );
    const tried = names.filter((name) => (isJump && words.size === 0) || words.has(name));
    const helped = tried.some((name) => {
      const before = machine.read(name);
      machine.write(name, before + right - wrong);
      const again = machine.rehearse().stop;
      if (again.kind !== 'fault' || wrongAddress(again.why) !== wrong) return true;
      machine.write(name, before);
      return false;
    });
    if (!helped) return;
  }
}

function wrongAddress(why: string): bigint | null {
  const [, address] = /(?:unmapped|read-only text|jump to|operand at) (0x[0-9a-f]+)/.exec(why) ?? [];
  return address === undefined ? null : BigInt(address);
}
