// SPDX-License-Identifier: MIT
/**
 * Before all tests: the code of threads that are started by file, compiled from the sources to where those who run from
 * sources look for it. Node 20 runs no TypeScript, and what a test starts must be what it was written for.
 */
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const THREADS = ['harness/target/qemu/rsp/worker'];

export default async function compile(): Promise<void> {
  const place = join(root, 'node_modules/.cache/ftrace-conform/threads');
  mkdirSync(place, { recursive: true });
  // Another run of the tests may be reading the one that is there.
  const scratch = mkdtempSync(join(place, '.new-'));
  try {
    for (const name of THREADS) {
      const bundle = await rolldown({
        input: join(root, `${name}.ts`),
        platform: 'node',
        resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
      });
      const file = join(scratch, 'thread.js');
      await bundle.write({ file, format: 'esm' });
      await bundle.close();
      mkdirSync(dirname(join(place, name)), { recursive: true });
      renameSync(file, join(place, `${name}.js`));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
