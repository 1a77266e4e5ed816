// SPDX-License-Identifier: MIT
/**
 * What somebody sees who looks again and again: another CPU while code is patched, an interrupt before every
 * instruction. How often they look differs between architectures; what they see, one after the other, need not. So
 * what was seen counts once for as long as it stays the same.
 */
import type { FieldText } from '../outcome.js';
import type { Explainer } from './host.js';
import type { OpenObservation, Recorder } from './recorder.js';

export class Sightings {
  /** Each other than the one before. */
  readonly different: OpenObservation[][] = [];

  constructor(
    readonly recorder: Recorder,
    readonly explain: Explainer,
  ) {}

  /** Gives what `act` saw if it is something else than last time. */
  look(act: () => void): readonly OpenObservation[] {
    const mark = this.explain.mark();
    const seen = this.recorder.aside(act);
    const last = this.different.at(-1);
    if (last !== undefined && sameObservations(last, seen)) {
      this.explain.forget(mark);
      return [];
    }
    this.different.push(seen);
    return seen;
  }
}

type Seen = Pick<OpenObservation, 'kind' | 'fields'>;

/** Whether the texts of two lists are the same. */
export function sameObservations(left: readonly Seen[], right: readonly Seen[]): boolean {
  return left.length === right.length && left.every((one, index) => same(one, right[index]));
}

function same({ kind, fields }: Seen, other: Seen | undefined): boolean {
  if (other === undefined || other.kind !== kind) return false;
  const names = Object.keys(fields);
  if (names.length !== Object.keys(other.fields).length) return false;
  return names.every((name) => sameText(fields[name], other.fields[name]));
}

function sameText(left: FieldText | undefined, right: FieldText | undefined): boolean {
  if (typeof left === 'string' || left === undefined || typeof right === 'string' || right === undefined)
    return left === right;
  return left.length === right.length && left.every((text, index) => text === right[index]);
}
