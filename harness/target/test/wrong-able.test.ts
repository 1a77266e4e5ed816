// SPDX-License-Identifier: MIT
/** The model can be wrong: a trampoline that forgets something shows it, on that architecture alone. */
import { describe, expect, test } from 'vitest';
import type { LoadedBackend } from '../../backend/contract.js';
import { backends, lines, mutate, named, oneCase, target } from './subjects.js';

const watched = oneCase(`
title: every argument and the result
why: test
functions:
  f: { prototype: 'u64 f(u64 a, u64 b, u64 c, u64 d, u64 e, u64 g)', returns: a + b + c + d + e + g }
probes:
  watch: { fprobe: { on: [f], entry: [{ read: [stack_pointer, instruction_pointer, return_address] }], exit: true } }
steps: [{ register: watch }, { call: 'f(1, 2, 3, 4, 5, 6)' }]
`);

/** One forgotten or misplaced thing each, and a word of what must be seen. */
const mutants: readonly [arch: string, what: string, from: string, to: string, seen: RegExp][] = [
  [
    'arm64',
    'x4 and x5 not saved',
    'op\tx4, x5, [\\base, #\\offset + 32]',
    'op\tx4, x4, [\\base, #\\offset + 32]',
    /arguments=1,2,3,4,5,5|argument 5 changed/,
  ],
  ['arm64', 'x8 used as scratch, fp lost', 'ldr\tx29, [sp, #FREGS_FP]', 'nop', /preserved register x29/],
  [
    'arm64',
    'SP not restored',
    'add\tsp, sp, #FREGS_SIZE + 32\t/* a',
    'add\tsp, sp, #FREGS_SIZE + 16\t/* a',
    /stack pointer is off by -16 at entry/,
  ],
  ['arm64', 'lr field not written', 'str\tx9, [sp, #FREGS_LR]', 'nop', /return_address=stale|fault/],
  [
    'arm64',
    'return hook forgets x0',
    'mov\tx30, x0\t\t\t\t/* original',
    'mov\tx30, x0\n\targument_registers stp, sp, FREGS_X0\t/* original',
    /result function=f value=stale|did not receive|fault|transparency/,
  ],
  [
    'riscv',
    'a5 neither saved nor restored',
    '\\op\ta5, (\\offset + 40)(sp)',
    '\\op\ta4, (\\offset + 40)(sp)',
    /argument 5 changed|stale/,
  ],
  [
    's390',
    'r6 not saved',
    'stmg\t%r2, %r14, STACK_FREGS_GPRS+2*8(%r15)',
    'stmg\t%r2, %r5, STACK_FREGS_GPRS+2*8(%r15)',
    /arguments=1,2,3,4,stale|fault|transparency/,
  ],
  [
    's390',
    'r15 not restored',
    'lmg\t%r2, %r15, STACK_FREGS_GPRS+2*8(%r15)',
    'lmg\t%r2, %r14, STACK_FREGS_GPRS+2*8(%r15)',
    /stack pointer is off by -384 at entry|fault/,
  ],
  [
    's390',
    'direct slot not cleared',
    'xc\tSTACK_FREGS_ORIG_GPR2(8, %r15), STACK_FREGS_ORIG_GPR2(%r15)',
    'lgr\t%r1, %r1',
    /fault/,
  ],
  [
    's390',
    'return hook forgets r2',
    'lgr\t%r14, %r2\t\t\t/* original return address */\n\tlmg\t%r2, %r5, 32(%r15)',
    'lgr\t%r14, %r2\t\t\t/* original return address */\n\tlmg\t%r3, %r5, 40(%r15)',
    /did not receive|fault|transparency/,
  ],
  ['x86_64', 'rdi not restored', 'mov\tFREGS_DI(%rsp), %rdi', 'nop', /argument 0 changed|fault/],
];

describe('a trampoline that forgets something', () => {
  test.each(mutants)('%s: %s', (arch, _what, from, to, seen) => {
    const sane = lines(target(named(arch)).run(watched));
    expect(sane.join('\n')).not.toMatch(/transparency|fault|stale/);
    const broken = lines(target(mutate(named(arch), from, to)).run(watched));
    expect(broken.join('\n')).toMatch(seen);
  });

  test('every back-end passes unmutated', () => {
    for (const loaded of backends) {
      expect(lines(target(loaded).run(watched)).filter((line) => /^(transparency|fault)/.test(line))).toEqual(
        [],
      );
    }
  });
});

describe('a trampoline with a modify-return program', () => {
  const failed = oneCase(`
title: a function kept from running
why: test
functions: { f: { prototype: u64 f(u64 a), error_injection: true, returns: a } }
probes: { fail: { fmod_ret: { on: [f], returns: 7 } }, after: { fexit: { on: [f] } } }
steps: [{ register: [fail, after] }, { call: f(1) }]
`);
  const branches: readonly [arch: string, from: string, to: string][] = [
    ['arm64', 'cbnz\tx10, \\exit', 'nop'],
    ['loongarch', 'bnez\t$t1, \\exit', 'nop'],
    ['powerpc', 'bne\t\\exit', 'nop'],
    ['riscv', 'bnez\tt1, \\exit', 'nop'],
    ['s390', 'brcl\t7, \\exit', 'brcl\t0, \\exit'],
    ['x86_64', 'jne\t4f', 'nop'],
  ];
  const ran = (loaded: LoadedBackend) =>
    lines(target(loaded).run(failed)).some((line) => line.startsWith('body'));

  test.each(branches)('%s: without its branch runs the function', (arch, from, to) => {
    expect(ran(named(arch))).toBe(false);
    expect(ran(mutate(named(arch), from, to))).toBe(true);
  });

  const counters: readonly [arch: string, from: string, register: string][] = [
    ['loongarch', 'ld.d\t$s1, $sp, BPF_S1', 's1'],
    ['powerpc', 'ld\tr26, BPF_SAVED + 8(r1)', 'r26'],
    ['riscv', 'ld\ts1, BPF_S1(sp)', 's1'],
    ['s390', 'lmg\t%r7, %r8, BPF_R7_R8(%r15)', 'r7'],
    ['x86_64', 'mov\tBPF_RBX(%rsp), %rbx', 'rbx'],
  ];
  test.each(counters)('%s: is held to what it must preserve', (arch, from, register) => {
    const broken = lines(
      target(mutate(named(arch), from, from.includes('%r15') ? 'lgr\t%r1, %r1' : 'nop')).run(failed),
    ).join();
    expect(broken).toContain(`preserved register ${register} changed across the call`);
  });
});

describe('a callback that is given another ops', () => {
  const called = oneCase(`
title: two callbacks, each alone on its function
why: test
functions: { f: { prototype: u64 f(u64 a), returns: a }, g: { prototype: u64 g(u64 a), returns: a } }
probes: { watch: { ops: { on: [f] } }, other: { ops: { on: [g] } } }
steps: [{ register: [other, watch] }, { call: f(1) }]
`);
  const probesOf = (loaded: LoadedBackend) =>
    lines(target(loaded).run(called))
      .filter((line) => line.startsWith('entry'))
      .join();

  test('takes itself for that one', () => {
    const load = 'ldr\tx4, [x2, #FTRACE_OPS_FUNC]';
    const other = `${load}\n\tadrp\tx2, function_trace_op\n\tldr\tx2, [x2, #:lo12:function_trace_op]`;
    expect(probesOf(named('arm64'))).toContain('probe=watch');
    // The variable keeps the ops that was alone when the trampoline last called one by itself.
    expect(probesOf(mutate(named('arm64'), load, other))).toContain('probe=other');
  });
});

describe('a trampoline that runs away', () => {
  const crash = (from: string, to: string) => target(mutate(named('arm64'), from, to)).run(watched);
  const hook = 'mov\tx0, sp\t\t\t\t/* fregs */';

  test('spends its budget', () => {
    const outcome = crash(hook, `1:\tb\t1b\n\t${hook}`);
    expect(outcome.end).toMatchObject({ kind: 'crashed', why: expect.stringContaining('budget') });
    expect(outcome.observations.at(-1)?.kind).toBe('fault');
  });

  test('jumps to nowhere', () => {
    const outcome = crash(hook, 'br\tx11');
    expect(outcome.end).toMatchObject({ kind: 'crashed', why: expect.stringMatching(/^fault: .*jump/) });
  });

  test('writes below the stack', () => {
    const outcome = crash(hook, 'mov\tsp, x18\n\tstr\tx0, [sp]');
    expect(outcome.end.kind).toBe('crashed');
  });

  test('calls C with a misaligned stack', () => {
    const outcome = crash(hook, 'mov\tx0, sp\n\tsub\tsp, sp, #8');
    expect(outcome.end).toMatchObject({ kind: 'crashed', why: expect.stringContaining('misaligned') });
  });

  test('returns to the wrong place', () => {
    const outcome = crash('mov\tx30, x0\t\t\t\t/* original return address */', 'nop');
    expect(outcome.end.kind).toBe('crashed');
  });

  test('hits a trap', () => {
    expect(crash(hook, 'brk\t#1').end).toMatchObject({
      kind: 'crashed',
      why: expect.stringContaining('trap'),
    });
  });
});
