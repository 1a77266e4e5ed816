// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { spec } from '../cli/test/fakes.js';
import { loadCases } from './cases.js';
import { readCase } from './files.js';
import { byId } from './order.js';
import { Problem, Problems } from './problem.js';
import { select } from './select.js';
import { didYouMean, nearest } from './suggest.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'conform-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(file: string, text: string | Uint8Array = 'a'): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

const place = () => ({ caseDirectory: join(root, 'cases'), shown: 'cases/', from: root });
const ids = (...selectors: string[]) =>
  select(selectors, place()).map(({ file, rows }) => (rows === null ? file.id : rows.join()));
const problem = (action: () => unknown): Problem => {
  try {
    action();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('no problem');
};

describe('selectors', () => {
  beforeEach(() => {
    for (const file of [
      'fprobe/arguments',
      'fprobe/arguments-wide',
      'fprobe/nested/deep',
      'graph/plain',
      'top',
    ]) {
      put(`cases/${file}.yaml`);
    }
    put('cases/readme.md');
    put('elsewhere/own.yaml');
    put('elsewhere/sub/more.yaml');
    put('notes.txt');
    mkdirSync(join(root, 'empty'));
  });

  test.each([
    [[], ['fprobe/arguments', 'fprobe/arguments-wide', 'fprobe/nested/deep', 'graph/plain', 'top']],
    [['fprobe'], ['fprobe/arguments', 'fprobe/arguments-wide', 'fprobe/nested/deep']],
    [['fprobe/'], ['fprobe/arguments', 'fprobe/arguments-wide', 'fprobe/nested/deep']],
    [['fprobe/nested'], ['fprobe/nested/deep']],
    [['fprobe/arguments'], ['fprobe/arguments']],
    [['fprobe/arguments.6'], ['fprobe/arguments.6']],
    [['fprobe/arguments.6', 'fprobe/arguments.7'], ['fprobe/arguments.6,fprobe/arguments.7']],
    [['fprobe/arguments.6', 'fprobe/arguments'], ['fprobe/arguments']],
    [
      ['top', 'graph/plain', 'top'],
      ['graph/plain', 'top'],
    ],
    [['cases/graph'], ['graph/plain']],
    [['cases'], ['fprobe/arguments', 'fprobe/arguments-wide', 'fprobe/nested/deep', 'graph/plain', 'top']],
    [['./cases/graph/plain.yaml'], ['graph/plain']],
    [['elsewhere/own.yaml'], ['own']],
    [['elsewhere'], ['own', 'sub/more']],
  ])('%j', (selectors, found) => expect(ids(...selectors)).toEqual(found));

  test('an absolute path, without the path in what is shown', () => {
    const [found] = select([join(root, 'elsewhere/own.yaml')], place());
    expect(found?.file).toMatchObject({ id: 'own', shown: 'own.yaml' });
  });

  test.each([
    [['fprobee'], 4, 'no case matches fprobee; did you mean fprobe'],
    [['graph/plian'], 4, 'no case matches graph/plian; did you mean graph/plain?'],
    [['cases/graph/plian.yaml'], 2, 'no such file: cases/graph/plian.yaml; did you mean graph/plain?'],
    [['empty'], 2, 'empty: a directory without cases'],
    [['notes.txt'], 2, 'not a case file; cases end in .yaml'],
    [[''], 4, 'no case matches'],
  ])('%j: code %i, %s', (selectors, code, message) => {
    const found = problem(() => select(selectors, place()));
    expect(found.message).toContain(message);
    expect(found.exit).toBe(code);
  });
});

test('a case directory without cases', () => {
  expect(problem(() => select([], place())).message).toBe('no cases: cases/ does not exist');
  mkdirSync(join(root, 'cases'));
  expect(problem(() => select([], place())).exit).toBe(2);
});

describe('a file or directory that is nearly a case', () => {
  test.each([
    ['cases/a/b.yml', 'cases/a/b.yml: cases end in .yaml; rename it to b.yaml'],
    ['cases/B.YAML', 'cases/B.YAML: cases end in .yaml; rename it to B.yaml'],
    ['cases/a.yaml/b.yaml', 'cases/a.yaml: a directory; only case files are called *.yaml'],
    ['cases/a.yml/readme', 'cases/a.yml: a directory; only case files are called *.yaml'],
  ])('%s', (file, message) => {
    put('cases/z.yaml');
    put(file);
    const found = problem(() => select([], place()));
    expect([found.exit, found.message]).toEqual([2, message]);
  });
});

describe('reading', () => {
  const read = (text: string | Uint8Array) => {
    put('c.yaml', text);
    return readCase({ id: 'c', path: join(root, 'c.yaml'), shown: 'c.yaml' });
  };
  test('text', () => expect(read('title: ü\n')).toBe('title: ü\n'));
  test.each([
    ['a NUL', 'a\0b', 'c.yaml:1:1: a binary file'],
    ['no UTF-8', new Uint8Array([0x61, 0xff, 0xfe]), 'c.yaml:1:1: a binary file'],
    ['too much', 'x'.repeat(10_000_000), 'c.yaml:1:1: 10.0 MB; a case file has at most 1 MB'],
  ])('%s', (_name, text, message) => expect(problem(() => read(text)).message).toContain(message));
  test('what is not there, and what is a directory', () => {
    const gone = problem(() => readCase({ id: 'x', path: join(root, 'x.yaml'), shown: 'x.yaml' }));
    expect(gone.message).toBe('x.yaml:1:1: is no longer there');
    const directory = problem(() => readCase({ id: 'x', path: root, shown: 'x.yaml' }));
    expect(directory.message).toContain('a directory, not a file; name one that holds case files');
  });
});

describe('loading', () => {
  const rows = ['1', '2', '10'];
  const parse = (file: string, text: string, id: string) => {
    if (text.startsWith('bad')) throw new Problem(`${file}:1:1: ${text}`);
    return { cases: text === 'family' ? rows.map((row) => spec(`${id}.${row}`)) : [spec(id)] };
  };
  const load = (...selectors: string[]) => loadCases(select(selectors, place()), parse).map(({ id }) => id);

  test('in natural order', () => {
    put('cases/b.yaml', 'family');
    put('cases/a.yaml');
    expect(load()).toEqual(['a', 'b.1', 'b.2', 'b.10']);
    expect(load('b.10', 'b.2')).toEqual(['b.2', 'b.10']);
  });
  test('all errors at once, each once', () => {
    for (const name of ['a', 'b', 'c']) put(`cases/${name}.yaml`, name === 'b' ? 'good' : `bad ${name}`);
    const found = problem(() => load());
    expect(found).toBeInstanceOf(Problems);
    expect(found.render()).toBe(
      'error: cases/a.yaml:1:1: bad a\n\nerror: cases/c.yaml:1:1: bad c\n\n2 errors',
    );
    expect(found.exit).toBe(2);
  });
  test('a row that is not there', () => {
    put('cases/b.yaml', 'family');
    const found = problem(() => load('b.11'));
    expect([found.exit, found.message]).toEqual([
      4,
      'no case b.11 in cases/b.yaml; did you mean b.1 or b.10?\nit has: b.1, b.2, b.10',
    ]);
  });
  test('an id given twice', () => {
    put('cases/b.1.yaml');
    put('cases/b.yaml', 'family');
    expect(problem(() => load()).render()).toContain(
      'two files give the case id b.1: cases/b.yaml and cases/b.1.yaml',
    );
  });
  test('a fault of the parser itself is not taken for a wrong case', () => {
    put('cases/a.yaml');
    const faulty = () => {
      throw new TypeError('oops');
    };
    expect(() => loadCases(select([], place()), faulty)).toThrow(TypeError);
  });
});

describe('suggestions', () => {
  test('near names, best first', () => {
    expect(nearest('arm46', ['arm64', 'riscv', 'arm'])).toEqual(['arm64']);
    expect(nearest('zzzzzz', ['arm64', 'riscv'])).toEqual([]);
    expect(didYouMean('RISCV', ['riscv'])).toBe('; did you mean riscv?');
  });
  test('a name is nearest to itself', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1 }), { minLength: 1 }), (names) => {
        const [first] = names as [string];
        expect(nearest(first, names)[0]?.toLowerCase()).toBe(first.toLowerCase());
      }),
    );
  });
});

test('the order of ids is total', () => {
  const id = fc.stringMatching(/^[a-b]{0,2}(\.\d{1,3}){0,2}$/);
  fc.assert(
    fc.property(id, id, id, (a, b, c) => {
      expect(Math.sign(byId(a, b))).toBe(-Math.sign(byId(b, a)) + 0);
      if (byId(a, b) <= 0 && byId(b, c) <= 0) expect(byId(a, c)).toBeLessThanOrEqual(0);
      expect(byId(a, b) === 0).toBe(a === b);
    }),
  );
});

describe('what the file system refuses', () => {
  const refusal = (action: () => unknown) => {
    const found = problem(action);
    expect(found.exit).toBe(2);
    return found.message;
  };
  const read = () => loadCases(select([], place()), () => ({ cases: [] }));

  test('a case directory that is a file', () => {
    put('cases', '');
    expect(refusal(() => select([], place()))).toBe(
      'cases: not a directory; name a directory, or name a case file as an argument (ENOTDIR)',
    );
  });
  test('links to nothing and to themselves, as case directory, selector and case', () => {
    symlinkSync('gone', join(root, 'cases'));
    expect(refusal(() => select([], place()))).toMatch(/^cases\/: a link to what does not exist; remove/);
    rmSync(join(root, 'cases'));
    symlinkSync('cases', join(root, 'cases'));
    expect(refusal(() => select([], place()))).toMatch(
      /^cases\/: a link that leads back to itself.*\(ELOOP\)$/,
    );
    rmSync(join(root, 'cases'));
    put('cases/good.yaml');
    symlinkSync('gone', join(root, 'own.yaml'));
    expect(refusal(() => select(['own.yaml'], place()))).toMatch(/^own\.yaml: a link to what does not exist/);
    symlinkSync('gone', join(root, 'cases/dangling.yaml'));
    symlinkSync('loop.yaml', join(root, 'cases/loop.yaml'));
    const told = refusal(read);
    expect(told).toContain('error: cases/dangling.yaml: a link to what does not exist');
    expect(told).toContain('error: cases/loop.yaml: a link that leads back to itself');
  });
  test('a link to a case is that case', () => {
    put('elsewhere.txt', 'text');
    mkdirSync(join(root, 'cases'));
    symlinkSync('../elsewhere.txt', join(root, 'cases/linked.yaml'));
    expect(select([], place()).map(({ file }) => readCase(file))).toEqual(['text']);
  });
  test('a FIFO is never opened, wherever it is met', () => {
    put('cases/good.yaml');
    execFileSync('mkfifo', [join(root, 'cases/pipe.yaml'), join(root, 'own.yaml')]);
    expect(refusal(read)).toBe(
      'error: cases/pipe.yaml: a FIFO, which is not opened; a case is a regular file',
    );
    expect(refusal(() => select(['own.yaml'], place()))).toContain('own.yaml: a FIFO, which is not opened');
    expect(refusal(() => select(['/dev/null'], place()))).toContain(
      '/dev/null: a device, which is not opened',
    );
  });
  test.skipIf(process.getuid?.() === 0)('what may not be read', () => {
    put('cases/shut/a.yaml');
    put('cases/mine.yaml');
    chmodSync(join(root, 'cases/mine.yaml'), 0);
    expect(refusal(read)).toMatch(
      /^error: cases\/mine\.yaml: permission denied; make it readable.*\(EACCES\)$/,
    );
    chmodSync(join(root, 'cases/shut'), 0);
    expect(refusal(() => select([], place()))).toMatch(/^cases\/shut\/: permission denied/);
    chmodSync(join(root, 'cases/shut'), 0o700);
  });
});
