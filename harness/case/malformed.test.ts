// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { CaseError } from './error.js';
import { parseCases } from './parse.js';
import { malformed } from './test/malformed.js';
import { malformedExpectations } from './test/malformed-expectations.js';
import { malformedMulti } from './test/malformed-multi.js';
import { malformedSteps } from './test/malformed-steps.js';
import { malformedTexts } from './test/malformed-texts.js';

const rest: Readonly<Record<string, string>> = {
  title: 'title: t\n',
  why: 'why: w\n',
  functions: 'functions:\n  f: { prototype: u64 f(u64 a), returns: a }\n',
  probes: 'probes:\n  watch: { fprobe: { on: [f] } }\n',
  steps: 'steps:\n  - register: watch\n  - call: f(1)\n',
};

/** Text without mark, completed if it begins with `@`, and the marked place. */
function given(marked: string): { text: string; line: number; column: number } {
  const own = marked.startsWith('@') ? marked.slice(1) : marked;
  const mark = own.indexOf('▸');
  const before = own.slice(0, mark).split('\n');
  const text = own.slice(0, mark) + own.slice(mark + 1);
  const missing = Object.keys(rest).filter((key) => !new RegExp(`^${key}:`, 'm').test(text));
  return {
    text: marked.startsWith('@') ? text + missing.map((key) => rest[key]).join('') : text,
    line: before.length,
    column: (before.at(-1) as string).length + 1,
  };
}

function errorOf(text: string, id = 'folder/name'): CaseError {
  try {
    parseCases('cases/name.yaml', text, id);
  } catch (error) {
    if (error instanceof CaseError) return error;
    throw error;
  }
  throw new Error('the text was accepted');
}

describe('a malformed case', () => {
  it('is not accepted because of what completes the table', () => {
    expect(parseCases('a.yaml', Object.values(rest).join(''), 'a').cases).toHaveLength(1);
  });

  for (const { name, code, text: marked, message, remedy } of [
    ...malformed,
    ...malformedExpectations,
    ...malformedMulti,
    ...malformedSteps,
    ...malformedTexts,
  ]) {
    it(`with ${name} is refused at its place`, () => {
      const { text, line, column } = given(marked);
      const error = errorOf(text);
      expect({ code: error.code, line: error.line, column: error.column }).toEqual({ code, line, column });
      expect([error.message, error.remedy]).toEqual([message, remedy]);
    });

    it(`with ${name} is explained for people`, () => {
      const error = errorOf(given(marked).text);
      const sentence = `${error.message}: ${error.remedy}`;
      expect(sentence).not.toMatch(
        /zod|undefined|\[object|NaN|Invalid input|expected (string|object|array|record|int)\b/i,
      );
      expect(sentence).not.toMatch(/\n/);
      expect(error.remedy).not.toBe('');
      expect(error.remedy).not.toMatch(/\.$/);
      const [head, ...lines] = error.render().split('\n') as [string, ...string[]];
      expect(head).toBe(`cases/name.yaml:${error.line}:${error.column}: ${error.message}`);
      expect(lines.at(-1)).toBe(`  ${error.remedy}`);
      for (const line of lines.slice(0, -1)) expect(line.length).toBeLessThanOrEqual(80);
    });
  }

  it('with a size of ten megabytes is refused', () => {
    const error = errorOf(`title: ${'a'.repeat(10_000_000)}\n`);
    expect(error).toMatchObject({ code: 'too-big', line: 1, column: 1 });
    expect(error.render().length).toBeLessThan(300);
  });

  it('with a hundred thousand brackets is refused', () => {
    expect(errorOf(`title: ${'['.repeat(100_000)}`)).toMatchObject({ code: 'yaml' });
    expect(errorOf(`title: ${'{a: '.repeat(100_000)}`)).toMatchObject({ code: 'yaml' });
  });

  it('with a number of a million digits is refused', () => {
    expect(
      errorOf(
        `title: t\nwhy: w\nfunctions: { f: { prototype: void f(void) } }\nsteps: [call: f()]\nobjects: { b: ${'9'.repeat(1_000_000)} }`,
      ),
    ).toMatchObject({ line: 5 });
  });

  it('that `for` makes too large is refused', () => {
    const values = Array.from({ length: 1000 }, (_, index) => index).join(', ');
    const uses = Array.from({ length: 100 }, () => `'$\{all}'`).join(', ');
    const text = `for: [{ n: 1, all: [${values}] }, { n: 2, all: [${values}] }, { n: 3, all: [${values}] }]\ncovers: [${uses}]\n`;
    expect(errorOf(text)).toMatchObject({ code: 'too-big' });
    expect(errorOf(`for: { a: [${values}], b: [${values}] }\n`)).toMatchObject({ code: 'too-big', line: 1 });
  });

  it.each(['', 'a b', 'a//b', '/a', 'ä', 'a/'])('with the id `%s` is refused', (id) => {
    expect(errorOf('title: t\n', id)).toMatchObject({ code: 'bad-id', line: 1, column: 1 });
  });
});

describe('the rendered error', () => {
  const at = (column: number, length = 200) =>
    new CaseError(
      'yaml',
      { file: 'a', line: 12, column },
      'wrong',
      'mend it',
      `${'x'.repeat(column - 1)}!${'y'.repeat(length - column)}`,
    )
      .render()
      .split('\n');

  it.each([1, 40, 79, 80, 81, 150, 199, 200])(
    'shows the column %i of a long line above its caret',
    (column) => {
      const [, line, caret] = at(column) as [string, string, string, string];
      expect(line.length).toBeLessThanOrEqual(80);
      expect(line[caret.indexOf('^')]).toBe('!');
    },
  );

  // By hand: 日本 takes four columns, e with an acute accent upon it one, a tab is shown as a blank, the soft hyphen not.
  it.each([
    ['日本!', 3, '日本!', 4],
    ['e\u0301!', 3, 'e\u0301!', 1],
    ['\ta!', 3, ' a!', 2],
    ['😀!', 3, '😀!', 2],
    ['a\u00ad\u200bb!', 5, 'a\u00ad\u200bb!', 2],
    ['ｆ（１）!', 5, 'ｆ（１）!', 8],
    ['한글 ！!', 5, '한글 ！!', 7],
  ])('has its caret below the place on the screen: %j', (source, column, shown, before) => {
    const error = new CaseError('yaml', { file: 'a', line: 1, column }, 'wrong', '', source);
    expect(error.render().split('\n').slice(1)).toEqual([
      `    1 | ${shown}`,
      `      | ${' '.repeat(before)}^`,
    ]);
  });

  it.each([1, 20, 36, 37, 60, 100])('shows %i wide characters before the place within 80 columns', (many) => {
    const source = `${'漢'.repeat(many)}!${'字'.repeat(100 - many)}`;
    const [, line = '', caret = ''] = new CaseError(
      'yaml',
      { file: 'a', line: 1, column: many + 1 },
      'wrong',
      '',
      source,
    )
      .render()
      .split('\n');
    const columns = (text: string) => [...text].reduce((sum, one) => sum + (/[漢字]/.test(one) ? 2 : 1), 0);
    expect(columns(line)).toBeLessThanOrEqual(80);
    expect(columns(line.slice(0, line.indexOf('!')))).toBe(caret.indexOf('^'));
  });

  it('shows a short line whole', () => {
    expect(at(3, 5)).toEqual(['a:12:3: wrong', '   12 | xx!yy', '      |   ^', '  mend it']);
  });
});
