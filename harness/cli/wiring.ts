// SPDX-License-Identifier: MIT
/**
 * Where verbs get cases, back-ends and targets from. Tests put their own here; a program gets the real ones,
 * loaded when first asked for.
 */
import type { LoadedBackend } from '../backend/contract.js';
import { openStore } from '../plan/case-store.js';
import type { Parse } from '../plan/cases.js';
import { enlist } from '../plan/crew.js';
import { discover } from '../plan/discover.js';
import type { Selected } from '../plan/select.js';
import { storedParser } from '../plan/stored-parser.js';
import type { MakeTarget } from '../plan/subjects.js';
import { availableTargets, loadTargets } from '../plan/targets.js';
import type { ImageSettings } from '../target/images.js';

export interface Wiring {
  /** Of these files. */
  parser(selection: readonly Selected[]): Promise<Parse>;
  /** Of texts that need not be files any more, as those in a log. */
  textParser(): Promise<Parse>;
  backends(wanted: readonly string[]): Promise<LoadedBackend[]>;
  /** Names of all there are. */
  targetNames(): readonly string[];
  /** Of these names. @throws Problem for one there is not */
  targets(wanted: readonly string[], images?: ImageSettings): Promise<MakeTarget>;
  /** Runs in several threads; they load the real things. Absent: one thread it is. */
  readonly enlist?: typeof enlist;
}

export const wiring: Wiring = {
  parser: (selection) =>
    storedParser(selection, openStore(), async () => (await import('../case/parse.js')).parseCases),
  textParser: async () => (await import('../case/parse.js')).parseCases,
  backends: (wanted) => discover(wanted),
  targetNames: () => availableTargets(),
  targets: (wanted, images) => loadTargets(wanted, undefined, images),
  // A thread starts from compiled code only.
  ...(import.meta.url.endsWith('.js') ? { enlist } : {}),
};
