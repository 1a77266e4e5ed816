// SPDX-License-Identifier: MIT
// What `tsc` has put into dist/ goes into a few files: to find, read and link three hundred modules took half of the
// time of a run of one case. Entry points keep their places; what they share goes into dist/harness/chunks/, which is
// as deep as a room of the harness, so that paths relative to a module hold (harness/plan/package-root.ts).
import { readdirSync } from 'node:fs';
import { defineConfig } from 'rolldown';

const dist = new URL('dist/', import.meta.url);
const folders = readdirSync(new URL('backends/', dist), { withFileTypes: true });
const backends = folders.filter((entry) => entry.isDirectory()).map(({ name }) => `backends/${name}/index`);
const entries = ['harness/cli/main', 'harness/plan/worker', 'harness/bench/main', ...backends];

export default defineConfig({
  input: Object.fromEntries(entries.map((name) => [name, `dist/${name}.js`])),
  platform: 'node',
  treeshake: false,
  output: {
    dir: 'dist',
    entryFileNames: '[name].js',
    chunkFileNames: 'harness/chunks/[name]-[hash].js',
    cleanDir: false,
  },
});
