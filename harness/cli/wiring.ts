// SPDX-License-Identifier: MIT
/**
 * Where verbs get cases, back-ends and targets from. Tests put their own here; a program gets the real ones,
 * loaded when first asked for.
 */
import type { LoadedBackend } from '../backend/contract.js';
import type { Parse } from '../plan/cases.js';
import { discover } from '../plan/discover.js';
import type { MakeTarget } from '../plan/subjects.js';

export interface Wiring {
  parser(): Promise<Parse>;
  backends(wanted: readonly string[]): Promise<LoadedBackend[]>;
  targets(): Promise<MakeTarget>;
}

export const wiring: Wiring = {
  parser: async () => (await import('../case/parse.js')).parseCases,
  backends: (wanted) => discover(wanted),
  targets: async () => (await import('../target/model/model.js')).createModelTarget,
};
