// SPDX-License-Identifier: MIT
/** Fetching with an apt that is a script: everything up to the stored kernel, and what can go wrong. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MANIFEST } from '../store/manifest.js';
import { listKernels, openKernel, readStored, sha256 } from '../store/store.js';
import { parsePackage, refused } from './apt.js';
import { type FetchOptions, fetchKernel, lookUp, storedWhole, withScratch } from './fetch.js';
import { SUITES, type Wanted } from './resolve.js';
import { debianSource, fromLines, fromStanzas } from './sources.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'conform-fetch-'));
  for (const name of ['bin', 'apt', 'place', 'deb']) mkdirSync(join(root, name));
  writeFileSync(join(root, 'apt/sources.list'), 'deb https://mirror.example/debian bookworm main\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const wanted: Wanted = { arch: 'alpha', revision: '7.2', debian: 'alpha64', meta: 'linux-image-alpha' };
const DEB = 'a package';

function script(name: string, body: string): void {
  writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(root, 'bin', name), 0o755);
}

/** An archive with one kernel in one package; `dpkg-deb` gives the files below deb/. */
function archive(
  version = '7.2.12-1',
  members: Record<string, string> = { 'boot/vmlinuz-7.2.12': 'image', 'boot/config-7.2.12': 'CONFIG_A=y\n' },
) {
  const stanza = (name: string, depends: string) =>
    `Package: ${name}\nVersion: ${version}\nSize: ${DEB.length}\nSHA256: ${sha256(Buffer.from(DEB))}\nDepends: ${depends}\n`;
  writeFileSync(join(root, 'meta'), stanza('linux-image-alpha', 'linux-image-7.2.12 (= 7.2.12-1)'));
  writeFileSync(join(root, 'image'), stanza('linux-image-7.2.12', 'kmod, linux-base (>= 4)'));
  for (const [name, text] of Object.entries(members)) {
    mkdirSync(join(root, 'deb', name, '..'), { recursive: true });
    writeFileSync(join(root, 'deb', name), text);
  }
  script('apt-get', `case "$*" in *download*) printf '%s' '${DEB}' > linux.deb;; esac`);
  script(
    'apt-cache',
    `case "$*" in *linux-image-alpha) cat ${root}/meta;; *linux-image-7*) cat ${root}/image;; *) echo 'E: No packages found' >&2; exit 100;; esac`,
  );
  script('dpkg-deb', `exec tar -c -C ${root}/deb .`);
}

const options = (): FetchOptions => ({
  place: join(root, 'place'),
  aptDirectory: join(root, 'apt'),
  environment: { PATH: `${join(root, 'bin')}${delimiter}${process.env.PATH}` },
  signal: new AbortController().signal,
});

const fetchOne = () =>
  withScratch(options().place, async (scratch) => {
    const [found] = await lookUp([wanted], scratch, options(), () => {});
    if (found === undefined) throw new Error('nothing was found');
    return fetchKernel(found, scratch, options());
  });

test('from the meta package to the stored kernel; nothing else is left', async () => {
  archive();
  const stored = await fetchOne();
  expect(stored.manifest).toMatchObject({
    release: '7.2.12',
    packages: [{ name: 'linux-image-7.2.12', version: '7.2.12-1' }],
  });
  expect(readdirSync(options().place)).toEqual(['alpha-7.2']);
  expect(readdirSync(stored.directory).sort()).toEqual(['config', MANIFEST, 'vmlinuz']);
  expect(new TextDecoder().decode(readStored(stored, 'image'))).toBe('image');
  expect(storedWhole(options().place, wanted)?.manifest).toEqual(stored.manifest);
  expect(() => readStored(stored, 'map')).toThrow(/no map came/);
});

test('a stored file that was changed is told, and fetched again', async () => {
  archive();
  const stored = await fetchOne();
  writeFileSync(join(stored.directory, 'vmlinuz'), 'IMAGE');
  const opened = openKernel(options().place, 'alpha', '7.2');
  expect(() => opened && readStored(opened, 'image')).toThrow(/another SHA-256/);
  expect(storedWhole(options().place, wanted)).toBeNull();
  await fetchOne();
  expect(storedWhole(options().place, wanted)).not.toBeNull();
});

test('a manifest that names what lies elsewhere is refused', async () => {
  archive();
  const { directory } = await fetchOne();
  const path = join(directory, MANIFEST);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"vmlinuz"', '"../../secret"'));
  expect(() => openKernel(options().place, 'alpha', '7.2')).toThrow(/manifest.json: files.image.name/);
  expect(listKernels(options().place)).toMatchObject([{ error: { kind: 'changed' } }]);
});

describe('what can go wrong leaves nothing behind', () => {
  const fails = async (message: RegExp) => {
    await expect(fetchOne()).rejects.toThrow(message);
    expect(readdirSync(options().place)).toEqual([]);
  };

  test('the archive has gone on', async () => {
    archive('7.4.1-1');
    await fails(/forky no longer gives alpha 7\.2: linux-image-alpha is 7\.4\.1-1 now/);
  });
  test('no such package', async () => {
    archive();
    script('apt-cache', `echo 'E: No packages found' >&2; exit 100`);
    await fails(/it has no package linux-image-alpha/);
  });
  test('no network', async () => {
    archive();
    script('apt-get', `echo 'E: Failed to fetch http://x  Could not resolve x' >&2; exit 100`);
    await fails(/apt cannot read the package list of forky for alpha64:\n {2}E: Failed to fetch/);
  });
  test('a package that is not what the list says', async () => {
    archive();
    script('apt-get', `case "$*" in *download*) echo other > linux.deb;; esac`);
    await fails(/linux\.deb is not what the package list says/);
  });
  test('a package without an image', async () => {
    archive('7.2.12-1', { 'boot/config-7.2.12': 'x' });
    await fails(/linux-image-7\.2\.12: no kernel image in there/);
  });
  test('a full disk while unpacking', async () => {
    archive();
    script('dpkg-deb', `echo 'dpkg-deb: error: No space left on device' >&2; exit 2`);
    await fails(/cannot unpack linux\.deb:\n {2}dpkg-deb: error: No space left/);
  });
  test('no apt', async () => {
    archive();
    rmSync(join(root, 'bin/apt-get'));
    const bare = { ...options(), environment: { PATH: join(root, 'bin') } };
    await expect(
      withScratch(bare.place, (scratch) => lookUp([wanted], scratch, bare, () => {})),
    ).rejects.toThrow('there is no apt-get on this machine');
  });
  test('interrupted', async () => {
    archive();
    const abort = new AbortController();
    script('apt-get', 'exec sleep 60');
    const slow = { ...options(), signal: abort.signal };
    const running = withScratch(slow.place, (scratch) =>
      lookUp([wanted], scratch, slow, () => abort.abort()),
    );
    await expect(running).rejects.toThrow('interrupted; nothing of it was kept');
    expect(readdirSync(slow.place)).toEqual([]);
  });
});

test('what a process that is gone has left is removed', async () => {
  const old = join(options().place, '.new-999999999-abc');
  mkdirSync(old);
  await withScratch(options().place, async () => expect(existsSync(old)).toBe(false));
});

describe('sources of apt', () => {
  test('one line: the first of Debian with main; not -security, not another archive', () => {
    const text = [
      '# deb http://commented/debian bookworm main',
      'deb https://apt.example other-bookworm main',
      'deb http://sec/debian-security bookworm-security main',
      'deb [arch=amd64 signed-by=/k1,/k2] http://mirror/debian bookworm contrib main # ours',
    ].join('\n');
    expect(fromLines(text)).toEqual({ uri: 'http://mirror/debian', signedBy: '/k1 /k2' });
  });
  test('stanzas: comments within, several suites, a key written out, disabled ones', () => {
    const off = 'Types: deb\nEnabled: no\nURIs: http://off\nSuites: trixie\nComponents: main\n';
    const on =
      'Types: deb\n# snapshot\nURIs: http://mirror/debian\nSuites: trixie trixie-updates\nComponents: main\nSigned-By:\n -----BEGIN\n .\n key\n';
    expect(fromStanzas(`${off}\n${on}`)).toEqual({
      uri: 'http://mirror/debian',
      signedBy: '-----BEGIN\n .\n key',
    });
    expect(fromStanzas(off)).toBeUndefined();
  });
  test('a machine without any', () => {
    rmSync(join(root, 'apt/sources.list'));
    expect(() => debianSource(join(root, 'apt'))).toThrow(/no source of Debian/);
  });
  test('every revision has a suite', () => expect(Object.keys(SUITES)).toEqual(['6.1', '6.12', '7.2']));
});

test('a paragraph that lacks a field is none', () => {
  expect(parsePackage('Package: a\nVersion: 1\nSize: 5\n')).toBeUndefined();
});

test.each([
  ['E: Write error - write (28: No space left on device)', /Free some room/],
  ['E: Failed to fetch http://x/y 404  Not Found', /another mirror may/],
  ['E: Unable to connect to proxy', /needs a connection/],
])('apt: %s', (err, remedy) => {
  expect(refused('it failed', { code: 100, out: '', err }).remedy).toMatch(remedy);
});
