// SPDX-License-Identifier: MIT
/** For the tests of back-ends: a back-end with its sources read from its folder, and the smoke suite as tests. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Backend, LoadedBackend } from '../harness/backend/contract.js';
import { smoke } from '../harness/backend/smoke.js';

/** @throws if a source is missing */
export function loadBackend(backend: Backend): LoadedBackend {
  const folder = new URL(`../backends/${backend.arch}/`, import.meta.url);
  const sources = backend.sources.map((name) => ({
    file: `backends/${backend.arch}/${name}`,
    text: readFileSync(new URL(name, folder), 'utf8'),
  }));
  return { backend, sources };
}

/** The smoke suite at every revision the back-end models. */
export function smokeSuite(backend: Backend): void {
  describe(`smoke suite of ${backend.arch}`, () => {
    test.each([...backend.revisions])('at %s', (revision) => {
      expect(smoke(loadBackend(backend), revision)).toEqual([]);
    });
  });
}
