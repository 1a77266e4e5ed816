// SPDX-License-Identifier: MIT
/** A stored run that has been read. */
import type { CaseEvent, FooterEvent, HeaderEvent } from './events.js';

export interface Log {
  /** How it is called in errors. */
  readonly name: string;
  readonly header: HeaderEvent;
  readonly cases: readonly CaseEvent[];
  readonly footer: FooterEvent;
}
