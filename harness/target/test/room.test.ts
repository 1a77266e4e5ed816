// SPDX-License-Identifier: MIT
/** What a case needs more of than there is ends it as an error of the case, never as a fault of the subject. */
import { expect, test } from 'vitest';
import { backends, oneCase, target } from './subjects.js';

/** Every change of a direct call's target registers an ops that has a trampoline of its own where there are such. */
const direct = (changes: number) =>
  oneCase(`
title: a direct call takes another target again and again
why: test
requires: [DYNAMIC_FTRACE_WITH_DIRECT_CALLS]
functions: { f: { prototype: u64 f(u64 a), returns: a + 1 } }
probes:
  direct: { direct: { on: [f] } }
  other: { direct: { on: [f] } }
steps:
  - register: direct
${'  - modify_direct: { probe: direct, to: other }\n'.repeat(changes)}
  - call: f(1)
`);

const object = (sizes: readonly number[]) =>
  oneCase(`
title: an object of some size
why: test
objects: { ${sizes.map((size, index) => `o${index}: ${size}`).join(', ')} }
functions: { f: { prototype: 'u64 f(void *a)', returns: 1 } }
probes: { watch: { ops: { on: [f] } } }
steps: [{ register: watch }, { call: 'f(&o0)' }]
`);

test('a direct call may change its target as often as one likes, on every back-end', () => {
  for (const loaded of backends) {
    expect(target(loaded).run(direct(100)).end).toEqual({ kind: 'completed' });
  }
});

test('the largest object that a case may declare fits, four do not', () => {
  for (const loaded of backends) {
    expect(target(loaded).run(object([65536])).end).toEqual({ kind: 'completed' });
    expect(target(loaded).run(object([65536, 65536, 65536, 65536])).end).toEqual({
      kind: 'error',
      why: 'the case needs more kernel data than there is',
    });
  }
});

test('a kprobe may come and go as often as one likes, on every back-end', () => {
  const comesAndGoes = oneCase(`
title: a kprobe registered and unregistered again and again
why: test
functions: { f: { prototype: u64 f(u64 a), returns: a } }
probes: { k: { kprobe: { on: [f], entry: true } } }
steps:
${'  - register: k\n  - unregister: k\n'.repeat(40)}
  - register: k
  - call: f(1)
`);
  for (const loaded of backends) {
    const { end, observations } = target(loaded).run(comesAndGoes);
    expect(end).toEqual({ kind: 'completed' });
    expect(observations.map(({ kind }) => kind)).toEqual(['entry', 'body', 'result']);
  }
});
