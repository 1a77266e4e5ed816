// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import type { LoadedBackend } from '../backend/contract.js';
import { parseCases } from '../case/parse.js';
import { Problems } from './problem.js';
import { checkVocabulary } from './vocabulary.js';

const named = (...names: string[]) => ({ fields: names.map((name) => ({ name })) });
const backend = (arch: string, revisions: string[], parts: object) =>
  ({
    backend: { arch, revisions, registers: { aliases: {} }, ...parts },
    sources: [],
  }) as unknown as LoadedBackend;
const backends = [
  backend('alpha', ['6.12', '7.2'], {
    registers: { aliases: { gpr14: 'r14' } },
    features: { FPROBE: { '7.2': true }, KPROBES: {} },
    layouts: {
      // A field of one revision only is a field.
      ftraceRegs: ({ revision }: { revision: string }) =>
        named('r14', ...(revision === '6.12' ? ['old'] : [])),
      ptRegs: () => named('pc', 'orig_r2'),
    },
  }),
  backend('beta', ['7.2'], {
    features: { LIVEPATCH: {} },
    layouts: { ftraceRegs: () => named('ra'), ptRegs: () => named('epc') },
  }),
];

const text = (parts: {
  requires?: string;
  reads?: string;
  sets?: string;
  on?: string;
  for?: string;
}) => `title: A case
why: it must
${parts.for === undefined ? '' : `for:\n  ${parts.for}\n`}requires: [${parts.requires ?? ''}]
functions:
  f: { prototype: u64 f(u64 a), returns: a }
probes:
  watch:
    fprobe:
      on: [f]
      entry:
        - read: [stack_pointer${parts.reads === undefined ? '' : `, ${parts.reads}`}]
        - set: { ${parts.sets ?? 'return_value'}: 1 }
      exit: true
steps:
  - register: watch
  - call: f(1)
expect:
  - result: 1
divergences:
  - on: ${parts.on ?? '{ arch: alpha }'}
    because: alhpa is as it is
    source: the manual
    replace:
      1: { result: { value: 2 } }
`;

const told = (parts: Parameters<typeof text>[0]): string[] => {
  const { cases } = parseCases('cases/c.yaml', text(parts), 'c');
  try {
    checkVocabulary(cases, backends);
    return [];
  } catch (error) {
    if (error instanceof Problems) return [...error.texts];
    throw error;
  }
};

describe('known', () => {
  test.each([
    [{ requires: 'FPROBE, KPROBES, LIVEPATCH' }],
    [{ requires: 'ftrace_regs_get_return_address, fprobe.nr_maxactive' }],
    [{ on: '{ arch: [alpha, beta], revision: 6.12, feature: LIVEPATCH, lacks: KPROBES }' }],
    [
      {
        reads:
          'field(r14), field(gpr14), field(old), field(ra), regs(pc), partial_regs(epc), perf_regs(orig_r2)',
      },
    ],
    [{ sets: 'field(ra)' }],
    [{ reads: 'register_offset(no_such_register)' }],
  ])('%j', (parts) => expect(told(parts)).toEqual([]));
});

describe('unknown', () => {
  test('required', () => {
    expect(told({ requires: 'FPROBE, FPORBE' })).toMatchInlineSnapshot(`
      [
        "cases/c.yaml:3:20: no back-end has a feature \`FPORBE\`
          3 | requires: [FPROBE, FPORBE]
            |                    ^
        did you mean \`FPROBE\`?",
      ]
    `);
  });
  test('required, out of a parameter of `for:`', () => {
    const rows = '- { id: a, what: FPROBE }\n  - { id: b, what: FPORBE }';
    expect(told({ for: rows, requires: `'\${what}'` })).toMatchInlineSnapshot(`
      [
        "cases/c.yaml:6:11: no back-end has a feature \`FPORBE\`
          6 | requires: ['\${what}']
            |           ^
        did you mean \`FPROBE\`?",
      ]
    `);
  });
  test('in the conditions of a divergence, not in its prose', () => {
    expect(
      told({ on: '{ arch: [alpha, alhpa], revision: 6.21, feature: FPRB, lacks: [KPROBES, LIVEPACTH] }' }),
    ).toMatchInlineSnapshot(`
      [
        "cases/c.yaml:20:25: no back-end is called \`alhpa\`
         20 |   - on: { arch: [alpha, alhpa], revision: 6.21, feature: FPRB, lacks: […
            |                         ^
        did you mean \`alpha\`?",
        "cases/c.yaml:20:43: no back-end models the revision \`6.21\`
         20 |   - on: { arch: [alpha, alhpa], revision: 6.21, feature: FPRB, lacks: […
            |                                           ^
        did you mean \`6.12\`?",
        "cases/c.yaml:20:58: no back-end has a feature \`FPRB\`
         20 |   - on: { arch: [alpha, alhpa], revision: 6.21, feature: FPRB, lacks: […
            |                                                          ^
        \`ftrace-conform features\` lists what there is",
        "cases/c.yaml:20:81: no back-end has a feature \`LIVEPACTH\`
         20 | …, alhpa], revision: 6.21, feature: FPRB, lacks: [KPROBES, LIVEPACTH] }
            |                                                            ^
        did you mean \`LIVEPATCH\`?",
      ]
    `);
  });
  test('fields that are read or set', () => {
    expect(
      told({ reads: 'field(r41), regs(gpc), partial_regs(r14), perf_regs(ra)', sets: 'field(pc)' }),
    ).toMatchInlineSnapshot(`
      [
        "cases/c.yaml:11:33: no back-end's ftrace_regs has a field \`r41\`
         11 |         - read: [stack_pointer, field(r41), regs(gpc), partial_regs(r14…
            |                                 ^
        did you mean \`r14\`?",
        "cases/c.yaml:11:45: no back-end's pt_regs has a field \`gpc\`
         11 |         - read: [stack_pointer, field(r41), regs(gpc), partial_regs(r14…
            |                                             ^
        did you mean \`epc\`?",
        "cases/c.yaml:11:56: no back-end's pt_regs has a field \`r14\`
         11 |         - read: [stack_pointer, field(r41), regs(gpc), partial_regs(r14…
            |                                                        ^
        pt_regs fields are epc, orig_r2, pc",
        "cases/c.yaml:11:75: no back-end's pt_regs has a field \`ra\`
         11 | …tack_pointer, field(r41), regs(gpc), partial_regs(r14), perf_regs(ra)]
            |                                                          ^
        pt_regs fields are epc, orig_r2, pc",
        "cases/c.yaml:12:18: no back-end's ftrace_regs has a field \`pc\`
         12 |         - set: { field(pc): 1 }
            |                  ^
        ftrace_regs fields are old, r14, ra",
      ]
    `);
  });
  test('once for all cases of a family', () => {
    const rows = '- { id: a, what: FPROBE }\n  - { id: b, what: FPROBE }';
    expect(told({ for: rows, requires: `'\${what}', FPORBE` })).toHaveLength(1);
  });
});
