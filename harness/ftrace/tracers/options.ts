// SPDX-License-Identifier: MIT
/** Which options are on, and who shares them. linux 6.12, 7.2 kernel/trace/trace.c: set_tracer_option. */
import type { Revision } from '../../backend/contract.js';
import { type TracerOption, tracerOptions } from '../../case/tracer-options.js';

/** Options that are on in one trace_array, or in all of them where the tracer has one set. */
export class OptionSet {
  readonly #on = new Set<string>(
    Object.entries(tracerOptions).flatMap(([name, { standard }]) => (standard ? [name] : [])),
  );

  has(name: TracerOption): boolean {
    return this.#on.has(name);
  }

  /** As `echo TEXT > trace_options`. */
  write(text: string): void {
    if (text in tracerOptions) this.#on.add(text);
    else this.#on.delete(text.replace(/^no/, ''));
  }
}

/** From 7.2 on every instance has flags of its own; before, they are the tracer's (tracer_flags.val). */
export function ownFlags(revision: Revision): boolean {
  return revision === '7.2';
}
