// SPDX-License-Identifier: MIT
/**
 * What somebody sees who looks again and again: another CPU while code is patched, an interrupt before every
 * instruction. How often they look differs between architectures; what they see, one after the other, need not. So
 * what was seen counts once for as long as it stays the same.
 */
import type { Explainer } from './host.js';
import type { OpenObservation, Recorder } from './recorder.js';

export class Sightings {
  /** Each other than the one before. */
  readonly different: OpenObservation[][] = [];
  #last: string | null = null;

  constructor(
    readonly recorder: Recorder,
    readonly explain: Explainer,
  ) {}

  /** Gives what `act` saw if it is something else than last time. */
  look(act: () => void): readonly OpenObservation[] {
    const mark = this.explain.mark();
    const seen = this.recorder.aside(act);
    const text = textOf(seen);
    if (text === this.#last) {
      this.explain.forget(mark);
      return [];
    }
    this.#last = text;
    this.different.push(seen);
    return seen;
  }
}

export function textOf(observations: readonly Pick<OpenObservation, 'kind' | 'fields'>[]): string {
  return JSON.stringify(observations.map(({ kind, fields }) => [kind, fields]));
}
