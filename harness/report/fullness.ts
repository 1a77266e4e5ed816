// SPDX-License-Identifier: MIT
/** How much each case shows in a report that must not grow too large. */

/**
 * From the fullest: what each class of subjects saw of every case; of cases where subjects differ; of cases that
 * fail; of none, and no case's text either.
 */
export const FULLNESS = ['all', 'differing', 'failing', 'brief'] as const;

export type Fullness = (typeof FULLNESS)[number];
