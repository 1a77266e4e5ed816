// SPDX-License-Identifier: MIT
/**
 * What the back-ends say of kernels, against Debian's real ones, where they have been fetched. They are where
 * FTRACE_CONFORM_KERNELS says, else in the cache; a machine without them skips, but not one that names a place.
 */
import { describe, expect, test } from 'vitest';
import { discover } from '../harness/plan/discover.js';
import { checkKernel } from '../harness/target/vmlinux/check/check.js';
import { storedKernel } from '../harness/target/vmlinux/check/kernel.js';
import { kernelsPlace } from '../harness/target/vmlinux/store/place.js';
import { openKernel } from '../harness/target/vmlinux/store/store.js';

/** Milliseconds for a machine that does other things too. */
const PATIENCE = 180_000;

const place = kernelsPlace({ environment: process.env, cwd: process.cwd() });
const backends = await discover([]);
const kernels = backends.flatMap(({ backend }) =>
  backend.revisions
    .filter((revision) => backend.vmlinux.packages[revision] !== undefined)
    .map((revision) => ({
      name: `${backend.arch}@${revision}`,
      backend,
      revision,
      stored: openKernel(place, backend.arch, revision),
    })),
);
const missing = kernels.filter(({ stored }) => stored === null).map(({ name }) => name);

if (missing.length > 0) {
  const text = `no kernel of ${missing.join(', ')} in ${place}: ftrace-conform kernels fetch`;
  if (process.env.FTRACE_CONFORM_KERNELS) test('the kernels are here', () => expect.fail(text));
  else {
    console.warn(`Skipped: ${text}`);
    test.skip(text);
  }
}

describe.each(kernels.flatMap(({ stored, ...one }) => (stored === null ? [] : [{ ...one, stored }])))(
  '$name',
  ({ backend, revision, stored }) => {
    test('contradicts nothing that is not declared', { timeout: PATIENCE }, () => {
      const kernel = storedKernel(backend, revision, stored);
      const rows = checkKernel(kernel);
      expect(rows.filter(({ verdict }) => verdict === 'contradicted')).toEqual([]);
      const confirmed = (check: string) =>
        rows.filter((row) => row.check === check && row.verdict === 'confirmed').length;
      expect(confirmed('feature')).toBeGreaterThan(30);
      if (!('missing' in kernel.btf)) expect(confirmed('layout')).toBeGreaterThan(40);
    });
  },
);
