// SPDX-License-Identifier: MIT
/**
 * Historical bugs, re-created in the sources of today, are caught: each by the cases that it names, on the subjects
 * concerned and not on one beside. `npm run history` runs the whole corpus for each.
 */
import { expect, test } from 'vitest';
import { quickly } from './catch.js';
import { recreations } from './recreation.js';

test.concurrent.each(recreations())('$id', async (recreation) => {
  const { concerned, bystander } = await quickly(recreation);
  expect(concerned.size).toBeGreaterThan(0);
  for (const [subject, cases] of concerned) expect(cases, `caught on ${subject}`).not.toEqual([]);
  expect(recreation.caught.filter((one) => ![...concerned.values()].flat().includes(one))).toEqual([]);
  expect([...bystander.values()].flat()).toEqual([]);
});
