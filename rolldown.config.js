// SPDX-License-Identifier: MIT
// Everything that runs goes into a few files: to find, read and link three hundred modules took half of the time of a
// run of one case. Entry points lie as their sources do; what they share goes to dist/harness/chunks/, which is as deep as
// a room of the harness, so that paths relative to a module hold (harness/plan/package-root.ts).
import { readdirSync } from 'node:fs';
import { defineConfig } from 'rolldown';

const root = import.meta.dirname;
const folders = readdirSync(`${root}/backends`, { withFileTypes: true });
const backends = folders.filter((entry) => entry.isDirectory()).map(({ name }) => `backends/${name}/index`);
const entries = [
  'harness/cli/main',
  'harness/plan/worker',
  'harness/target/qemu/rsp/worker',
  'harness/bench/main',
  'harness/vitest/index',
  ...backends,
];

export default defineConfig({
  cwd: root,
  input: Object.fromEntries(entries.map((name) => [name, `${name}.ts`])),
  platform: 'node',
  // Whose tests they become is for who runs them to say.
  external: ['vitest'],
  treeshake: false,
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  output: {
    dir: 'dist',
    cleanDir: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'harness/chunks/[name]-[hash].js',
  },
});
