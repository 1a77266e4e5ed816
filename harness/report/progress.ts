// SPDX-License-Identifier: MIT
/**
 * How far a run is, on standard error: a bar that rewrites its line, or a line per case. It keeps no time, so nothing
 * of it depends on how fast a machine is.
 */
import { SEVERITY, STATUSES } from '../compare/statuses.js';
import type { CaseEvent, Listener } from './events.js';
import { isFailing } from './rows.js';
import { number } from './summary.js';

export type ProgressChoice = 'auto' | 'bar' | 'counter' | 'none';

export interface ProgressOptions {
  readonly write: (text: string) => void;
  readonly how: Exclude<ProgressChoice, 'auto'>;
  /** Cases to come. */
  readonly total: number;
  /** Columns. */
  readonly width: number;
}

export interface Progress extends Listener {
  /** Takes the bar away, so that something else can be written; the next case brings it back. */
  clear(): void;
}

/** A bar only where somebody sees it; a line per case only where somebody asks. */
export function progressKind(
  choice: ProgressChoice,
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): Exclude<ProgressChoice, 'auto'> {
  if (choice !== 'auto') return choice;
  return isTerminal && environment.TERM !== 'dumb' && !environment.CI ? 'bar' : 'none';
}

/** Carriage return, then ECMA-48 EL. */
const WIPE = '\r\u001b[K';
const BAR = 24;

export function progress({ write, how, total, width }: ProgressOptions): Progress {
  let [done, failed, drawn] = [0, 0, false];
  /** Cases between two drawings. */
  const step = Math.max(1, Math.floor(total / 100));
  const clear = () => {
    if (drawn) write(WIPE);
    drawn = false;
  };
  const draw = (id: string) => {
    const filled = Math.floor((BAR * done) / Math.max(total, 1));
    const bar = `[${'='.repeat(filled)}${' '.repeat(BAR - filled)}]`;
    const not = failed > 0 ? `  ${number(failed)} not as expected` : '';
    const line = `${bar} ${number(done)}/${number(total)}${not}  ${id}`;
    write(WIPE + line.slice(0, Math.max(0, width - 1)));
    drawn = true;
  };
  return {
    clear,
    case(event) {
      done++;
      if (isFailing(event)) failed++;
      if (how === 'counter') write(`${counted(done, total)} ${lettersOf(event)} ${event.spec.id}\n`);
      if (how === 'bar' && (!drawn || done % step === 0 || done === total)) draw(event.spec.id);
    },
    footer: clear,
  };
}

/** Right-aligned, so that ids stand below each other. */
function counted(done: number, total: number): string {
  const all = number(total);
  return `${number(done).padStart(all.length)}/${all}`;
}

/** Of the gravest verdict. */
function lettersOf({ comparison }: CaseEvent): string {
  const present = new Set(comparison.verdicts.map(({ status }) => status));
  const ran = SEVERITY.filter((status) => present.has(status) && STATUSES[status].ran);
  const gravest = SEVERITY.find((status) => present.has(status));
  const [shown = gravest] = gravest !== undefined && STATUSES[gravest].exit !== 0 ? [gravest] : ran;
  return shown === undefined ? '--' : STATUSES[shown].letters;
}
