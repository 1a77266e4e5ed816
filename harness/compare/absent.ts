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
  // Nearly always there is none: each distinct list is looked at once before any are paired up.
  if (![...new Set(lists)].some((list) => list.some(lacksAny))) return lists;
  return lists.map((list) =>
    list.map((observation, index) => {
      const peers = lists.map((other) => other[index]).filter((peer) => peer?.kind === observation.kind);
      const covered = new Set(
        peers.flatMap((peer) =>
          Object.entries(peer?.fields ?? {}).flatMap(([name, value]) => (isAbsent(value) ? [name] : [])),
        ),
      );
      if (covered.size === 0) return observation;
      const fields: Record<string, FieldText> = {};
      for (const [name, value] of Object.entries(observation.fields)) {
        if (!covered.has(name)) fields[name] = value;
        else if (peers.every((peer) => peer?.fields[name] !== undefined)) fields[name] = NOT_EVERYWHERE;
      }
      return { ...observation, fields };
    }),
  );
}

/** The same, for telling: what not everyone gives is not spoken of. */
export function withoutAbsentFields(observation: Observation): Observation {
  const fields = Object.entries(observation.fields).filter(([, value]) => value !== NOT_EVERYWHERE);
  return { ...observation, fields: Object.fromEntries(fields) };
}

function lacksAny({ fields }: Observation): boolean {
  for (const name in fields) if (isAbsent(fields[name])) return true;
  return false;
}
