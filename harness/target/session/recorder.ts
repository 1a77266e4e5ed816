// SPDX-License-Identifier: MIT
/** Collects what a case lets us see, in order. */
import type { FieldText, Observation } from '../outcome.js';

/** An observation whose later fields are still being read by a handler. */
export class OpenObservation {
  readonly fields: Record<string, FieldText> = {};
  constructor(readonly kind: Observation['kind']) {}

  set(name: string, value: FieldText | undefined): this {
    if (value !== undefined) this.fields[name] = value;
    return this;
  }
}

export class Recorder {
  readonly observations: OpenObservation[] = [];

  constructor(readonly observed: (kind: string) => void) {}

  /** Adds an observation at this point in the order of events. */
  observe(
    kind: Observation['kind'],
    fields: Readonly<Record<string, FieldText | undefined>> = {},
  ): OpenObservation {
    const observation = new OpenObservation(kind);
    for (const [name, value] of Object.entries(fields)) observation.set(name, value);
    this.observations.push(observation);
    this.observed(kind);
    return observation;
  }
}
