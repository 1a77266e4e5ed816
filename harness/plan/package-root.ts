// SPDX-License-Identifier: MIT
/**
 * Where the package lies, whether it runs compiled (`dist/harness/plan/`) or from sources under the tests
 * (`harness/plan/`). Sources in assembler and cases are not compiled: they stay in the package root.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** Directory with `harness/` and `backends/` as this code runs: the package root or its `dist`. */
export const codeRoot = resolve(here, '../..');

/** Directory of package.json. */
export const packageRoot = existsSync(join(codeRoot, 'package.json')) ? codeRoot : resolve(codeRoot, '..');

/** Version in package.json. */
export function packageVersion(): string {
  const text = readFileSync(join(packageRoot, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
