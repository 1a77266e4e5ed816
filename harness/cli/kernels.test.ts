// SPDX-License-Identifier: MIT
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fakeWiring, program } from './test/fakes.js';
import { wiring as real } from './wiring.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conform-kernels-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const environment = { PATH: process.env.PATH };
const run = (...given: string[]) => program([...given, '--kernels', 'k'], cwd, real, { environment });

/** A stored kernel whose image is that text. */
function store(arch: string, revision: string, image: string): void {
  const directory = join(cwd, 'k', `${arch}-${revision}`);
  mkdirSync(directory, { recursive: true });
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const config = 'CONFIG_KPROBES=y\n';
  writeFileSync(join(directory, 'vmlinuz'), image);
  writeFileSync(join(directory, 'config'), config);
  const file = (name: string, text: string) => ({ name, size: text.length, sha256: hash(text) });
  const manifest = {
    format: 1,
    arch,
    revision,
    release: `${revision}.0-test`,
    packages: [{ name: 'linux-image', version: '1', size: 1, sha256: hash('') }],
    files: { image: file('vmlinuz', image), config: file('config', config) },
  };
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
}

test('nothing stored: told with the remedy, and no success', async () => {
  expect(await run('kernels', 'list')).toMatchObject({
    code: 4,
    out: expect.stringMatching(/^no kernels in .*; ftrace-conform kernels fetch gets them\n$/),
  });
  const { code, out } = await run('verify', '--layouts', '--kernel', '7.2');
  expect(code).toBe(4);
  expect(out).toMatch(/SKIP .*@7\.2.*: not in .*; ftrace-conform kernels fetch gets them\n/);
});

test('what is stored is listed; what has changed since is told, and is an error', async () => {
  store('alpha', '7.2', 'image');
  expect(await run('kernels', 'list')).toMatchObject({ code: 0, out: expect.stringContaining('alpha@7.2') });
  writeFileSync(join(cwd, 'k/alpha-7.2/vmlinuz'), 'IMAGE');
  expect(await run('kernels', 'list')).toMatchObject({
    code: 1,
    out: expect.stringMatching(/CHANGED .*vmlinuz is not what was stored/),
  });
});

test('a kernel whose image cannot be read: its configuration still can, and the table counts both', async () => {
  const [loaded] = await real.backends([]);
  const arch = loaded?.backend.arch ?? '';
  store(arch, '7.2', 'no kernel');
  const { code, out } = await run('verify', '--layouts', '--arch', arch, '--kernel', '7.2');
  expect(code).toBe(1);
  expect(out).toMatch(
    new RegExp(`CONTRADICTED ${arch}@7\\.2 feature FUNCTION_TRACER\\n +ours: on; the kernel's: off`),
  );
  expect(out).toContain('0 of 0 layout rows that BTF can tell of are confirmed');
  const json = JSON.parse(
    (await run('verify', '--layouts', '--arch', arch, '--kernel', '7.2', '--json')).out,
  );
  expect(json.kernels).toEqual([{ name: `${arch}@7.2`, release: '7.2.0-test' }]);
  expect(json.rows).toContainEqual(expect.objectContaining({ item: 'KPROBES', verdict: 'confirmed' }));
});

test.each([
  [['kernels', 'get'], /no action get\nactions: fetch, list/],
  [['verify', '--layouts', '--random', '3'], /--layouts asks real kernels/],
  [['verify', '--layouts', '--vmlinux', 'x'], /--vmlinux x: expected ARCH=PATH/],
  [['verify', '--layouts', '--vmlinux', 'nope=x'], /no back-end nope/],
  [['verify', '--layouts', '--kernel', '5.4'], /no back-end models 5\.4/],
])('%j is refused', async (given, message) => {
  const { code, err } = await run(...given);
  expect(code).toBe(2);
  expect(err).toMatch(message);
});

test('an action asks no back-end for what is not needed', async () => {
  const broken = { ...fakeWiring({}), backends: () => Promise.reject(new Error('asked')) };
  expect(await program(['kernels', 'list', '--dir', 'k'], cwd, broken, { environment })).toMatchObject({
    code: 4,
  });
});
