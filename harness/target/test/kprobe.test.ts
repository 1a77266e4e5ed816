// SPDX-License-Identifier: MIT
/**
 * Kprobes and kretprobes by execution: that trampolines of hooked returns and the tables of kprobes can be wrong, and that
 * what the models do not know is no verdict.
 */
import { describe, expect, test } from 'vitest';
import type { Kprobes, LoadedBackend } from '../../backend/contract.js';
import { backends, lines, mutate, named, oneCase, target } from './subjects.js';

const hooked = oneCase(`
title: a hooked return
why: test
functions:
  f: { prototype: 'u128 f(u64 a)', returns: a + 0x10000000000000000 }
probes:
  r: { kretprobe: { on: [f], entry: true, exit: [read: [stack_pointer, instruction_pointer]] } }
steps: [{ register: r }, { call: f(5) }]
`);

const probed = oneCase(`
title: a probed function
why: test
functions:
  f: { prototype: 'u64 f(u64 a, u64 b)', returns: a + b }
probes:
  k: { kprobe: { on: [f], entry: [read: [instruction_pointer]], post: [read: [instruction_pointer]] } }
steps: [{ register: k }, { call: 'f(1, 2)' }]
`);

const kretprobed = backends.filter(({ backend }) => backend.features.KRETPROBES?.['7.2']);

/** One forgotten thing each, and a word of what must be seen. */
const mutants: readonly [arch: string, what: string, from: string, to: string, seen: RegExp][] = [
  [
    'x86_64',
    'rax lost',
    '\tpop\t%r8\n\tpop\t%rax\n\tpop\t%rcx\n\tpop\t%rdx\n\tpop\t%rsi\n\tpop\t%rdi\n\tadd\t$24',
    '\tpop\t%r8\n\tadd\t$8, %rsp\n\tpop\t%rcx\n\tpop\t%rdx\n\tpop\t%rsi\n\tpop\t%rdi\n\tadd\t$24',
    /did not receive what the body returned/,
  ],
  [
    'riscv',
    'SP not put back',
    '\tld\tt0, PT_T0(sp)\n\tother_registers ld\n\taddi\tsp, sp, PT_REGS_SIZE\n\tret',
    '\tld\tt0, PT_T0(sp)\n\tother_registers ld\n\tret',
    /stack pointer is off by -288/,
  ],
  [
    'riscv',
    'the real address not taken',
    'mv\tra, a0\t\t\t\t/* the true return address */\n\tld\tt0, PT_T0(sp)',
    'nop\n\tld\tt0, PT_T0(sp)',
    /fault/,
  ],
  ['s390', 'the PSW not copied', 'mvc\t0(16, %r7), STACK_FREGS_PSW(%r15)', 'lgr\t%r1, %r1', /fault/],
  [
    'loongarch',
    'nothing reloaded',
    'base_registers ld.d\n\tld.d\t$t0, $sp, PT_CSR_CRMD',
    'ld.d\t$t0, $sp, PT_CSR_CRMD',
    /did not receive what the body returned/,
  ],
  [
    'powerpc',
    'the exception forgets r3 and r4',
    '\tgprs\tld, 0, 2\n\targument_gprs ld',
    '\tgprs\tld, 0, 2',
    /did not receive what the body returned/,
  ],
  [
    'powerpc',
    'the exception resumes at the trap',
    '\tmtsrr0\tr3\n\tld\tr3, REGS + PT_MSR(r1)',
    '\tld\tr3, REGS + PT_MSR(r1)',
    /fault/,
  ],
  [
    'arm64',
    'no breakpoint where the function returns to',
    'brk\t#7\t\t\t\t/* the exception',
    'ret\t\t\t\t/* the exception',
    /fault/,
  ],
];

describe('a hooked return', () => {
  test.each(mutants)('%s: %s', (arch, _what, from, to, seen) => {
    expect(lines(target(named(arch)).run(hooked)).join('\n')).not.toMatch(/transparency|fault|stale/);
    expect(lines(target(mutate(named(arch), from, to)).run(hooked)).join('\n')).toMatch(seen);
  });

  test.each(kretprobed.map((loaded) => [loaded.backend.arch, loaded] as const))(
    '%s: shows entry, body, exit and result',
    (_arch, loaded) => {
      const seen = lines(target(loaded).run(hooked));
      expect(seen.map((line) => line.split(' ')[0])).toEqual(['entry', 'body', 'exit', 'result']);
      expect(seen[3]).toContain('value=18446744073709551621');
    },
  );
});

const withKprobes = (loaded: LoadedBackend, kprobes: Partial<Kprobes>): LoadedBackend => ({
  ...loaded,
  backend: { ...loaded.backend, kprobes: { ...loaded.backend.kprobes, ...kprobes } },
});

describe('a kprobe', () => {
  test('on a call site goes on where the table says', () => {
    const loaded = named('x86_64');
    const { ftrace } = loaded.backend.kprobes;
    const wrong = withKprobes(loaded, { ftrace: ftrace && { ...ftrace, resume: (found) => found + 1n } });
    expect(lines(target(wrong).run(probed)).join('\n')).toMatch(/fault/);
    const shown = withKprobes(loaded, { ftrace: ftrace && { ...ftrace, pre: (_found, ip) => ip } });
    expect(lines(target(shown).run(probed))[0]).toMatch(/instruction_pointer=f$/);
  });

  test('by breakpoint executes the instruction that it has displaced', () => {
    const loaded = named('arm64');
    const { prepare } = loaded.backend.kprobes;
    const lost = withKprobes(loaded, {
      prepare: (machine, at, symbol) => {
        const made = prepare(machine, at, symbol);
        if (typeof made === 'number' || !made.slot) return made;
        const bytes = made.slot.bytes.slice();
        bytes.set(machine.load(at + 4n, 4));
        return { ...made, slot: { ...made.slot, bytes } };
      },
    });
    const beside = oneCase(`
title: a probed and traced function
why: test
functions:
  f: { prototype: 'u64 f(u64 a)', returns: a }
probes:
  k: { kprobe: { on: [f], entry: true } }
  watch: { ops: { on: [f] } }
steps: [{ register: [k, watch] }, { call: f(1) }]
`);
    expect(lines(target(loaded).run(beside)).join('\n')).toMatch(/entry probe=watch .*parent=caller/);
    expect(lines(target(lost).run(beside)).join('\n')).not.toMatch(/entry probe=watch .*parent=caller/);
  });

  test('by breakpoint gets every register back from the pt_regs', () => {
    const loaded = named('arm64');
    const ptRegs = loaded.backend.layouts.ptRegs;
    const short: LoadedBackend = {
      ...loaded,
      backend: {
        ...loaded.backend,
        layouts: {
          ...loaded.backend.layouts,
          ptRegs: (config) => {
            const whole = ptRegs(config);
            return { ...whole, fields: whole.fields.filter(({ name }) => name !== 'x1') };
          },
        },
      },
    };
    expect(lines(target(short).run(probed)).join('\n')).toMatch(/argument 1 changed before entry/);
  });

  test('of what the models do not know is no verdict', () => {
    const where = (text: string) => {
      const { end } = target(named('x86_64')).run(
        oneCase(`
title: t
why: test
functions:
  f: { prototype: 'u64 f(u64 a)', returns: a }
probes:
  k: ${text}
steps: [{ register: k }]
`),
      );
      return end;
    };
    expect(where('{ kretprobe: { on: [f], offset: 5, entry: true } }')).toEqual({
      kind: 'error',
      why: 'f+5 is in the body: the models know the instructions of call sites only',
    });
  });
});
