// SPDX-License-Identifier: MIT
/**
 * Two traces laid side by side, not by instruction but by what happened: events by their arch-neutral name
 * and observations by what was observed, paired by longest common subsequence. The instructions that led
 * to an event belong to it.
 */
import { diffArrays } from 'diff/lib/diff/array.js';
import type { Observation, Outcome } from '../target/outcome.js';
import type { TraceEvent } from '../target/target.js';
import { normalLine } from './normal.js';

export type Instruction = Extract<TraceEvent, { kind: 'instruction' }>;
export type Happening = Exclude<TraceEvent, { kind: 'instruction' }>;

/** Instructions, and what they led to; `null` at the end of a trace. */
export interface Block {
  readonly instructions: readonly Instruction[];
  readonly happening: Happening | null;
}

/** At least one side is there. */
export interface BlockPair {
  readonly left: Block | null;
  readonly right: Block | null;
}

/**
 * A trace whose observations read as in outcomes. A trace that does not say their places shows every observation in
 * the order of the outcome; should it not, it is left as it is.
 */
export function inNormalForm(trace: readonly TraceEvent[], { observations }: Outcome): readonly TraceEvent[] {
  const shown = trace.filter(({ kind }) => kind === 'observation').length;
  const placed = trace.some((event) => event.kind === 'observation' && event.place !== undefined);
  if (!placed && shown !== observations.length) return trace;
  let next = 0;
  return trace.map((event) => {
    if (event.kind !== 'observation') return event;
    const observation: Observation | undefined = observations[event.place ?? next++];
    return observation ? { kind: 'observation', text: normalLine(observation) } : event;
  });
}

export function blocksOf(trace: readonly TraceEvent[]): Block[] {
  const blocks: Block[] = [];
  let instructions: Instruction[] = [];
  for (const event of trace) {
    if (event.kind === 'instruction') instructions.push(event);
    else {
      blocks.push({ instructions, happening: event });
      instructions = [];
    }
  }
  if (instructions.length > 0) blocks.push({ instructions, happening: null });
  return blocks;
}

export function alignTraces(left: readonly TraceEvent[], right: readonly TraceEvent[]): BlockPair[] {
  const [a, b] = [blocksOf(left), blocksOf(right)];
  const pairs: BlockPair[] = [];
  let [i, j] = [0, 0];
  for (const { added, removed, value } of diffArrays(a.map(keyOf), b.map(keyOf))) {
    for (const _ of value) {
      if (removed) pairs.push({ left: a[i++] as Block, right: null });
      else if (added) pairs.push({ left: null, right: b[j++] as Block });
      else pairs.push({ left: a[i++] as Block, right: b[j++] as Block });
    }
  }
  return pairs;
}

/** Two blocks with equal keys are the same happening, even if seen differently. */
function keyOf({ happening }: Block): string {
  if (happening === null) return 'end';
  if (happening.kind === 'event') return `event ${happening.name}`;
  const [head = ''] = happening.text.split(/[(=]/, 1);
  return `observation ${head.trim()}`;
}

export type Agreement = 'same' | 'otherwise' | 'parted';

/**
 * `same`: told in the same words; `otherwise`: the same with another register or address, which is what
 * architectures are for; `parted`: only one of them, in another kind of place, or another observation.
 */
export function agreement({ left, right }: BlockPair): Agreement {
  if (left === null || right === null) return 'parted';
  const [a, b] = [left.happening, right.happening];
  if (a === null || b === null) return 'same';
  if (a.kind === 'observation' || b.kind === 'observation')
    return textOf(a) === textOf(b) ? 'same' : 'parted';
  if (a.detail === b.detail) return 'same';
  const [first, second] = [wayOf(a.detail), wayOf(b.detail)];
  return first === second || first === '' || second === '' ? 'otherwise' : 'parted';
}

/** First word: `in` a register, `stored` on the stack. Patched bytes, or none, are no way of their own. */
function wayOf(detail: string): string {
  const [word = ''] = detail.split(' ', 1);
  return /^[a-z]+$/.test(word) && !/^[0-9a-f]+$/.test(word) ? word : '';
}

export function textOf(happening: Happening): string {
  if (happening.kind === 'observation') return happening.text;
  return happening.detail === '' ? happening.name : `${happening.name}  ${happening.detail}`;
}

/** First event that only one of them has, and first observation that differs; one sentence each. */
export function partingOf(pairs: readonly BlockPair[], [a, b]: readonly [string, string]): string[] {
  const parted = pairs.filter((pair) => agreement(pair) === 'parted');
  const event = parted.find(({ left, right }) => (left ?? right)?.happening?.kind === 'event');
  const observation = parted.find(({ left, right }) => (left ?? right)?.happening?.kind === 'observation');
  if (event === undefined && observation === undefined)
    return ['nowhere: the same events, the same observations'];
  const told = (pair: BlockPair | undefined) => {
    const [left, right] = [pair?.left?.happening, pair?.right?.happening];
    if (left?.kind === 'event' && right?.kind === 'event') {
      return `${left.name}: ${a} ${left.detail}, ${b} ${right.detail}`;
    }
    if (left && right) return `${a} sees \`${textOf(left)}\`, ${b} \`${textOf(right)}\``;
    if (left) return `only ${a}: ${textOf(left)}`;
    return right ? `only ${b}: ${textOf(right)}` : '';
  };
  return [
    ...(event === undefined ? [] : [`first event that goes another way: ${told(event)}`]),
    ...(observation === undefined ? [] : [`first observation that differs: ${told(observation)}`]),
  ];
}
