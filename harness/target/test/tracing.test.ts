// SPDX-License-Identifier: MIT
/** The trace of explain: which stores are called fields of ftrace_regs. */
import { expect, test } from 'vitest';
import { named, oneCase, target } from './subjects.js';

const spec = oneCase(`
title: a direct call alone, then beside a callback
why: test
requires: [DYNAMIC_FTRACE_WITH_DIRECT_CALLS]
functions: { f: { prototype: u64 f(u64 a), returns: a + 1 } }
probes:
  direct: { direct: { on: [f] } }
  watch: { ops: { on: [f] } }
steps: [{ register: direct }, { call: f(1) }, { register: watch }, { call: f(2) }]
`);

test.each(['arm64', 'powerpc', 's390', 'x86_64'])(
  '%s: those of the call that a callback is told of',
  (arch) => {
    const fields = new Map<number, string[]>([
      [1, []],
      [2, []],
    ]);
    let call = 1;
    for (const event of target(named(arch)).explain(spec).trace) {
      if (event.kind === 'observation' && event.text.startsWith('result')) call++;
      if (event.kind !== 'instruction') continue;
      fields
        .get(call)
        ?.push(...event.stores.map(([place]) => place).filter((place) => place.startsWith('fregs->')));
    }
    expect(fields.get(1)).toEqual([]);
    expect(fields.get(2)?.length).toBeGreaterThan(5);
  },
);
