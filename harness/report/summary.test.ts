// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { differenceSentence } from './summary.js';
import { eventsOf, one, wantsOne, zero } from './test/stream.js';

const differing = async (revisions: readonly string[]) => {
  const odd = wantsOne('odd', { expect: null });
  const events = await eventsOf(
    [odd, wantsOne('same')],
    (id, { arch }) => (id === 'odd' && arch === 'alpha' ? zero : one),
    { revisions },
  );
  return differenceSentence(events.filter((event) => event.event === 'case'));
};

test('a case whose subjects agree at each of several revisions does not differ', async () => {
  const sentence = '1 case differs between subjects without a declared reason.';
  expect(await differing(['7.2'])).toBe(sentence);
  expect(await differing(['6.1', '6.12', '7.2'])).toBe(sentence);
});

test('where nothing differs nothing is said', () => {
  expect(differenceSentence([])).toBeNull();
});
