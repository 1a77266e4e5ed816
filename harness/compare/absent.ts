// SPDX-License-Identifier: MIT
/** Fields that some subject's kernel cannot give are taken out of a comparison between subjects. */
import { type FieldText, isAbsent, type Observation } from '../target/outcome.js';

const NOT_EVERYWHERE = '(not everywhere)';

/**
 * Lists side by side, observation by observation; where one cannot give a field, no one's counts. A field that
 * others do not even have, such as the data of a store that worked, is left out.
 */
export function withoutAbsent(
  lists: readonly (readonly Observation[])[],
): readonly (readonly Observation[])[] {
  // Most subjects share their list with others, and nearly always there is none with such a field.
  const distinct = [...new Set(lists)];
  if (!distinct.some((list) => list.some(lacksAny))) return lists;
  const made = new Map(
    distinct.map((list) => [
      list,
      list.map((observation, index) =>
        beside(
          observation,
          distinct.map((other) => other[index]),
        ),
      ),
    ]),
  );
  return lists.map((list) => made.get(list) ?? list);
}

/** An observation without the fields that some observation of the same kind beside it lacks. */
function beside(observation: Observation, all: readonly (Observation | undefined)[]): Observation {
  const peers = all.filter((peer) => peer?.kind === observation.kind) as Observation[];
  const covered = new Set<string>();
  for (const { fields } of peers) {
    for (const name in fields) if (isAbsent(fields[name])) covered.add(name);
  }
  if (covered.size === 0) return observation;
  const fields: Record<string, FieldText> = {};
  for (const [name, value] of Object.entries(observation.fields)) {
    if (!covered.has(name)) fields[name] = value;
    else if (peers.every((peer) => peer.fields[name] !== undefined)) fields[name] = NOT_EVERYWHERE;
  }
  return { ...observation, fields };
}

/** The same, for telling: what not everyone gives is not spoken of. */
export function withoutAbsentFields(observation: Observation): Observation {
  const fields = Object.entries(observation.fields).filter(([, value]) => value !== NOT_EVERYWHERE);
  return { ...observation, fields: Object.fromEntries(fields) };
}

/** Whether its kernel cannot give one of its fields. */
export function lacksAny({ fields }: Observation): boolean {
  for (const name in fields) if (isAbsent(fields[name])) return true;
  return false;
}
