// SPDX-License-Identifier: MIT
/** Counts what a footer tells of the cases of a run. */
import { exitCodeOf } from '../compare/exit-codes.js';
import { noCounts } from '../compare/statuses.js';
import type { Comparison } from '../compare/types.js';
import type { FooterEvent, HeaderEvent } from '../report/events.js';

export class Tally {
  cases = 0;
  private readonly counts = noCounts();
  private unexplained = 0;
  private partial = 0;

  add({ verdicts, explained }: Comparison): void {
    for (const { status, absent } of verdicts) {
      this.counts[status]++;
      if (status === 'PASS' && absent.length > 0) this.partial++;
    }
    if (!explained) this.unexplained++;
    this.cases++;
  }

  /** The footer of a run that came to its end. */
  footer(failUnsupported = false): FooterEvent {
    const { cases, counts, unexplained, partial } = this;
    return {
      event: 'footer',
      complete: true,
      cases,
      counts,
      unexplained,
      partial,
      exitCode: exitCodeOf(counts, unexplained, failUnsupported),
      interrupted: false,
    };
  }
}

/** Whether a run was told that UNSUPPORTED is a failure. */
export function failsUnsupported({ command }: Pick<HeaderEvent, 'command'>): boolean {
  return command.includes('--fail-unsupported');
}
