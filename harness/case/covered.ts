// SPDX-License-Identifier: MIT
/** Which cases cover which unit of {@link units}. */
import { type Unit, units } from './covers.js';
import type { Case } from './types.js';

export interface Covered {
  readonly unit: Unit;
  /** In the order of the cases. A case that covers a row covers every subtest of it. */
  readonly cases: readonly Case[];
}

/** One item for every unit, covered or not, in the order of the tables. */
export function covered(cases: readonly Case[]): Covered[] {
  const byId = new Map<string, Case[]>();
  for (const spec of cases) {
    for (const id of spec.covers) byId.set(id, [...(byId.get(id) ?? []), spec]);
  }
  return units.map((unit) => {
    const ids = unit.id === unit.row ? [unit.id] : [unit.row, unit.id];
    const found = new Set(ids.flatMap((id) => byId.get(id) ?? []));
    return { unit, cases: cases.filter((spec) => found.has(spec)) };
  });
}
