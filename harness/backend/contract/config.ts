// SPDX-License-Identifier: MIT
/**
 * Which kernel build a back-end is asked about.
 */

export type Revision = '6.1' | '6.12' | '7.2';

/** One kernel build: a revision and the Kconfig symbols that are on in it. */
export interface Config {
  readonly revision: Revision;
  /** Kconfig name without `CONFIG_`. */
  has(feature: string): boolean;
}
