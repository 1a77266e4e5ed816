// SPDX-License-Identifier: MIT
/** The manager's filter for all sets of graph users, against what rebuild_hashes of linux 7.2 says in words. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matches } from '../dispatch.js';
import { managerHashes } from '../graph/subops.js';

const ips = [0x10n, 0x20n, 0x30n, 0x40n];
const hash = fc.subarray(ips).map((list) => new Set(list));
const users = fc.array(fc.record({ filter: hash, notrace: hash }), { minLength: 1, maxLength: 4 });

test('a function any user traces is traced by the manager', () => {
  fc.assert(
    fc.property(users, (list) => {
      const manager = managerHashes(list);
      for (const ip of ips)
        if (list.some((user) => matches(user, ip))) expect(matches(manager, ip)).toBe(true);
    }),
  );
});

test('one user with a filter: its own notrace is taken out', () => {
  const { filter, notrace } = managerHashes([{ filter: new Set([0x10n, 0x20n]), notrace: new Set([0x20n]) }]);
  expect([...filter]).toEqual([0x10n]);
  expect(notrace.size).toBe(0);
});

test('no function left over is not every function', () => {
  const manager = managerHashes([{ filter: new Set([0x10n]), notrace: new Set([0x10n]) }]);
  expect(ips.filter((ip) => matches(manager, ip))).toEqual([]);
});

test('one of several users traces everything: notrace is what all refuse', () => {
  const { filter, notrace } = managerHashes([
    { filter: new Set(), notrace: new Set([0x10n, 0x20n]) },
    { filter: new Set([0x30n]), notrace: new Set([0x20n]) },
  ]);
  expect(filter.size).toBe(0);
  expect([...notrace]).toEqual([0x20n]);
});

test('none traces everything: the union, and no notrace', () => {
  const { filter, notrace } = managerHashes([
    { filter: new Set([0x10n, 0x20n]), notrace: new Set([0x20n]) },
    { filter: new Set([0x30n]), notrace: new Set() },
  ]);
  expect([...filter].sort()).toEqual([0x10n, 0x30n]);
  expect(notrace.size).toBe(0);
});
