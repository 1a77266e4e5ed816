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
  /** Where observations go. */
  #into = this.observations;

  constructor(readonly observed: (observation: OpenObservation) => void) {}

  /** What is observed while `act` goes on, which is not yet part of the case. */
  aside(act: () => void): OpenObservation[] {
    const outer = this.#into;
    const seen: OpenObservation[] = [];
    this.#into = seen;
    try {
      act();
    } catch (problem) {
      // Nobody will append it: it leads to what ends the case.
      this.#into = outer;
      this.append(seen);
      throw problem;
    }
    this.#into = outer;
    return seen;
  }

  append(observations: readonly OpenObservation[]): void {
    for (const observation of observations) this.#into.push(observation);
  }

  /** Adds an observation at this point in the order of events. */
  observe(
    kind: Observation['kind'],
    fields: Readonly<Record<string, FieldText | undefined>> = {},
  ): OpenObservation {
    const observation = new OpenObservation(kind);
    for (const name in fields) observation.set(name, fields[name]);
    this.#into.push(observation);
    this.observed(observation);
    return observation;
  }
}
