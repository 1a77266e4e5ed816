// SPDX-License-Identifier: MIT
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { divergence } from '../cli/test/fakes.js';
import { logText } from './jsonl.js';
import { logSchema } from './log-schema.js';
import { eventsOf, everyStatus, wantsOne, zero } from './test/stream.js';

const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(logSchema());

test('every line of a log fits', async () => {
  const declared = divergence({ arch: ['beta'] }, [{ at: 1, by: { fields: { value: '0' } } }]);
  const logs = [
    await everyStatus({ revisions: ['6.1', '7.2'] }),
    await eventsOf([wantsOne('a/b', { divergences: [declared] })], (_, { arch }) =>
      arch === 'beta' ? zero : undefined,
    ),
  ];
  for (const line of logs.flatMap((events) => logText(events).trimEnd().split('\n'))) {
    validate(JSON.parse(line));
    expect(validate.errors).toBeNull();
  }
});

test('other lines do not', async () => {
  const [header, first, ...rest] = logText(await everyStatus())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const footer = rest.at(-1);
  const wrong = [
    { ...header, format: 1 },
    { ...header, caseSet: 'x' },
    { ...first, results: [{ ...first.results[0], status: 'GOOD' }] },
    { ...first, results: [{ ...first.results[0], extra: 1 }] },
    { ...first, seen: [[{ kind: 'entry', fields: { a: 1 } }]] },
    { ...first, spec: {} },
    { ...footer, counts: {} },
    { ...footer, event: 'end' },
    {},
  ];
  for (const line of wrong) expect(validate(line)).toBe(false);
});
