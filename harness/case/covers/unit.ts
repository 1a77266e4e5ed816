// SPDX-License-Identifier: MIT
/** What is known of a unit that a case can cover: an upstream test with a verdict of its own, or a bug that once was. */

/** Which modelled kernels have the test: all three, from the second on, one of them. */
export type Kernels = 'all' | '6.12+' | '6.12' | '7.2';

/**
 * Whether a case can say what the test says. `Y`: all of it. `P`: the part of it that concerns calls and probes. `N`:
 * nothing, no case is needed. The reason after the letter is one or two words.
 */
export type Restatable = 'Y' | `P ${string}` | `N ${string}`;

/**
 * A row of a suite's table. Subtests with verdicts of their own are named, and their ids are `ROW/name`; a number stands for
 * so many that need no case, 0 for a row of tests that are about something else.
 */
export type Row = readonly [
  id: string,
  kernels: Kernels,
  restatable: Restatable,
  about: string,
  subtests?: readonly string[] | number,
];

export interface Unit {
  /** `ST-02`, or `BP-02/legacy`: a subtest of a row. */
  readonly id: string;
  /** The row that it belongs to; its own id where that has no subtests. */
  readonly row: string;
  /** `bug`: one that a back-end or the core had. */
  readonly restatable: Restatable | 'bug';
  /** Of bugs: `null`. */
  readonly kernels: Kernels | null;
  /** One line. */
  readonly about: string;
  /** How many verdicts it stands for. */
  readonly verdicts: number;
}

export function unitsOf(rows: readonly Row[]): Unit[] {
  return rows.flatMap(([row, kernels, restatable, about, subtests = 1]) => {
    const unit = { row, kernels, restatable, about };
    return typeof subtests === 'number'
      ? [{ ...unit, id: row, verdicts: subtests }]
      : subtests.map((name) => ({ ...unit, id: `${row}/${name}`, verdicts: 1 }));
  });
}
