// SPDX-License-Identifier: MIT
/**
 * QEMU's user mode as a target: outcomes as in the model, of sound trampolines and of broken ones; and whatever becomes of
 * the process, a verdict and the next case.
 */
import { afterAll, describe, expect, test } from 'vitest';
import type { LoadedBackend } from '../../backend/contract.js';
import { createModelTarget } from '../model/model.js';
import type { Outcome } from '../outcome.js';
import { backends, lines, mutate, named, oneCase } from '../test/subjects.js';
import { createQemuTarget, type QemuTarget, qemuUserLacks } from './target.js';
import { corpus } from './test/corpus.js';

/** Of so many cases of the corpus one; the main job of the project runs them all. */
const ONE_IN = 12;

const seen = ({ end, observations }: Outcome) => ({ end, observations });

const missing = backends.map((loaded) => qemuUserLacks(loaded)).find((lack) => lack !== null) ?? null;
if (missing !== null && (process.env.CI ?? '') === '') {
  console.warn(`Skipped: nothing runs under QEMU: ${missing}`);
  test.skip(missing);
} else if (missing !== null) test('QEMU and LLVM are here', () => expect.fail(missing));
else suite();

function suite(): void {
  const open: QemuTarget[] = [];
  const opened = (loaded: LoadedBackend, patience?: number): QemuTarget => {
    const target = createQemuTarget(loaded, '7.2', patience === undefined ? {} : { patience });
    open.push(target);
    return target;
  };
  afterAll(() => {
    for (const target of open) target.close();
  });

  const watched = oneCase(`
title: every argument and the result
why: test
functions:
  f: { prototype: 'u64 f(u64 a, u64 b, u64 c, u64 d, u64 e, u64 g)', returns: a + b + c + d + e + g }
probes:
  watch: { fprobe: { on: [f], entry: [{ read: [stack_pointer, instruction_pointer, return_address] }], exit: true } }
steps: [{ register: watch }, { call: 'f(1, 2, 3, 4, 5, 6)' }]
`);

  describe.each(backends.map((loaded) => [loaded.backend.arch, loaded] as const))('%s', (_arch, loaded) => {
    test.each([...loaded.backend.revisions])('sees at %s what the model sees', (revision) => {
      const cases = corpus().filter((_, index) => index % ONE_IN === 0);
      const model = createModelTarget(loaded, revision);
      const qemu = createQemuTarget(loaded, revision);
      try {
        for (const spec of cases)
          expect([spec.id, seen(qemu.run(spec))]).toEqual([spec.id, seen(model.run(spec))]);
      } finally {
        qemu.close();
      }
    });
  });

  /** A defect each, and a trampoline that runs or jumps away. */
  const broken: readonly (readonly [arch: string, what: string, from: string, to: string])[] = [
    [
      'arm64',
      'x4 is not saved',
      'op\tx4, x5, [\\base, #\\offset + 32]',
      'op\tx4, x6, [\\base, #\\offset + 32]',
    ],
    ['arm64', 'fp is lost', 'ldr\tx29, [sp, #FREGS_FP]', 'nop'],
    ['arm64', 'a jump to nowhere', 'ldr\tx29, [sp, #FREGS_FP]', 'ret\tx4'],
    ['riscv', 'a3 is not saved', '\\op\ta3, (\\offset + 24)(sp)', '\\op\ta4, (\\offset + 24)(sp)'],
    [
      's390',
      'r15 is not restored',
      'lmg\t%r2, %r15, STACK_FREGS_GPRS+2*8(%r15)',
      'lmg\t%r2, %r14, STACK_FREGS_GPRS+2*8(%r15)',
    ],
  ];
  test.each(broken)('%s: %s, as in the model', (arch, _what, from, to) => {
    const loaded = mutate(named(arch), from, to);
    const outcome = opened(loaded).run(watched);
    expect(lines(outcome)).toEqual(
      lines(createModelTarget(loaded, '7.2', loaded.backend.qemu.memory).run(watched)),
    );
    expect(lines(outcome)).not.toEqual(lines(createModelTarget(named(arch), '7.2').run(watched)));
  });

  const endless = mutate(named('arm64'), 'ldr\tx29, [sp, #FREGS_FP]', 'b\t.');

  test('a trampoline that never ends is stopped, and the next case runs', () => {
    const target = opened(endless, 500);
    const expected = lines(createModelTarget(endless, '7.2', endless.backend.qemu.memory).run(watched));
    expect(lines(target.run(watched))).toEqual(expected);
    expect(lines(target.run(watched))).toEqual(expected);
    const untraced = oneCase(`
title: no tracing
why: test
functions: { f: { prototype: 'u64 f(u64 a)', returns: a } }
steps: [{ call: 'f(1)' }]
`);
    expect(target.run(untraced).end).toEqual({ kind: 'completed' });
  });

  test('a process that dies between cases is replaced', () => {
    const target = opened(named('riscv'));
    const first = lines(target.run(watched));
    process.kill(target.pid() as number, 'SIGKILL');
    // It may die before the case begins, and is not missed, or within it.
    const after = lines(target.run(watched));
    if (after.length < first.length) expect(after.at(-1)).toContain('killed by SIGKILL');
    else expect(after).toEqual(first);
    expect(lines(target.run(watched))).toEqual(first);
  });

  test('is gone when closed', () => {
    const target = createQemuTarget(named('arm64'), '7.2');
    target.run(watched);
    const pid = target.pid();
    target.close();
    expect(() => process.kill(pid as number, 0)).toThrow('ESRCH');
  });
}

test('what is lacking is told with its remedy', () => {
  expect(qemuUserLacks(named('arm64'), '/nowhere')).toBe(
    'no clang-19 and no ld.lld-19 and no qemu-aarch64 and no setpriv in PATH: npm run setup:real, or apt install clang-19 lld-19 qemu-user util-linux',
  );
});
