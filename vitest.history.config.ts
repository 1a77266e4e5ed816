// SPDX-License-Identifier: MIT
/** The complete check of the re-created bugs: `npm run history`, `npm run history -- -t ID`. Takes minutes. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { testTimeout: 120_000, include: ['test/history/complete.ts'] },
});
