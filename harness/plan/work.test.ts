// SPDX-License-Identifier: MIT
/** What a thread does, without a thread: with fakes, over a channel. */
import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { type FakeElsewhere, fakeTargets, fakeWiring, seen, spec } from '../cli/test/fakes.js';
import type { Ran, Ready, Share } from './share.js';
import { loadTargets } from './targets.js';
import { work } from './work.js';

const SUBJECT = 'alpha@7.2/qemu-user';
const cases = Array.from({ length: 40 }, (_, row) => spec(`c.${row}`));

function shareOf(underWay = new Int32Array(new SharedArrayBuffer(4))): Share {
  return { cases, underWay, done: 0, lost: [] };
}

/** What was heard and said until the thread ended, and the error it ended with. */
async function worked(
  share: Share | null,
  elsewhere: Omit<FakeElsewhere, 'heard'> = {},
  on: (what: string, stop: Int32Array) => void = () => {},
) {
  const heard: string[] = [];
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const hear = (what: string) => {
    if (heard.at(-1) !== what) heard.push(what);
    on(what, stop);
  };
  const archs = {
    alpha: {
      short: 'al',
      answer: () => [seen('result', { value: '1' })],
      targets: { 'qemu-user': { ...elsewhere, heard: hear } },
    },
  };
  const { port1, port2 } = new MessageChannel();
  const said: (Ready | Ran)[] = [];
  port1.on('message', (message) => said.push(message));
  port1.postMessage(share);
  const error = await work(
    port2,
    { worker: 0, subjects: [SUBJECT], stop },
    {
      backends: fakeWiring(archs).backends,
      targets: (wanted) => loadTargets(wanted, fakeTargets(archs)),
    },
  ).then(
    () => null,
    (reason: unknown) => reason,
  );
  port2.close();
  await once(port1, 'close');
  const outcomes = said.flatMap((one) => (one.kind === 'ran' ? one.outcomes : []));
  return { heard, said, ran: outcomes.filter((list) => list.length > 0).length, error };
}

describe('the targets of a thread are closed', () => {
  test('when its cases are done', async () => {
    const { heard, ran } = await worked(shareOf());
    expect(ran).toBe(40);
    expect(heard).toEqual(['prepare', 'run', 'close']);
  });

  test('when there will be no cases', async () => {
    const { heard, said } = await worked(null);
    expect(heard).toEqual(['prepare', 'close']);
    expect(said).toEqual([]);
  });

  test('after the case under way, when it is asked to end', async () => {
    let left = 20;
    const { heard, ran } = await worked(shareOf(), {}, (what, stop) => {
      if (what === 'run' && --left === 0) Atomics.store(stop, 0, 1);
    });
    expect(ran).toBe(20);
    expect(heard.at(-1)).toBe('close');
  });

  test('when something breaks that no person is told of', async () => {
    const { heard, error } = await worked(shareOf(), {}, (what) => {
      if (what === 'prepare') throw new TypeError('a fault');
    });
    expect(error).toEqual(new TypeError('a fault'));
    expect(heard).toEqual(['prepare', 'close']);
  });
});

test('what cannot be started is not made ready, and gives its reason for every case', async () => {
  const { heard, said, ran } = await worked(shareOf(), { lacks: 'no emulator; apt install it' });
  expect(heard).toEqual([]);
  expect(ran).toBe(40);
  expect(said[0]).toEqual({ kind: 'ready', broken: null });
  expect(said[1]).toMatchObject({
    outcomes: expect.arrayContaining([
      [expect.objectContaining({ end: { kind: 'skipped', why: 'no emulator; apt install it' } })],
    ]),
  });
});
