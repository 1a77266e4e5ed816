// SPDX-License-Identifier: MIT
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { badgeFiles, badgesJson, badgesSchema } from './badges.js';
import type { RunEvent } from './events.js';
import { eventsOf, everyStatus, wantsOne, withStatus, zero } from './test/stream.js';

const validate = new Ajv({ allErrors: true }).compile(badgesSchema());

function told(
  events: readonly RunEvent[],
): Record<string, { message: string; color: string; isError: boolean }> {
  const value = JSON.parse(badgesJson(events));
  validate(value);
  expect(validate.errors).toBeNull();
  return value;
}

test('one for each back-end: how much is as expected, or how much is not', async () => {
  expect(told(await everyStatus())).toEqual({
    alpha: badge('alpha', '9 as expected', 'brightgreen', false),
    beta: badge('beta', '4 not as expected, 2 harness errors', 'orange', true),
    gamma: badge('gamma', '9 as expected', 'brightgreen', false),
  });
});

const badge = (arch: string, message: string, color: string, isError: boolean) => ({
  schemaVersion: 1,
  label: `ftrace-conform ${arch}`,
  message,
  color,
  isError,
});

test('the colour is that of the gravest verdict', async () => {
  const events = await eventsOf([wantsOne('a/b'), wantsOne('a/c')], (id, { arch }) =>
    arch === 'beta' && id === 'a/b' ? zero : undefined,
  );
  expect(told(events).beta).toEqual(badge('beta', '1 not as expected', 'red', true));
  const known = withStatus(await eventsOf([wantsOne('a/b')], () => undefined), 'a/b', 'beta', 'XFAIL', '#1');
  expect(told(known).beta).toEqual(badge('beta', '1 as expected', 'yellow', false));
  const gated = await eventsOf([wantsOne('a/b', { requires: ['X'] })], () => undefined);
  expect(told(gated).beta).toEqual(badge('beta', 'nothing ran', 'lightgrey', false));
});

test('a run cut short does not look like one that is not', async () => {
  const events = (await eventsOf([wantsOne('a/b')], () => undefined)).map(
    (event): RunEvent =>
      event.event === 'footer' ? { ...event, complete: false, interrupted: true } : event,
  );
  expect(told(events).beta).toEqual(badge('beta', '1 as expected, interrupted', 'lightgrey', false));
});

test('as files, each is a badge by itself', async () => {
  const files = badgeFiles(await everyStatus());
  expect([...files.keys()]).toEqual(['alpha.json', 'beta.json', 'gamma.json']);
  expect(JSON.parse(files.get('alpha.json') ?? '')).toEqual(
    badge('alpha', '9 as expected', 'brightgreen', false),
  );
});

test('the schema refuses what shields.io refuses', () => {
  const good = badge('alpha', 'x', 'red', false);
  expect(validate({ alpha: good })).toBe(true);
  for (const change of [{ schemaVersion: 2 }, { message: '' }, { label: null }, { colour: 'red' }]) {
    expect(validate({ alpha: { ...good, ...change } })).toBe(false);
  }
});
