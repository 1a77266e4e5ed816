// SPDX-License-Identifier: MIT
/**
 * A run that is kept: cases, subjects and what was seen, so that after a change only what it concerns runs again. A
 * case file concerns its cases on all subjects; an assembler source all cases on the subjects of its back-end.
 */
import { setImmediate } from 'node:timers/promises';
import type { Case } from '../../case/types.js';
import { compareCase } from '../../compare/compare.js';
import type { Result } from '../../compare/judge.js';
import type { Comparison } from '../../compare/types.js';
import { type CaseSpec, described, inProcess, isNeeded } from '../../plan/run.js';
import { closeAll, type Subject } from '../../plan/subjects.js';
import type { Invocation } from '../invocation.js';
import { checkedCases, selectedSubjects } from '../selection.js';

/** What was seen of a case, and of which text of it. */
export interface Kept {
  readonly spec: Case;
  readonly comparison: Comparison;
}

export interface Update {
  readonly before: ReadonlyMap<string, Kept>;
  readonly after: ReadonlyMap<string, Kept>;
  /** How many were compared again. */
  readonly cases: number;
  /** Names of those that ran again. */
  readonly subjects: readonly string[];
}

/** Cases between two looks at the event loop. */
const BREATH = 16;

export class WatchSession {
  private known = new Map<string, Kept>();
  private results = new Map<string, readonly Result[]>();

  private constructor(
    private readonly invocation: Invocation,
    private all: readonly Case[],
    private own: readonly Subject[],
  ) {}

  /** @throws Problem, Problems, CaseError */
  static async start(invocation: Invocation): Promise<WatchSession> {
    const [cases, subjects] = [await checkedCases(invocation), await selectedSubjects(invocation)];
    try {
      for (const { target } of subjects) if (isNeeded(target, cases)) target.prepare?.();
    } catch (error) {
      closeAll(subjects);
      throw error;
    }
    return new WatchSession(invocation, cases, subjects);
  }

  close(): void {
    closeAll(this.own);
  }

  get kept(): ReadonlyMap<string, Kept> {
    return this.known;
  }

  get cases(): readonly CaseSpec[] {
    return this.all;
  }

  get subjects() {
    return this.own.map(described);
  }

  /** Runs the case at a place of {@link cases}. */
  async compare(index: number): Promise<Comparison> {
    const spec = this.all[index] as Case;
    const results = inProcess(spec, this.own);
    this.results.set(spec.id, results);
    const comparison = compareCase(spec, results, this.invocation.options.compare);
    this.known.set(spec.id, { spec, comparison });
    return comparison;
  }

  /**
   * @param archs back-ends whose sources changed; case files are looked at in any case
   * @throws Problem, Problems, CaseError, AsmError for a state that cannot run; all is then as before
   */
  async update(archs: readonly string[], signal: AbortSignal): Promise<Update> {
    const { invocation } = this;
    const all = await checkedCases(invocation);
    const fresh = await this.freshSubjects(archs);
    const own = this.own.map((subject, place) => fresh.get(place) ?? subject);
    try {
      for (const { target } of fresh.values()) if (isNeeded(target, all)) target.prepare?.();
    } catch (error) {
      closeAll([...fresh.values()]);
      throw error;
    }
    const kept = new Map<string, Kept>();
    const results = new Map<string, readonly Result[]>();
    let cases = 0;
    for (const [index, spec] of all.entries()) {
      if (index % BREATH === 0) await setImmediate();
      if (signal.aborted) break;
      const before = this.known.get(spec.id);
      const seen = this.results.get(spec.id);
      const same = before !== undefined && seen !== undefined && isSame(before.spec, spec);
      if (same && fresh.size === 0) {
        kept.set(spec.id, before);
        results.set(spec.id, seen);
        continue;
      }
      cases++;
      const now = same
        ? own.map((subject, place) =>
            fresh.has(place) ? (inProcess(spec, [subject])[0] as Result) : (seen[place] as Result),
          )
        : inProcess(spec, own);
      results.set(spec.id, now);
      kept.set(spec.id, { spec, comparison: compareCase(spec, now, invocation.options.compare) });
    }
    const update = {
      before: this.known,
      after: kept,
      cases,
      subjects: [...fresh.values()].map((subject) => described(subject).name),
    };
    if (signal.aborted) {
      closeAll([...fresh.values()]);
      return { ...update, after: this.known };
    }
    closeAll(this.own.filter((_, place) => fresh.has(place)));
    this.all = all;
    this.own = own;
    this.known = kept;
    this.results = results;
    return update;
  }

  /** New ones of these back-ends, by place: their sources are read again. */
  private async freshSubjects(archs: readonly string[]): Promise<Map<number, Subject>> {
    const fresh = new Map<number, Subject>();
    if (archs.length === 0) return fresh;
    const again = await selectedSubjects(this.invocation);
    for (const [place, { target }] of this.own.entries()) {
      const subject = again[place];
      if (subject !== undefined && archs.includes(target.id.arch)) fresh.set(place, subject);
    }
    return fresh;
  }
}

function isSame(a: Case, b: Case): boolean {
  return a.text === b.text && a.file === b.file;
}
