// SPDX-License-Identifier: MIT
/** docs/selection.md is true: its tables are those of the predicates, and every command of it does something. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { main } from '../harness/cli/main.js';
import { PREDICATES, STATES } from '../harness/plan/filter/predicates.js';
import { packageRoot } from '../harness/plan/package-root.js';

const page = readFileSync(join(packageRoot, 'docs/selection.md'), 'utf8');
const commands = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, text = '']) =>
  text.trim().split('\n'),
);

let out: string;
/** In process, reading and writing reports elsewhere. */
async function conform(command: string): Promise<{ code: number; text: string; errors: string }> {
  let [text, errors] = ['', ''];
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const argv = words.slice(1).map((word) => word.replace(/^reports\//, `${out}/`));
  const code = await main(argv[0] === 'run' ? [...argv, '--out', out] : argv, {
    out: (part) => {
      text += part;
    },
    err: (part) => {
      errors += part;
    },
    isTerminal: false,
    columns: 80,
    environment: {},
    cwd: packageRoot,
    signal: new AbortController().signal,
  });
  return { code, text, errors };
}

beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), 'conform-selection-'));
  expect((await conform('ftrace-conform run fprobe')).code).toBe(0);
}, 120_000);
afterAll(() => rmSync(out, { recursive: true, force: true }));

test.each(commands)('%s', { timeout: 120_000 }, async (command) => {
  const { code, text, errors } = await conform(command);
  expect([code, errors.match(/^error.*/m)]).toEqual([0, null]);
  if (!command.includes('--rerun')) expect(text).not.toBe('');
});

test('every predicate has its row, with its meaning', () => {
  for (const [name, { meaning }] of Object.entries(PREDICATES)) {
    const row = page.split('\n').find((line) => line.startsWith(`| \`${name}`));
    expect(row, name).toContain(`| ${meaning}`);
  }
  for (const state of STATES) expect(page).toContain(`\`${state}\``);
});
