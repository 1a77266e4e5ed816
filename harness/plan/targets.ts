// SPDX-License-Identifier: MIT
/** Targets by name, from the table of what there is to what makes subjects. */
import { DEFAULT_TARGET, factsOf, type TargetName } from '../target/facts.js';
import { featuresOf } from '../target/features.js';
import type { ImageSettings } from '../target/images.js';
import { skippedTarget } from '../target/skipped.js';
import { TARGETS, type TargetMaker, type TargetTable } from '../target/table.js';
import { Problem } from './problem.js';
import type { MakeTarget } from './subjects.js';
import { didYouMean } from './suggest.js';

/** Those of this version, in the order of the table. */
export function availableTargets(table: TargetTable = TARGETS): TargetName[] {
  return (Object.keys(table) as TargetName[]).filter((name) => table[name]);
}

/** @throws Problem for names that this version does not have */
export function checkTargets(names: readonly string[], table: TargetTable = TARGETS): void {
  const known = availableTargets(table);
  for (const name of names) {
    if (known.some((one) => one === name)) continue;
    const why =
      factsOf(name) === undefined
        ? `no target ${name}${didYouMean(name, known)}`
        : `this version of ftrace-conform has no target ${name}`;
    throw new Problem(`${why}\ntargets: ${known.join(', ')}`);
  }
}

/**
 * What makes subjects on targets of these names; for one that cannot be started here, subjects that skip every case.
 * @param names none: the default one
 * @throws Problem as {@link checkTargets}
 */
export async function loadTargets(
  names: readonly string[],
  table: TargetTable = TARGETS,
  settings?: ImageSettings,
): Promise<MakeTarget> {
  const wanted = names.length > 0 ? names : [DEFAULT_TARGET];
  checkTargets(wanted, table);
  const makers = new Map<string, TargetMaker>();
  for (const name of wanted as TargetName[]) {
    if (!makers.has(name)) makers.set(name, await (table[name] as () => Promise<TargetMaker>)());
  }
  /** To look for tools takes time: once for each subject. */
  const lacks = new Map<string, string | null>();
  return (loaded, revision, target) => {
    const maker = makers.get(target);
    if (maker === undefined) throw new RangeError(`target ${target} was not asked for`);
    const { arch } = loaded.backend;
    const key = `${arch}@${revision}/${target}`;
    if (!lacks.has(key)) lacks.set(key, maker.lacks?.(loaded, revision, settings) ?? null);
    const why = lacks.get(key) ?? null;
    if (why === null) return maker.create(loaded, revision, settings);
    return skippedTarget({ arch, revision, target }, featuresOf(loaded, revision).features, why);
  };
}

/** About how many times as long as on the model alone a run on these takes. */
export function weightOf(targets: readonly string[]): number {
  const names = targets.length > 0 ? [...new Set(targets)] : [DEFAULT_TARGET];
  return names.reduce((sum, name) => sum + (factsOf(name)?.weight ?? 1), 0);
}
