// SPDX-License-Identifier: MIT
/** Fields that some subject's kernel cannot give are taken out of a comparison between subjects. */
import { type FieldText, isAbsent, type Observation } from '../target/outcome.js';

const NOT_EVERYWHERE = '(not everywhere)';

/** Lists side by side, observation by observation; where one cannot give a field, no one's counts. */
export function withoutAbsent(lists: readonly (readonly Observation[])[]): Observation[][] {
  return lists.map((list) =>
    list.map((observation, index) => {
      const covered = Object.keys(observation.fields).filter((name) =>
        lists.some(
          (other) => other[index]?.kind === observation.kind && isAbsent(other[index]?.fields[name]),
        ),
      );
      if (covered.length === 0) return observation;
      const fields: Record<string, FieldText> = { ...observation.fields };
      for (const name of covered) fields[name] = NOT_EVERYWHERE;
      return { ...observation, fields };
    }),
  );
}
