// SPDX-License-Identifier: MIT
/**
 * Lays the outcomes of one case side by side by place in `expect`, and takes out what a declared
 * divergence explains: there a diverging subject stands with the value most of the others have. What still
 * differs afterwards nobody has declared. The others stay compared with each other.
 */
import type { FieldText, Observation } from '../target/outcome.js';
import { applying, type Effective, effective } from './divergence.js';
import type { Judged, Result } from './judge.js';
import { fieldText, normalLine } from './normal.js';

/** Stands for a value that every subject has declared differently. */
const DECLARED = 'declared';

interface Row {
  /** Its own expectation holds: a better witness of what is usual than one that fails. */
  readonly passing: boolean;
  readonly effective: Effective;
  /** Observations by place; the last list is what came after the last place. */
  readonly places: Observation[][];
  changed: boolean;
}

/**
 * For each result its observations without declared differences, in the order of `results`.
 * @param passing by result, whether its verdict by itself is a pass
 */
export function excuse(
  spec: Judged,
  results: readonly Result[],
  passing: readonly boolean[],
): (readonly Observation[])[] {
  const { expect } = spec;
  if (expect === null || spec.divergences.length === 0) {
    return results.map(({ outcome }) => outcome.observations);
  }
  const rows = results.map(({ outcome, features }, index): Row => {
    const here = effective(expect, applying(spec, outcome.subject, features));
    return {
      passing: passing[index] ?? false,
      effective: here,
      places: byPlace(here, expect.length, outcome.observations),
      changed: false,
    };
  });
  for (let place = 0; place < expect.length; place++) {
    const touches = rows.map((row) => row.effective.touched.get(place));
    if (touches.every((touch) => touch === undefined)) continue;
    rows.forEach((row, index) => {
      const touch = touches[index];
      if (touch === undefined || touch.structural) return;
      const [only] = row.places[place] as Observation[];
      if (only === undefined) return;
      const fields: Record<string, FieldText> = { ...only.fields };
      for (const name of touch.fields) {
        const others = witnesses(
          rows.filter((_, other) => !touches[other]?.structural && !touches[other]?.fields.has(name)),
        ).map((other) => other.places[place]?.[0]?.fields[name]);
        const common = mostFrequent(others, (value) => (value === undefined ? '' : fieldText(value)));
        if (others.length === 0) fields[name] = DECLARED;
        else if (common === undefined) delete fields[name];
        else fields[name] = common;
      }
      row.places[place] = [{ ...only, fields: reordered(fields, rows, place) }];
      row.changed = true;
    });
    const ordinary = witnesses(rows.filter((_, index) => !touches[index]?.structural)).map(
      (row) => row.places[place] ?? [],
    );
    const common = mostFrequent(ordinary, (list) => list.map(normalLine).join('\n')) ?? [];
    rows.forEach((row, index) => {
      if (!touches[index]?.structural) return;
      row.places[place] = common;
      row.changed = true;
    });
  }
  // Lists that nothing was taken out of stay the ones that were compared before.
  return rows.map((row, index) =>
    row.changed ? row.places.flat() : (results[index] as Result).outcome.observations,
  );
}

/** Those that pass, unless none does. */
function witnesses(rows: readonly Row[]): readonly Row[] {
  const passing = rows.filter((row) => row.passing);
  return passing.length > 0 ? passing : rows;
}

function byPlace(here: Effective, count: number, observations: readonly Observation[]): Observation[][] {
  const places: Observation[][] = Array.from({ length: count + 1 }, () => []);
  observations.forEach((observation, index) => {
    places[here.places[index] ?? count]?.push(observation);
  });
  return places;
}

/** Field order of a subject that diverges nowhere here, so that equal observations have equal text. */
function reordered(
  fields: Readonly<Record<string, FieldText>>,
  rows: readonly Row[],
  place: number,
): Record<string, FieldText> {
  const model = rows.find((row) => !row.effective.touched.has(place))?.places[place]?.[0]?.fields ?? {};
  const names = [...Object.keys(model).filter((name) => name in fields), ...Object.keys(fields)];
  return Object.fromEntries([...new Set(names)].map((name) => [name, fields[name] as FieldText]));
}

/** First of the most frequent; `undefined` for an empty list. */
function mostFrequent<T>(values: readonly T[], key: (value: T) => string): T | undefined {
  const seen = new Map<string, { value: T; count: number }>();
  for (const value of values) {
    const entry = seen.get(key(value));
    if (entry === undefined) seen.set(key(value), { value, count: 1 });
    else entry.count++;
  }
  return [...seen.values()].sort((a, b) => b.count - a.count)[0]?.value;
}
