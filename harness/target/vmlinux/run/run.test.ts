// SPDX-License-Identifier: MIT
/**
 * Kernel images that are stored here, as targets: outcomes as in the model, from their own trampolines. That those are what
 * runs is shown by breaking one.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createModelTarget } from '../../model/model.js';
import type { Outcome } from '../../outcome.js';
import { silent } from '../../session/host.js';
import { runCase } from '../../session/run-case.js';
import { backends, oneCase } from '../../test/subjects.js';
import { storedKernel } from '../check/kernel.js';
import { kernelsPlace } from '../store/place.js';
import { openKernel } from '../store/store.js';
import { createVmlinuxHost, type VmlinuxHost } from './host.js';
import { vmlinuxLacks } from './target.js';

const PATIENCE = 120_000;

const seen = ({ end, observations }: Outcome) => ({ end, observations });

const watched = oneCase(`
title: every argument and the result
why: test
functions:
  f: { prototype: 'u64 f(u64 a, u64 b, u64 c, u64 d, u64 e, u64 g)', returns: a + b + c + d + e + g }
probes:
  watch: { fprobe: { on: [f], entry: true, exit: true } }
steps: [{ register: watch }, { call: 'f(1, 2, 3, 4, 5, 6)' }]
`);

const place = kernelsPlace({ environment: process.env, cwd: process.cwd() });

describe.each(backends.map((loaded) => [loaded.backend.arch, loaded] as const))('%s', (arch, loaded) => {
  const { backend } = loaded;

  test.each(backend.vmlinux.run.privileged.map((one) => [one.text, one] as const))(
    '%s: the value has no bits beyond the mask',
    (_text, { mask, value }) => expect((value & mask) >>> 0).toBe(value),
  );

  test('without a stored kernel it says how to get one', () => {
    const lacks = vmlinuxLacks(loaded, '7.2', { kernels: '/nonexistent', images: [] });
    expect(lacks).toMatch(/kernels fetch|npm run setup:real/);
  });

  const why = vmlinuxLacks(loaded, '7.2');
  if (why !== null) {
    console.warn(`Skipped: ${why}`);
    test.skip(why);
    return;
  }

  // To unpack an image takes seconds: one for all.
  let host: VmlinuxHost;
  beforeAll(() => {
    const stored = openKernel(place, arch, '7.2');
    if (stored !== null)
      host = createVmlinuxHost(loaded, storedKernel(backend, '7.2', stored), { patience: 2000 });
  }, PATIENCE);
  afterAll(() => host.machine.emulation.end());
  const id = { arch, revision: '7.2', target: 'vmlinux' };
  const run = (before: () => void) =>
    runCase(host, watched, silent, id, () => {
      host.machine.reset();
      before();
    }).outcome;

  test('sees what the model sees', () => {
    const outcome = run(() => {});
    expect(outcome.end.kind).toBe('completed');
    expect(seen(outcome)).toEqual(seen(createModelTarget(loaded, '7.2').run(watched)));
  });

  test.each(['ftrace_caller', 'return_to_handler'])(
    'a broken %s of the image is seen',
    (name) => {
      const broken = run(() => host.machine.store(host.symbols.get(name) ?? 0n, new Uint8Array(16)));
      expect(broken.end.kind).toBe('crashed');
      expect(run(() => {}).end.kind).toBe('completed');
    },
    PATIENCE,
  );
});
