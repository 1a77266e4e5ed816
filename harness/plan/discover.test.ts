// SPDX-License-Identifier: MIT
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeTarget, subject } from '../cli/test/fakes.js';
import { backendNames, discover } from './discover.js';
import { subjectsOf } from './subjects.js';

let root: string;
const places = () => ({ modules: join(root, 'code'), sources: join(root, 'sources') });

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'conform-'));
  const put = (name: string, code: string) => {
    mkdirSync(join(root, 'code', name), { recursive: true });
    mkdirSync(join(root, 'sources', name), { recursive: true });
    writeFileSync(join(root, 'code', name, 'index.js'), code);
  };
  const record = (name: string, sources = '["trampoline.S"]', short = name.slice(0, 2)) =>
    `{ arch: '${name}', short: '${short}', sources: ${sources} }`;
  put('beta', `export default ${record('beta')};`);
  put('alpha', `export const backend = ${record('alpha')};`);
  put('broken', 'this is no code');
  put('empty', 'export const nothing = 0;');
  put('ax', `export default ${record('ax', '[]', 'al')};`);
  put('ay', `export default ${record('ay', '[]', 'beta')};`);
  put('other', `export default ${record('else')};`);
  put('sourceless', `export default ${record('sourceless', '["gone.S"]')};`);
  for (const name of ['alpha', 'beta'])
    writeFileSync(join(root, 'sources', name, 'trampoline.S'), `# ${name}\n`);
  mkdirSync(join(root, 'code', 'no-module'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('discovery', () => {
  test('every folder with a module is a back-end', () => {
    expect(backendNames(places())).toEqual([
      'alpha',
      'ax',
      'ay',
      'beta',
      'broken',
      'empty',
      'other',
      'sourceless',
    ]);
  });
  test('with sources from beside the modules or elsewhere', async () => {
    const found = await discover(['beta', 'alpha'], places());
    expect(found.map(({ sources }) => sources)).toEqual([
      [{ file: 'backends/alpha/trampoline.S', text: '# alpha\n' }],
      [{ file: 'backends/beta/trampoline.S', text: '# beta\n' }],
    ]);
  });
  test.each([
    ['alhpa', 'no back-end alhpa; did you mean alpha?'],
    ['broken', 'back-end broken (backends/broken/): does not load: '],
    ['empty', 'index exports no back-end'],
    ['other', 'calls itself else; arch must be the folder'],
    ['sourceless', 'source gone.S is missing'],
  ])('%s: %s', async (name, message) => {
    await expect(discover([name], places())).rejects.toMatchObject({
      name: 'Problem',
      exit: 2,
      message: expect.stringContaining(message),
    });
  });
  test.each([
    ['ax', 'alpha', 'back-ends alpha and ax are both called al; give one of them another `short`'],
    ['ay', 'beta', 'back-ends ay and beta are both called beta; '],
  ])('%s and %s cannot be told apart', async (one, other, message) => {
    await expect(discover([one, other], places())).rejects.toMatchObject({
      name: 'Problem',
      exit: 2,
      message: expect.stringContaining(message),
    });
    await expect(discover([one], places())).resolves.toHaveLength(1);
  });
  test('none at all', async () => {
    await expect(discover([], { modules: join(root, 'void'), sources: root })).rejects.toThrow(
      'no back-ends',
    );
  });
});

describe('subjects', () => {
  const known = {
    alpha: { revisions: ['7.2', '6.1', '6.12'] },
    beta: { revisions: ['7.2'], untraced: ['6.12'] },
  };
  const backends = Object.entries(known).map(([arch, revisions]) => ({
    backend: { arch, short: arch.slice(0, 2), ...revisions },
    sources: [],
  })) as unknown as Parameters<typeof subjectsOf>[0];
  const names = (revisions: string[]) =>
    subjectsOf(backends, revisions, ({ backend }, revision) =>
      fakeTarget(subject(backend.arch, revision), [], () => []),
    ).map(({ short, target }) => `${short} ${target.id.revision}`);

  test('all that is known, by default, those without function tracing among them', () => {
    expect(names([])).toEqual(['al@6.1 6.1', 'al@6.12 6.12', 'al@7.2 7.2', 'be@6.12 6.12', 'be@7.2 7.2']);
  });
  test('the wanted ones, where modelled', () => {
    expect(names(['6.12', '7.2'])).toEqual(['al@6.12 6.12', 'al@7.2 7.2', 'be@6.12 6.12', 'be@7.2 7.2']);
    expect(names(['6.1'])).toEqual(['al 6.1']);
  });
  test('a target is made when it is asked for, and once', () => {
    const made: string[] = [];
    const [first, second] = subjectsOf(backends, ['7.2'], ({ backend }, revision) => {
      made.push(backend.arch);
      return fakeTarget(subject(backend.arch, revision), [], () => []);
    });
    expect([first?.short, second?.short, made]).toEqual(['al', 'be', []]);
    expect(second?.target).toBe(second?.target);
    expect(made).toEqual(['beta']);
  });
  test('an unknown one', () =>
    expect(() => names(['6.13'])).toThrow('no back-end models 6.13; did you mean 6.1 or 6.12?'));
});
