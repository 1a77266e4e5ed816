// SPDX-License-Identifier: MIT
/** No outcome depends on where a target has its memory: user mode's map changes nothing that is seen. */
import { describe, expect, test } from 'vitest';
import { createModelTarget } from '../../model/model.js';
import type { Outcome } from '../../outcome.js';
import { backends } from '../../test/subjects.js';
import { corpus } from './corpus.js';

const seen = ({ end, observations }: Outcome) => JSON.stringify({ end, observations });

describe.each(backends.map((loaded) => [loaded.backend.arch, loaded] as const))('%s', (_arch, loaded) => {
  test('sees the same in user mode’s memory', { timeout: 120_000 }, () => {
    const cases = corpus();
    for (const revision of loaded.backend.revisions) {
      const kernel = createModelTarget(loaded, revision);
      const user = createModelTarget(loaded, revision, loaded.backend.qemu.memory);
      const differ = cases.filter((spec) => seen(kernel.run(spec)) !== seen(user.run(spec)));
      expect(
        differ.map(({ id }) => id),
        revision,
      ).toEqual([]);
    }
  });
});
