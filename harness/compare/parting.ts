// SPDX-License-Identifier: MIT
/**
 * Where a subject that fails parts from one that does not, cut out of two traces: the first observation that differs,
 * with the instructions and events that led to it. Small enough to be kept with the case, so that a report shows it
 * without running anything.
 */

import type { TraceEvent } from '../target/target.js';
import {
  type Agreement,
  agreement,
  alignTraces,
  type Block,
  type BlockPair,
  type Instruction,
  partingOf,
  textOf,
} from './trace-align.js';

/** A machine instruction: where, in which line of a source, its text, what it changed. */
export interface PartingStep {
  /** `ftrace_caller+0x14` */
  readonly at: string;
  /** `trampoline.S:42`, or `''` for patched bytes. */
  readonly where: string;
  readonly text: string;
  /** `x5=0x1`, `fregs->x5:=0x1` */
  readonly effects: readonly string[];
}

/** One side of a row: what happened, below the instructions that led to it. */
export interface PartingSide {
  readonly steps: readonly PartingStep[];
  /** Instructions before these that are left out. */
  readonly before: number;
  /** `=` an observation, `*` an event; `null` at the end of a trace. */
  readonly mark: '=' | '*' | null;
  readonly text: string;
}

export interface PartingRow {
  readonly state: Agreement;
  readonly left: PartingSide | null;
  readonly right: PartingSide | null;
}

export interface Parting {
  /** The subject that fails, then the one it is held against; `null` where no other behaves otherwise. */
  readonly subjects: readonly [string, string | null];
  /** One sentence each. */
  readonly told: readonly string[];
  /** The last row is where they part. */
  readonly rows: readonly PartingRow[];
}

/** Instructions kept of each block, the last ones. */
const STEPS = 32;
/** Rows kept, the last one being where they part. */
const ROWS = 6;

/** Two traces in normal form (trace-align.ts), or one. `null` where the traces are empty. */
export function partingAt(
  subjects: readonly [string, string | null],
  left: readonly TraceEvent[],
  right: readonly TraceEvent[] | null,
  /** Texts that were seen and not expected; tells where a trace alone goes wrong. */
  unexpected: readonly string[],
): Parting | null {
  const pairs = right === null ? alignTraces(left, left) : alignTraces(left, right);
  const end = right === null ? unexpectedAt(pairs, unexpected) : partsAt(pairs);
  if (pairs.length === 0 || end < 0) return null;
  const [a, b] = subjects;
  const rows = pairs.slice(Math.max(0, end + 1 - ROWS), end + 1);
  return {
    subjects,
    told: right === null || b === null ? [] : partingOf(pairs, [a, b]),
    rows: rows.map((pair) => ({
      state: right === null ? 'same' : agreement(pair),
      left: sideOf(pair.left),
      right: right === null ? null : sideOf(pair.right),
    })),
  };
}

/** The first observation that differs; else the first event that goes another way. */
function partsAt(pairs: readonly BlockPair[]): number {
  const parted = (kind: 'observation' | 'event') =>
    pairs.findIndex(
      (pair) => agreement(pair) === 'parted' && (pair.left ?? pair.right)?.happening?.kind === kind,
    );
  const observation = parted('observation');
  return observation < 0 ? parted('event') : observation;
}

function unexpectedAt(pairs: readonly BlockPair[], texts: readonly string[]): number {
  const found = pairs.findIndex(({ left }) => {
    const happening = left?.happening;
    return happening?.kind === 'observation' && texts.includes(happening.text);
  });
  return found < 0 ? pairs.length - 1 : found;
}

function sideOf(block: Block | null): PartingSide | null {
  if (block === null) return null;
  const { instructions, happening } = block;
  return {
    steps: instructions.slice(-STEPS).map(stepOf),
    before: Math.max(0, instructions.length - STEPS),
    mark: happening === null ? null : happening.kind === 'observation' ? '=' : '*',
    text: happening === null ? '' : textOf(happening),
  };
}

function stepOf({ at, where, text, registers, stores }: Instruction): PartingStep {
  const effects = [
    ...registers.map(([name, value]) => `${name}=${value}`),
    ...stores.map(([place, value]) => `${place}:=${value}`),
  ];
  return {
    at,
    where: where.replace(/^.*\//, ''),
    text: text.replace(/\s+/g, ' ').trim(),
    effects,
  };
}
