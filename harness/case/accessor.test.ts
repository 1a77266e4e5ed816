// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { TextError } from '../ctype/text-error.js';
import { accessorPattern, parseAccessor, parseSettable } from './accessor.js';

describe('an accessor', () => {
  it.each([
    ['instruction_pointer', 'instruction_pointer', null],
    ['stack_pointer', 'stack_pointer', null],
    ['frame_pointer', 'frame_pointer', null],
    ['return_value', 'return_value', null],
    ['return_address', 'return_address', null],
    ['argument(6)', 'argument', '6'],
    [' argument( 6 ) ', 'argument', '6'],
    ['stack_nth(0)', 'stack_nth', '0'],
    ['get_regs', 'get_regs', null],
    ['regs(r10)', 'regs', 'r10'],
    ['field(gprs[2])', 'field', 'gprs[2]'],
    ['register_offset(sp)', 'register_offset', 'sp'],
    ['partial_regs(pc)', 'partial_regs', 'pc'],
    ['perf_regs(sp)', 'perf_regs', 'sp'],
    ['user_mode(partial)', 'user_mode', 'partial'],
    ['user_mode(perf)', 'user_mode', 'perf'],
    ['symbol_address', 'symbol_address', null],
    ['ip_offset', 'ip_offset', null],
    ['resume_offset', 'resume_offset', null],
    ['true_parent', 'true_parent', null],
  ])('%s is known', (text, name, parameter) => {
    const accessor = parseAccessor(text);
    expect(accessor).toEqual({ name, parameter, text: parameter === null ? name : `${name}(${parameter})` });
    expect(parseAccessor(accessor.text)).toEqual(accessor);
    expect(accessor.text).toMatch(new RegExp(accessorPattern));
  });

  it.each([
    '',
    'argument',
    'argument()',
    'argument(-1)',
    'argument(01)',
    'argument(64)',
    'regs(1)',
    'regs(a b)',
    'user_mode(x)',
    'get_regs(1)',
    'nothing',
    'a b',
    'argument(1',
    'regs',
  ])('`%s` is none', (text) => {
    expect(() => parseAccessor(text)).toThrow(TextError);
  });

  it('can be set if the kernel has a setter', () => {
    expect(
      ['return_value', 'argument(0)', 'instruction_pointer', 'field(sp)'].map(
        (text) => parseSettable(text).text,
      ),
    ).toHaveLength(4);
    expect(() => parseSettable('stack_pointer')).toThrow(TextError);
  });
});
