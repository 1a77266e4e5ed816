// SPDX-License-Identifier: MIT
/**
 * A case from a pristine machine to its outcome. Where calls are interrupted, it is run once without the interrupts and
 * once with one before every instruction: what is seen in the calls must be the same. If it is not, it is run again
 * for every single moment, to say where an interrupt does harm. What comes after the calls may differ: interrupts count.
 */
import type { Runnable } from '../../case/runnable.js';
import type { Step } from '../../case/types.js';
import type { Outcome, SubjectId } from '../outcome.js';
import { type Explainer, type Host, silent } from './host.js';
import type { Interrupting } from './interrupts.js';
import { OpenObservation } from './recorder.js';
import { Session } from './session.js';
import { sameObservations } from './sightings.js';

export interface Run {
  readonly outcome: Outcome;
  /** The observations of the outcome as they were made. */
  readonly made: readonly OpenObservation[];
}

/** @param reset puts the host back into its pristine state */
export function runCase(
  host: Host,
  spec: Runnable,
  explain: Explainer,
  subject: SubjectId,
  reset: () => void,
): Run {
  const run = (interrupting: Interrupting, listener: Explainer) => {
    reset();
    const session = new Session(host, spec, listener, interrupting);
    return { session, outcome: session.run(subject), made: session.recorder.observations };
  };
  if (!spec.steps.some(isInterrupted)) return run('none', explain);
  const { outcome, made, session } = run('none', silent);
  const undisturbed = session.interrupted;
  const all = run('every', explain);
  const same = sameObservations(all.session.interrupted, undisturbed);
  if (same && all.outcome.end.kind === outcome.end.kind) return all;

  const places = all.session.moments;
  const harms: Harm[] = [];
  for (const [number, pc] of places.entries()) {
    const found = run(number, silent).session.interrupted;
    if (!sameObservations(found, undisturbed))
      note(harms, all.session.normal.code(pc), firstDifference(undisturbed, found));
  }
  // Harm that no single interrupt does.
  if (harms.length === 0)
    harms.push({
      first: 'several',
      last: 'several',
      what: firstDifference(undisturbed, all.session.interrupted),
    });
  const { by } = spec.steps.find(isInterrupted) as Extract<Step, { do: 'interrupted' }>;
  const disturbed = harms.map(({ first, last, what }) =>
    new OpenObservation('disturbed')
      .set('by', by)
      .set('at', first === last ? first : `${first} to ${last}`)
      .set('what', what),
  );
  const observations = [...made, ...disturbed];
  return {
    outcome: { ...outcome, observations: observations.map(({ kind, fields }) => ({ kind, fields })) },
    made: observations,
  };
}

function isInterrupted(step: Step): boolean {
  return step.do === 'interrupted';
}

interface Harm {
  readonly first: string;
  last: string;
  readonly what: string;
}

/** Moments that follow each other and do the same harm are one. */
function note(harms: Harm[], at: string, what: string): void {
  const before = harms.at(-1);
  if (before?.what === what) before.last = at;
  else harms.push({ first: at, last: at, what });
}

function firstDifference(expected: readonly OpenObservation[], found: readonly OpenObservation[]): string {
  const length = Math.max(expected.length, found.length);
  for (let index = 0; index < length; index++) {
    const [left, right] = [expected[index], found[index]];
    if (!left) return `then ${lineOf(right)}`;
    if (!right) return `${lineOf(left)} is missing`;
    if (!sameObservations([left], [right])) return `${lineOf(right)} instead of ${lineOf(left)}`;
  }
  return 'the run ended otherwise';
}

function lineOf(observation: OpenObservation | undefined): string {
  const fields = Object.entries(observation?.fields ?? {}).map(([name, value]) => `${name} ${String(value)}`);
  return [observation?.kind, ...fields].join(' ');
}
