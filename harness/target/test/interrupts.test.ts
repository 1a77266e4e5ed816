// SPDX-License-Identifier: MIT
/** Interrupts find what only they can find: a trampoline that keeps something where an exception entry writes. */
import { describe, expect, test } from 'vitest';
import { judge } from '../../compare/judge.js';
import { lines, mutate, named, oneCase, target } from './subjects.js';

const text = (probe: string, modifier: string) => `
title: interrupted
why: test
functions:
  f: { prototype: 'u64 f(u64 a)', returns: a + 1 }
  g: { prototype: 'u64 g(u64 a)', returns: a + 2 }
probes: { watch: ${probe} }
steps: [{ register: watch }, { call: 'f(1)'${modifier} }]
`;
const ops = '{ ops: { on: [f, g] } }';
const graph = '{ graph: { on: [f, g] } }';
const every = ", interrupted: [{ call: 'g(7)' }]";

/** Correct without interrupts: only the order of two instructions is wrong. */
const mutants: readonly [arch: string, what: string, probe: string, from: string, to: string, at: RegExp][] =
  [
    [
      'arm64',
      'stores before it lowers SP',
      ops,
      '\tsub\tsp, sp, #(FREGS_SIZE + 32)\n\n\targument_registers stp, sp, FREGS_X0\n',
      `\tsub\tx10, sp, #(FREGS_SIZE + 32)
	argument_registers stp, x10, FREGS_X0
	sub\tsp, sp, #(FREGS_SIZE + 32)
	add\tx10, sp, #(FREGS_SIZE + 32)
`,
      /^ftrace_caller\+0x20 to ftrace_caller\+0x2c$/,
    ],
    [
      'arm64',
      'loads after it raised SP',
      ops,
      '\tldr\tx30, [sp, #FREGS_LR]\n\tldr\tx9, [sp, #FREGS_PC]\n\tadd\tsp, sp, #FREGS_SIZE + 32',
      `	add\tsp, sp, #FREGS_SIZE + 32
	ldr\tx30, [sp, #FREGS_LR-FREGS_SIZE-32]
	ldr\tx9, [sp, #FREGS_PC-FREGS_SIZE-32]
`,
      /^ftrace_caller\+/,
    ],
    [
      'x86_64',
      'loads the result after it raised SP',
      graph,
      '\tadd\t$(FREGS_SIZE+8), %rsp\n',
      '\tadd\t$(FREGS_SIZE+8), %rsp\n\tmov\t-FREGS_SIZE-8+FREGS_AX(%rsp), %rax\n',
      /^return_to_handler\+/,
    ],
  ];

describe('an interrupt before every instruction', () => {
  test.each(mutants)('%s: finds a trampoline that %s', (arch, _what, probe, from, to, at) => {
    const broken = target(mutate(named(arch), from, to));
    const plain = broken.run(oneCase(text(probe, '')));
    expect(lines(plain)).toEqual(lines(target(named(arch)).run(oneCase(text(probe, '')))));
    expect(lines(plain).join('\n')).not.toMatch(/transparency|fault/);

    const outcome = broken.run(oneCase(text(probe, every)));
    const disturbed = outcome.observations.filter(({ kind }) => kind === 'disturbed');
    expect(disturbed.length).toBeGreaterThan(0);
    expect(disturbed[0]?.fields).toMatchObject({ by: 'irq', at: expect.stringMatching(at) });
    const features = broken.features;
    expect(judge({ ...oneCase(text(probe, every)) }, { outcome, features })).toMatchObject({
      status: 'FAIL',
      reason: expect.stringMatching(/^irq at .* changes what is seen: /),
    });
  });

  test('does no harm to the sound trampolines, and sees the same each time', () => {
    const seen = lines(target(named('arm64')).run(oneCase(text(ops, every))));
    expect(seen).toHaveLength(6);
    expect(seen.join('\n')).not.toMatch(/disturbed|transparency/);
  });

  test('may leave its marks where they are counted, behind the call', () => {
    const program = text('{ fentry: { on: [f, g] } }', every).replace(
      /}\]\n$/,
      '}, { count: { nmissed: watch } }]\n',
    );
    const seen = lines(target(named('arm64')).run(oneCase(program)));
    // One for each instruction between the helpers around the program.
    expect(seen.at(-1)).toMatch(/^count.*nmissed.*value=[1-9]\d*$/);
    expect(seen.join('\n')).not.toMatch(/disturbed/);
  });

  test('comes only where it is asked for', () => {
    const at = (place: string) =>
      lines(
        target(named('arm64')).run(
          oneCase(text(graph, `, interrupted: { at: ${place}, does: [count: depth] }`)),
        ),
      ).filter((line) => line.startsWith('count'));
    expect(at('ftrace_caller')).toEqual([expect.stringContaining('-1')]);
    expect(at('return_to_handler')).toEqual([expect.stringContaining('0')]);
    expect(at('no_such_label')).toEqual([]);
    expect(at('every')).toHaveLength(3);
  });
});

test('explain shows the interrupts that saw something new, and each observation at its place in the outcome', () => {
  const subject = target(named('arm64'));
  const spec = oneCase(text(graph, ", interrupted: [{ call: 'g(7)' }]"));
  const { outcome, trace } = subject.explain(spec);
  expect(outcome).toEqual(subject.run(spec));
  const places = trace.flatMap((event) => (event.kind === 'observation' ? [event.place ?? -1] : []));
  expect([...places].sort((a, b) => a - b)).toEqual(outcome.observations.map((_, index) => index));
  const taken = trace.filter((event) => event.kind === 'event' && event.name === 'irq');
  expect(taken).toHaveLength(3);
  expect(trace.filter((event) => event.kind === 'instruction' && /^0x/.test(event.at))).toEqual([]);
});

describe('an interrupt in C code', () => {
  test('leaves registers and stack to whom it interrupts', () => {
    const outcome = target(named('s390')).run(
      oneCase(`
title: interrupted
why: test
functions:
  f: { prototype: 'u64 f(u64 a)', does: [irq: [call: 'g(2)', nmi: [call: 'g(3)']], { call: 'g(a)', as: r }], returns: r }
  g: { prototype: 'u64 g(u64 a)', returns: a + 2 }
probes: { watch: { graph: { on: [f, g], entry: false, exit: false } } }
steps: [{ register: watch }, { call: 'f(1)' }]
`),
    );
    expect(outcome.observations.map(({ kind }) => kind)).not.toContain('transparency');
    expect(lines(outcome).at(-1)).toMatch(/result.*3/);
  });
});
