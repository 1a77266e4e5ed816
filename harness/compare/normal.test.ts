// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seen } from '../cli/test/fakes.js';
import { normalForm, normalLine, sameLists } from './normal.js';

test.each([
  [
    seen('entry', {
      probe: 'watch',
      function: 'sum3',
      arguments: ['1', '2', '3'],
      parent: 'caller',
      stack_pointer: 'sp+0',
    }),
    'entry watch sum3(1, 2, 3) parent=caller stack_pointer=sp+0',
  ],
  [seen('entry', { probe: 'watch', function: 'nothing', arguments: [] }), 'entry watch nothing()'],
  [seen('entry', { probe: 'watch', arguments: ['1'] }), 'entry watch (1)'],
  [
    seen('exit', { probe: 'watch', function: 'sum3', return: '6', 'argument(1)': 'stale' }),
    'exit watch sum3 return=6 argument(1)=stale',
  ],
  [seen('body', { function: 'pair', arguments: ['{1, 2}'] }), 'body pair({1, 2})'],
  [seen('result', { function: 'sum3', value: '-6' }), 'result sum3 = -6'],
  [seen('error', { call: 'register watch', code: '-EINVAL' }), 'error register watch = -EINVAL'],
  [seen('count', { counter: 'nmissed', probe: 'watch', value: '3' }), 'count nmissed watch = 3'],
  [
    seen('record', { function: 'sum3', count: '1', flags: ['ENABLED', 'REGS'] }),
    'record sum3 count=1 flags=[ENABLED, REGS]',
  ],
  [
    seen('stack_trace', { by: 'watch', frames: ['sum3', 'caller'] }),
    'stack_trace watch frames=[sum3, caller]',
  ],
  [
    seen('fault', { at: 'ftrace_caller+0x14', why: 'store to "0x10"' }),
    'fault at=ftrace_caller+0x14 why="store to \\"0x10\\""',
  ],
  [seen('count', { counter: 'depth', value: '' }), 'count depth = ""'],
])('%#: %o', (observation, line) => expect(normalLine(observation)).toBe(line));

describe('same lists', () => {
  const text = fc.constantFrom('', '1', '2', 'a b');
  const observation = fc
    .dictionary(
      fc.constantFrom('function', 'value', 'ip'),
      fc.oneof(text, fc.array(text, { maxLength: 2 })),
      {
        noNullPrototype: true,
      },
    )
    .map((fields) => seen('result', fields));
  const list = fc.array(observation, { maxLength: 3 });

  test('have the same text', () => {
    fc.assert(
      fc.property(list, list, (left, right) => {
        if (sameLists(left, right)) expect(normalForm(left)).toEqual(normalForm(right));
      }),
    );
  });

  test('are those made alike', () => {
    fc.assert(fc.property(list, (made) => sameLists(made, structuredClone(made))));
  });

  test.each<[string, Record<string, string | string[]>, Record<string, string | string[]>]>([
    ['a value', { value: '1' }, { value: '2' }],
    ['a name', { value: '1' }, { ip: '1' }],
    ['a field more', { value: '1' }, { value: '1', ip: '1' }],
    ['a field less', { value: '1', ip: '1' }, { value: '1' }],
    ['an element', { frames: ['f', 'g'] }, { frames: ['f', 'h'] }],
    ['an element more', { frames: ['f'] }, { frames: ['f', 'g'] }],
    ['the order of fields', { ip: '1', sp: '2' }, { sp: '2', ip: '1' }],
  ])('differ by %s', (_, left, right) => {
    expect(sameLists([seen('result', left)], [seen('result', right)])).toBe(false);
  });
});
