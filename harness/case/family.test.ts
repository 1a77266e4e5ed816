// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { CaseError } from './error.js';
import { parseCases } from './parse.js';

const body = `title: T \${a}
why: w
functions:
  f: { prototype: u64 f(u64 n), returns: n }
`;
const expand = (text: string) => parseCases('a.yaml', text, 'x/a').cases;

describe('a family', () => {
  it('of rows is named by the first value of each', () => {
    const cases = expand(
      `${body}for:\n  - { a: 1, b: 7 }\n  - { b: 8, a: x-y_z.2 }\nsteps: [call: 'f(\${b})']\n`,
    );
    expect(cases.map(({ id }) => id)).toEqual(['x/a.1', 'x/a.8']);
  });

  it('of combinations is named by all values', () => {
    const cases = expand(`${body}for: { a: [p, q], b: [1, 0x2] }\nsteps: [call: 'f(\${b})']\n`);
    expect(cases.map(({ id, title }) => [id, title])).toEqual([
      ['x/a.p.1', 'T p'],
      ['x/a.p.2', 'T p'],
      ['x/a.q.1', 'T q'],
      ['x/a.q.2', 'T q'],
    ]);
    expect(cases[1]?.steps[0]).toMatchObject({ arguments: [{ value: 2n }] });
  });

  it('substitutes keys, whole maps and lists', () => {
    const [only] = expand(`title: t
why: w
for:
  - { name: g, spec: { prototype: u64 g(void), returns: 5 }, steps: [call: g(), stack_trace] }
functions:
  '\${name}': \${spec}
steps: \${steps}
`);
    expect(only?.functions).toMatchObject([{ name: 'g', returns: { value: 5n } }]);
    expect(only?.steps.map((step) => step.do)).toEqual(['call', 'stack_trace']);
  });

  it('does not substitute twice', () => {
    const text = `title: '\${a}'\nwhy: w\nfor: [{ n: 1, a: '\${n}' }]\nfunctions: { f: { prototype: void f(void) } }\nsteps: [call: f()]\n`;
    expect(expand(text)[0]?.title).toBe(`$\{n}`);
  });

  it('reports an error where the wrong text stands: in the row or in the template', () => {
    const text = (call: string, value: string) =>
      `${body}for: [{ a: 1, v: ok }, { a: 2, v: ${value} }]\nsteps: [{ call: '${call}' }]\n`;
    const errorOf = (yaml: string) => {
      try {
        expand(yaml);
      } catch (error) {
        if (error instanceof CaseError) return error;
      }
      throw new Error('the text was accepted');
    };
    const inRow = errorOf(text(`f($\{v})`, '2').replace('v: ok', 'v: 1').replace('v: 2', 'v: other'));
    expect(inRow).toMatchObject({ code: 'unknown-name', line: 5, column: 34 });
    expect(inRow.message).toContain('in the case `2`');
    const inTemplate = errorOf(text(`f($\{v} + zz)`, '2').replace('v: ok', 'v: 1'));
    expect(inTemplate).toMatchObject({ code: 'unknown-name', line: 6, column: 27 });
  });

  it('may use a parameter for its ids alone, or for a condition', () => {
    const text = `title: t
why: w
for: [{ id: a, n: 1 }, { id: b, n: 2 }]
functions: { f: { prototype: void f(void) } }
steps: [call: f()]
expect: [body: { function: f }]
divergences:
  - { on: { arch: x }, when: { n: 2 }, because: b, source: s, replace: { 1: [] } }
`;
    expect(expand(text).map(({ id, divergences }) => [id, divergences.length])).toEqual([
      ['x/a.a', 0],
      ['x/a.b', 1],
    ]);
  });
});
