// SPDX-License-Identifier: MIT
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { parseCases } from '../case/parse.js';
import { storeIn } from './case-store.js';
import { parseFile } from './cases.js';
import { caseFilesBelow, readCase } from './files.js';
import { packageRoot } from './package-root.js';
import { storedParser } from './stored-parser.js';

const scratch = mkdtempSync(join(tmpdir(), 'ftrace-conform-'));
afterAll(() => rmSync(scratch, { recursive: true }));
let folder = '';
let count = 0;
beforeEach(() => {
  folder = join(scratch, String(count++));
});

const text = `title: t
why: w
functions: { f: { prototype: u64 f(u64 a), returns: a } }
steps: [call: f(18446744073709551615)]
`;
const { cases } = parseCases('a.yaml', text, 'a');

describe('the store of cases', () => {
  it('gives back what the parser gave, for the same content, file and parser only', () => {
    storeIn(folder, 'one').put('a.yaml', text, 'a', cases);
    expect(storeIn(folder, 'one').get('a.yaml', text, 'a')).toEqual(cases);
    expect(storeIn(folder, 'other').get('a.yaml', text, 'a')).toBeUndefined();
    expect(storeIn(folder, 'one').get('a.yaml', `${text}\n`, 'a')).toBeUndefined();
    expect(storeIn(folder, 'one').get('b/a.yaml', text, 'a')).toBeUndefined();
  });

  it('holds one entry for each file, the newest', () => {
    const store = storeIn(folder, 'one');
    store.put('a.yaml', 'old', 'a', []);
    store.put('a.yaml', text, 'a', cases);
    expect(readdirSync(folder)).toHaveLength(1);
    expect(store.get('a.yaml', text, 'a')).toEqual(cases);
  });

  it('takes an entry with any byte damaged for none', () => {
    const store = storeIn(folder, 'one');
    store.put('a.yaml', text, 'a', cases);
    const entry = join(folder, readdirSync(folder)[0] as string);
    const whole = readFileSync(entry);
    for (let at = 0; at < whole.length; at += 7) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] as number) ^ 0x40;
      writeFileSync(entry, damaged);
      expect(store.get('a.yaml', text, 'a'), `byte ${at}`).toBeUndefined();
    }
    writeFileSync(entry, whole.subarray(0, 40));
    expect(store.get('a.yaml', text, 'a')).toBeUndefined();
  });

  it('is no trouble where it cannot be written', () => {
    writeFileSync(folder, 'a file, not a folder');
    const store = storeIn(folder, 'one');
    expect(() => store.put('a.yaml', text, 'a', cases)).not.toThrow();
    expect(store.get('a.yaml', text, 'a')).toBeUndefined();
  });

  it('loses nothing of any case of the corpus', () => {
    const store = storeIn(folder, 'one');
    for (const file of caseFilesBelow(join(packageRoot, 'cases'), 'cases/')) {
      const parsed = parseFile(file, parseCases);
      const content = readCase(file);
      store.put(file.shown, content, file.id, parsed);
      expect(store.get(file.shown, content, file.id)).toStrictEqual(parsed);
    }
  });
});

describe('the parser behind the store', () => {
  const selected = () => {
    const path = join(scratch, 'a.yaml');
    writeFileSync(path, text);
    return [{ file: { id: 'a', path, shown: 'a.yaml' }, rows: null }];
  };

  it('is loaded for files that the store does not know, and not again', async () => {
    const store = storeIn(folder, 'one');
    let loaded = 0;
    const load = async () => {
      loaded++;
      return parseCases;
    };
    for (let round = 0; round < 3; round++) {
      const parse = await storedParser(selected(), store, load);
      expect(parse('a.yaml', text, 'a')).toMatchObject({ cases });
    }
    expect(loaded).toBe(1);
  });

  it('keeps nothing of a wrong file and finds it wrong each time', async () => {
    const store = storeIn(folder, 'one');
    const wrong = selected();
    writeFileSync(wrong[0]?.file.path as string, 'title: 1\n');
    for (let round = 0; round < 2; round++) {
      const parse = await storedParser(wrong, store, async () => parseCases);
      expect(() => parse('a.yaml', 'title: 1\n', 'a')).toThrow('`why` is missing');
    }
  });

  it('does not give old cases for a file that changes while it is read', async () => {
    const store = storeIn(folder, 'one');
    store.put('a.yaml', text, 'a', cases);
    const parse = await storedParser(selected(), store, async () => parseCases);
    expect(() => parse('a.yaml', `${text}\n`, 'a')).toThrow(/changed while it was read/);
  });
});
