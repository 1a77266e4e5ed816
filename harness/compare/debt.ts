// SPDX-License-Identifier: MIT
/**
 * Declared divergences as a debt: for each block of a case file, on which subjects it applies, on which of these it no
 * longer shows, and how many others do as the case expects of everybody.
 */
import type { Case, Divergence } from '../case/types.js';
import { subjectName } from '../target/outcome.js';
import { applying } from './divergence.js';
import { type Result, staleDivergences } from './judge.js';
import { failing } from './statuses.js';
import type { Status } from './types.js';

export interface Debt {
  readonly file: string;
  /** Of the block, 1-based. */
  readonly line: number;
  readonly column: number;
  readonly because: string;
  readonly source: string;
  /** Cases of the file in which it applies to somebody; members of a family share it. */
  readonly cases: readonly string[];
  /** Subjects to which it applies, by name, sorted. */
  readonly subjects: readonly string[];
  /** Those of them whose outcomes do without it, in every case. */
  readonly stale: readonly string[];
  /** Subjects that do as the case expects of everybody in what the block changes: others, and the stale ones. Sorted. */
  readonly agree: readonly string[];
}

/** What a case is judged by and what its subjects gave. */
export interface Account {
  readonly spec: Pick<Case, 'id' | 'file' | 'expect' | 'divergences'>;
  readonly results: readonly Result[];
  /** By place in `results`. */
  readonly statuses: readonly Status[];
}

interface Sum {
  readonly block: Divergence;
  readonly file: string;
  readonly cases: Set<string>;
  /** By subject. */
  readonly needs: Map<string, boolean>;
  readonly agrees: Map<string, boolean>;
}

/** Those that apply to somebody, in the order of the accounts. */
export function debtsOf(accounts: readonly Account[]): Debt[] {
  const sums = new Map<string, Sum>();
  for (const account of accounts) {
    const { spec } = account;
    for (const block of spec.divergences) {
      const key = `${spec.file}:${block.position.line}:${block.position.column}`;
      let sum = sums.get(key);
      if (sum === undefined) {
        sum = { block, file: spec.file, cases: new Set(), needs: new Map(), agrees: new Map() };
        sums.set(key, sum);
      }
      add(sum, account, block);
    }
  }
  return [...sums.values()]
    .filter(({ needs }) => needs.size > 0)
    .map(({ block, file, cases, needs, agrees }) => {
      const stale = namesOf(needs, false);
      const others = namesOf(agrees, true).filter((name) => !needs.has(name));
      const { because, source, position } = block;
      return {
        file,
        line: position.line,
        column: position.column,
        because,
        source,
        cases: [...cases],
        subjects: [...needs.keys()].sort(),
        stale,
        agree: [...others, ...stale].sort(),
      };
    });
}

function add(sum: Sum, { spec, results, statuses }: Account, block: Divergence): void {
  results.forEach((result, index) => {
    const { subject, end } = result.outcome;
    if (end.kind !== 'completed' && end.kind !== 'crashed') return;
    const name = subjectName(subject);
    const here = applying(spec, subject, result.features);
    if (here.includes(block)) {
      sum.cases.add(spec.id);
      const needed = !staleDivergences(spec, result).includes(block);
      sum.needs.set(name, needed || sum.needs.get(name) === true);
      return;
    }
    const usual = !failing(statuses[index] as Status) && !here.some((other) => sharesPlace(other, block));
    sum.agrees.set(name, usual && sum.agrees.get(name) !== false);
  });
}

function sharesPlace(one: Divergence, other: Divergence): boolean {
  return one.replace.some(({ at }) => other.replace.some((change) => change.at === at));
}

function namesOf(map: ReadonlyMap<string, boolean>, wanted: boolean): string[] {
  return [...map].flatMap(([name, value]) => (value === wanted ? [name] : [])).sort();
}
