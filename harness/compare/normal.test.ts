// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { seen } from '../cli/test/fakes.js';
import { normalLine } from './normal.js';

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
