// SPDX-License-Identifier: MIT
/** What running a case takes; the rest is for judging and telling. */
import type { Case } from './types.js';

export type Runnable = Pick<
  Case,
  'id' | 'requires' | 'structs' | 'objects' | 'functions' | 'probes' | 'steps'
>;
