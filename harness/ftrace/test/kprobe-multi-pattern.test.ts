// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { ERRNO } from '../../backend/errno.js';
import { requestByPattern } from '../kprobe-multi-pattern.js';

const traceable = ['f', 'f1', 'f10', 'g', 'f.cold', ''].map((name, index) => ({
  name,
  address: BigInt(index),
}));

function found(pattern: string): string[] | number {
  const request = requestByPattern({ pattern, others: false, uniqueMatch: false, flags: 1 }, traceable);
  if (typeof request === 'number') return request;
  expect(request).toMatchObject({ flags: 1, symbols: null, cookies: null, count: request.addresses?.length });
  return (request.addresses ?? []).map((address) => traceable[Number(address)]?.name ?? '');
}

describe('a pattern', () => {
  it.each([
    ['f', ['f']],
    ['f*', ['f', 'f1', 'f10', 'f.cold']],
    ['f?', ['f1']],
    ['f??', ['f10']],
    ['f?*', ['f1', 'f10', 'f.cold']],
    ['*1*', ['f1', 'f10']],
    ['*0', ['f10']],
    ['**', ['f', 'f1', 'f10', 'g', 'f.cold', '']],
    ['f.*', ['f.cold']],
    ['?', ['f', 'g']],
  ])('%s matches by whole names', (pattern, names) => expect(found(pattern)).toEqual(names));

  it.each(['h', 'f???????', '', '1*'])('%s that matches nothing is an error', (pattern) => {
    expect(found(pattern)).toEqual(pattern === '' ? [''] : -ERRNO.ENOENT);
  });

  it('goes with nothing else', () => {
    const request = { pattern: 'h', others: true, uniqueMatch: true, flags: 0 };
    expect(requestByPattern(request, traceable)).toBe(-ERRNO.EINVAL);
  });

  it.each([
    ['f', true],
    ['g*', true],
    ['f*', false],
  ])('%s may be asked to match once', (pattern, once) => {
    const request = requestByPattern({ pattern, others: false, uniqueMatch: true, flags: 0 }, traceable);
    expect(typeof request === 'number' ? request : request.count).toBe(once ? 1 : -ERRNO.EINVAL);
  });
});
