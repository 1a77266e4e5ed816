// SPDX-License-Identifier: MIT
/** Every entry point of the trampolines from random states, in lock-step. */
import type { Kernel } from '../../kernel.js';
import { Chance, seedFor } from './chance.js';
import { trampolineCoverage } from './figures.js';
import type { LockstepMachine } from './machine.js';
import { LockstepError, type Mismatch } from './mismatch.js';
import { Scenery } from './scenery.js';

/** Calls of C functions after which a run is given up. */
const CALLS = 12;

export interface EntryMismatch {
  readonly entry: string;
  /** Which of the runs from there. */
  readonly run: number;
  readonly mismatch: Mismatch;
}

/** Symbols of the back-end's sources at which there is an instruction. */
export function entryPoints(
  { program }: Kernel,
  own: ReadonlySet<string>,
): readonly (readonly [string, bigint])[] {
  return [...program.symbols].filter(([, address]) => {
    const where = program.at(address)?.where ?? '';
    return own.has(where.slice(0, where.lastIndexOf(':')));
  });
}

/** Runs from an instruction that no run has reached. */
const FEW = 4;

/**
 * Then the same from every instruction that was not compared yet, be it that nothing ever gets there.
 * @param runs from each entry point
 * @throws LogError, RspError
 */
export function* runEntries(
  machine: LockstepMachine,
  own: ReadonlySet<string>,
  runs: number,
  seed: number,
): Generator<EntryMismatch | null> {
  const { kernel } = machine;
  for (const [entry, address] of entryPoints(kernel, own))
    yield* runsFrom(machine, entry, address, runs, seed);
  for (const { address, at } of trampolineCoverage(kernel.program, own, machine.figures).rest)
    if (!machine.figures.addresses.has(address))
      yield* runsFrom(machine, at, address, Math.min(runs, FEW), seed);
}

function* runsFrom(
  machine: LockstepMachine,
  entry: string,
  address: bigint,
  runs: number,
  seed: number,
): Generator<EntryMismatch | null> {
  const scenery = new Scenery(machine.kernel, new Chance(seedFor(seed, entry)));
  for (let run = 0; run < runs; run++) {
    const mismatch = oneRun(machine, scenery, address);
    yield mismatch && { entry, run, mismatch };
  }
}

function oneRun(machine: LockstepMachine, scenery: Scenery, address: bigint): Mismatch | null {
  scenery.begin(machine);
  machine.pc = address;
  try {
    for (let calls = 0; calls < CALLS; calls++) {
      const stop = machine.run();
      if (stop.kind !== 'callout') return null;
      scenery.comeBack(machine);
    }
    return null;
  } catch (error) {
    if (error instanceof LockstepError) return error.mismatch;
    throw error;
  }
}
