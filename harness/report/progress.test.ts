// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { dispatch } from './jsonl.js';
import { progress, progressKind } from './progress.js';
import { eventsOf, everyStatus, wantsOne } from './test/stream.js';

/** Carriage return, erase to the end of the line. */
const WIPE = '\r\u001b[K';

/** What a terminal of one line shows after each write. */
function screens(writes: readonly string[]): string[] {
  let line = '';
  return writes.map((text) => {
    const wiped = text.lastIndexOf(WIPE);
    line = wiped < 0 ? line + text : text.slice(wiped + WIPE.length);
    return line;
  });
}

async function shown(how: 'bar' | 'counter', width = 80): Promise<string[]> {
  const writes: string[] = [];
  const bar = progress({ write: (text) => writes.push(text), how, total: 10, width });
  for (const event of await everyStatus()) dispatch(event, [bar]);
  return how === 'bar' ? screens(writes) : writes;
}

describe('progress', () => {
  test('a bar: one line, how far, how many are not as expected; nothing stays', async () => {
    const lines = await shown('bar');
    expect(lines[0]).toBe(`[==${' '.repeat(22)}] 1/10  1 not as expected  direct/a`);
    expect(lines[9]).toBe(`[${'='.repeat(24)}] 10/10  6 not as expected  graph/xpass`);
    expect(lines.at(-1)).toBe('');
    expect((await shown('bar', 30)).every((line) => line.length < 30)).toBe(true);
  });

  test('a counter: a line per case, with the gravest verdict', async () => {
    expect(await shown('counter')).toEqual([
      ' 1/10 NG direct/a\n',
      ' 2/10 ok direct/b\n',
      ' 3/10 CR fprobe/crash\n',
      ' 4/10 ER fprobe/error\n',
      ' 5/10 ms fprobe/miss\n',
      ' 6/10 TM fprobe/timeout\n',
      ' 7/10 un graph/gated\n',
      ' 8/10 ok graph/skip\n',
      ' 9/10 xf graph/xfail\n',
      '10/10 XP graph/xpass\n',
    ]);
  });

  test('a long run is not drawn for every case', async () => {
    const cases = Array.from({ length: 1000 }, (_, index) => wantsOne(`a/${String(index).padStart(4, '0')}`));
    const writes: string[] = [];
    const bar = progress({ write: (text) => writes.push(text), how: 'bar', total: 1000, width: 80 });
    for (const event of await eventsOf(cases, () => undefined)) dispatch(event, [bar]);
    expect(writes.length).toBeLessThan(110);
    expect(writes.at(-2)).toContain('1,000/1,000');
  });

  test('taken away for other output, it comes back with the next case', async () => {
    const writes: string[] = [];
    const bar = progress({ write: (text) => writes.push(text), how: 'bar', total: 1000, width: 80 });
    bar.clear();
    expect(writes).toEqual([]);
    for (const event of (await everyStatus()).slice(1, 3)) {
      dispatch(event, [bar]);
      bar.clear();
    }
    expect(screens(writes).map((line) => line.slice(-8))).toEqual(['direct/a', '', 'direct/b', '']);
  });
});

test('a bar only for eyes', () => {
  expect(progressKind('auto', true, {})).toBe('bar');
  expect(progressKind('auto', false, {})).toBe('none');
  expect(progressKind('auto', true, { TERM: 'dumb' })).toBe('none');
  expect(progressKind('auto', true, { CI: 'true' })).toBe('none');
  expect(progressKind('counter', false, { CI: 'true' })).toBe('counter');
});
