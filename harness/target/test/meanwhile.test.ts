// SPDX-License-Identifier: MIT
/** What other CPUs see between stores: a protocol that tears an instruction apart is found, and only so. */
import { describe, expect, test } from 'vitest';
import type { LoadedBackend, Patch, PatchStore } from '../../backend/contract.js';
import { createModelTarget } from '../model/model.js';
import { lines, named, oneCase } from './subjects.js';

const text = (modifier: string) => `
title: patched
why: test
functions:
  f: { prototype: 'u64 f(u64 a)', returns: a + 1 }
probes: { watch: { ops: { on: [f] } } }
steps: [{ register: watch${modifier} }, { call: 'f(1)' }, { unregister: watch${modifier} }, { call: 'f(1)' }]
`;
const meanwhile = oneCase(text(", meanwhile: [{ call: 'f(2)' }]"));
const alone = oneCase(text(''));

/** A back-end whose patch functions make other stores than they should. */
function withStores(
  loaded: LoadedBackend,
  change: (stores: readonly PatchStore[]) => PatchStore[],
): LoadedBackend {
  const changed = (patch: Patch): Patch => ('error' in patch ? patch : { stores: change(patch.stores) });
  const { callsite } = loaded.backend;
  return {
    ...loaded,
    backend: {
      ...loaded.backend,
      callsite: {
        ...callsite,
        makeCall: (site, target) => changed(callsite.makeCall(site, target)),
        makeNop: (site, target) => changed(callsite.makeNop(site, target)),
      },
    },
  };
}

/** Each half of a store by itself. */
function halves(stores: readonly PatchStore[]): PatchStore[] {
  return stores.flatMap(({ address, bytes }) => [
    { address, bytes: bytes.slice(0, bytes.length / 2) },
    { address: address + BigInt(bytes.length / 2), bytes: bytes.slice(bytes.length / 2) },
  ]);
}

describe('between the stores of a code update', () => {
  test('the breakpoint protects the bytes behind it', () => {
    const torn = withStores(named('x86_64'), (stores) =>
      stores.filter(({ instead }) => instead === undefined),
    );
    expect(lines(createModelTarget(torn, '7.2').run(alone)).join('\n')).not.toMatch(/fault/);
    expect(createModelTarget(torn, '7.2').run(meanwhile).end).toMatchObject({ kind: 'crashed' });
  });

  test('a breakpoint that nobody emulates is fatal', () => {
    const bare = withStores(named('x86_64'), (stores) =>
      stores.map(({ address, bytes }) => ({ address, bytes })),
    );
    expect(createModelTarget(bare, '7.2').run(alone).end.kind).toBe('completed');
    expect(createModelTarget(bare, '7.2').run(meanwhile).end).toMatchObject({
      kind: 'crashed',
      why: expect.stringContaining('trap'),
    });
  });

  test('two words under stop_machine may be torn, without it they may not', () => {
    const torn = withStores(named('riscv'), halves);
    expect(createModelTarget(torn, '6.12').run(meanwhile).end.kind).toBe('completed');
    const { stopsMachine: _, ...callsite } = torn.backend.callsite;
    const running = { ...torn, backend: { ...torn.backend, callsite } };
    expect(createModelTarget(running, '6.12').run(alone).end.kind).toBe('completed');
    expect(createModelTarget(running, '6.12').run(meanwhile).end.kind).toBe('crashed');
  });

  test('nobody else sees the calls of the other CPU as its own', () => {
    const seen = lines(createModelTarget(named('arm64'), '7.2').run(meanwhile));
    expect(
      seen.filter((line) => line.startsWith('entry')).map((line) => /parent=\w+/.exec(line)?.[0]),
    ).toEqual(['parent=other_cpu', 'parent=caller', 'parent=other_cpu']);
  });
});
