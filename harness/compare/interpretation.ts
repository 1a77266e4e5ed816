// SPDX-License-Identifier: MIT
/**
 * Version of how cases are interpreted. It stands in every log and baseline, and those of different versions are not
 * compared unless asked.
 *
 * Raise it by one in the commit after which the same case text on the same kernel may give another outcome text or
 * another verdict although no back-end and no model changed: another meaning of a key, an accessor or `any`; another
 * normal form; another rule of judging, of excusing declared divergences, or of blaming one of several subjects. Do not
 * raise it for new keys, kinds and checks that no existing case could use, nor for what changes in a model or a
 * back-end: that is what comparing is for. See docs/baselines.md.
 */
export const INTERPRETATION = 1;
