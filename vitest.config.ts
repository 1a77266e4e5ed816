// SPDX-License-Identifier: MIT
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Nothing asserts time; a loaded machine may take long.
    testTimeout: 60_000,
    globalSetup: 'test/compile-threads.ts',
    include: ['{harness,backends,test}/**/*.test.ts'],
    coverage: { provider: 'v8', include: ['harness/**/*.ts', 'backends/**/*.ts'] },
  },
});
