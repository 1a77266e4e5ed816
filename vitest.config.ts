// SPDX-License-Identifier: MIT
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{harness,backends,test}/**/*.test.ts'],
    coverage: { provider: 'v8', include: ['harness/**/*.ts', 'backends/**/*.ts'] },
  },
});
