// SPDX-License-Identifier: MIT
/** What ends a case as a crash: what the machine, a trampoline or the core's own checks found. */
import { GraphStopped } from '../../ftrace/graph/fgraph.js';
import { MachineFault } from '../../machine/types.js';
import type { AddressBook } from './address-book.js';
import { Crash } from './host.js';

/** `null` for any other error: a fault of the harness. */
export function asCrash(problem: unknown, book: AddressBook): Crash | null {
  if (problem instanceof Crash) return problem;
  if (problem instanceof GraphStopped) return new Crash(`${problem.message}: returns to panic`, 'panic');
  if (problem instanceof MachineFault) return new Crash(problem.message, book.codeName(0n) ?? 'C code');
  return null;
}
