// SPDX-License-Identifier: MIT
/** What another CPU sees of a code update: it looks before the first store, after each, and when all is done. */
import type { Explainer } from './host.js';
import type { Recorder } from './recorder.js';
import { Sightings } from './sightings.js';

export class OtherCpus {
  /** Looks at what is stored, where a case has somebody who does. */
  #see: (() => void) | null = null;

  constructor(
    readonly recorder: Recorder,
    readonly explain: Explainer,
  ) {}

  /** `act` is what they do each time they look, while `update` goes on. */
  watch(act: () => void, update: () => void): void {
    const sightings = new Sightings(this.recorder, this.explain);
    const see = () => this.#blindly(() => this.recorder.append(sightings.look(act)));
    see();
    this.#see = see;
    try {
      update();
    } finally {
      this.#see = null;
    }
    see();
  }

  /** A store is made. */
  look(): void {
    this.#see?.();
  }

  /** stop_machine(): no CPU looks until all is stored. */
  stop(update: () => void): void {
    this.#blindly(update);
    this.look();
  }

  #blindly(act: () => void): void {
    const see = this.#see;
    this.#see = null;
    act();
    this.#see = see;
  }
}
