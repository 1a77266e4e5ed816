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

// Specifiers in variables: these rooms are built apart from this one.
const CASE_PARSER = '../case/parse.js';
const MODEL_TARGET = '../target/model/index.js';

export const wiring: Wiring = {
  parser: async () => ((await import(CASE_PARSER)) as { parseCases: Parse }).parseCases,
  backends: (wanted) => discover(wanted),
  targets: async () => ((await import(MODEL_TARGET)) as { createModelTarget: MakeTarget }).createModelTarget,
};
