// SPDX-License-Identifier: MIT
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agreement, alignTraces, partingOf } from '../compare/trace-align.js';
import type { TraceEvent } from '../target/target.js';
import { fakeWiring, program, seen } from './test/fakes.js';

const event = (name: string, detail = ''): TraceEvent => ({ kind: 'event', name, detail });
const saw = (text: string): TraceEvent => ({ kind: 'observation', text });
const step = (at: string, text: string, stores: [string, string][] = []): TraceEvent => ({
  kind: 'instruction',
  at,
  where: 'trampoline.S:42',
  text,
  registers: [],
  stores,
});

const inRegister = [
  event('register watch'),
  event('argument 2', 'in register r2'),
  step('ftrace_caller+0x0', 'store r2, [sp, 16]', [['fregs.r2', '3']]),
  event('enter function_graph_enter_regs', 'by bl'),
  saw('entry watch sum3(1, 2, 3)'),
];
const onStack = [
  event('register watch'),
  event('argument 2', 'store to S+0x8'),
  event('push return address', 'store to S'),
  step('ftrace_caller+0x0', 'push %a'),
  step('ftrace_caller+0x4', 'call\tother'),
  event('enter function_graph_enter_regs', 'by call'),
  saw('entry watch sum3(1, 2, stale)'),
];

const entry = (last: string) => [
  seen('entry', { probe: 'watch', function: 'sum3', arguments: ['1', '2', last] }),
];
const archs = {
  alpha: { short: 'al', features: ['FPROBE'], answer: () => entry('3'), trace: inRegister },
  beta: { short: 'be', features: ['FPROBE'], answer: () => entry('stale'), trace: onStack },
  gamma: { short: 'ga', features: ['FPROBE'], answer: () => entry('3'), trace: inRegister },
  lacking: { short: 'lk', answer: () => entry('3') },
};

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conform-'));
  mkdirSync(join(cwd, 'cases'));
  writeFileSync(
    join(cwd, 'cases/third.yaml'),
    'title: The third argument\nwhy: It is on the stack there.\nrequires: [FPROBE]\n',
  );
  writeFileSync(join(cwd, 'cases/many.yaml'), '- { row: 1 }\n- { row: 2 }\n');
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const explain = (args: readonly string[], columns = 80) =>
  program(['explain', '--cases', 'cases', ...args], cwd, fakeWiring(archs), { columns });

test('one back-end: every step', async () => {
  const { code, out } = await explain(['third', '--arch', 'alpha']);
  expect(code).toBe(0);
  expect(out).toMatchInlineSnapshot(`
    "third  The third argument
    It is on the stack there.

    alpha@7.2/model
    * register watch
    * argument 2  in register r2
        ftrace_caller+0x0        trampoline.S:42  store r2, [sp, 16]  fregs.r2:=3
    * enter function_graph_enter_regs  by bl
    = entry watch sum3(1, 2, 3)

    Judged each alone
    PASS alpha@7.2/model
    "
  `);
});

test('two, side by side', async () => {
  const { code, out } = await explain(['third', '--arch', 'alpha', '--vs', 'beta'], 110);
  expect(code).toBe(0);
  expect(out).toMatchInlineSnapshot(`
    "third  The third argument
    It is on the stack there.

      alpha@7.2/model                                      │ beta@7.2/model
    ~ another register or address   ! another way, or only one of them
      * register watch                                     │ * register watch
    ── here they part ────────────────────────────────────────────────────────────────────────────────────────────
    ! * argument 2  in register r2                         │ * argument 2  store to S+0x8
    !                                                      │ * push return address  store to S
          ftrace_caller+0x0        store r2, [sp, 16]      │     ftrace_caller+0x0        push %a
              fregs.r2:=3                                  │     ftrace_caller+0x4        call other
    ~ * enter function_graph_enter_regs  by bl             │ * enter function_graph_enter_regs  by call
    ! = entry watch sum3(1, 2, 3)                          │ = entry watch sum3(1, 2, stale)

    Where they part
      first event that goes another way: argument 2: alpha@7.2/model in register r2, beta@7.2/model store to S+0x8
      first observation that differs: alpha@7.2/model sees \`entry watch sum3(1, 2, 3)\`, beta@7.2/model \`entry
      watch sum3(1, 2, stale)\`

    Outcomes
      --- alpha@7.2/model
      +++ beta@7.2/model
      @@ -1,1 +1,1 @@
      -entry watch sum3(1, 2, 3)
      +entry watch sum3(1, 2, stale)

    Judged each alone
    PASS alpha@7.2/model
    PASS beta@7.2/model
    not declared: beta and alpha differ: at entry, watch sees argument 2 of sum3 as stale on beta, as 3 on alpha
    "
  `);
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
});

test('two, in 80 columns: below each other', async () => {
  const { out } = await explain(['third', '--arch', 'alpha', '--vs', 'beta']);
  expect(out).toContain('! < * argument 2  in register r2\n! > * argument 2  store to S+0x8\n');
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('without --arch: the odd one out against one of the others', async () => {
  const { out } = await explain(['third']);
  expect(out).toContain('beta@7.2/model (<) and alpha@7.2/model (>)');
});

test.each([
  [['many', '--arch', 'alpha'], 2, 'explain takes one case; many names 2, for example\n  many.1\n  many.2'],
  [['third', '--arch', 'alhpa'], 2, 'did you mean alpha?'],
  [['third', '--vs', 'alpha'], 2, '--vs needs --arch'],
  [['third', '--arch', 'alpha', '--arch', 'beta'], 2, 'the second back-end is --vs'],
  [['third', '--arch', 'alpha', '--vs', 'alpha'], 2, 'are the same subject, alpha@7.2/model; name another'],
  [['third', '--arch', 'alpha', '--vs', 'alpha@7.2'], 2, 'are the same subject'],
  [['third', '--arch', 'lacking'], 4, 'third does not run on lacking@7.2/model: it lacks FPROBE'],
  [['thrid', '--arch', 'alpha'], 4, 'did you mean third?'],
])('%j: code %i, %s', async (args, code, message) => {
  const found = await explain(args);
  expect([found.code, found.out]).toEqual([code, '']);
  expect(found.err).toContain(message);
});

describe('alignment', () => {
  test('by what happened', () => {
    const pairs = alignTraces(inRegister, onStack);
    expect(pairs.map(agreement)).toEqual(['same', 'parted', 'parted', 'otherwise', 'parted']);
    expect(partingOf(pairs, ['a', 'b'])).toEqual([
      'first event that goes another way: argument 2: a in register r2, b store to S+0x8',
      'first observation that differs: a sees `entry watch sum3(1, 2, 3)`, b `entry watch sum3(1, 2, stale)`',
    ]);
  });
  test('nothing is lost, and a trace agrees with itself', () => {
    const pairs = alignTraces(inRegister, onStack);
    const count = (side: 'left' | 'right') =>
      pairs
        .flatMap((pair) => pair[side] ?? [])
        .flatMap(({ instructions, happening }) => [...instructions, happening]).length;
    expect([count('left'), count('right')]).toEqual([inRegister.length, onStack.length]);
    expect(partingOf(alignTraces(onStack, onStack), ['a', 'b'])).toEqual([
      'nowhere: the same events, the same observations',
    ]);
  });
  test('a trace that ends in instructions', () => {
    const pairs = alignTraces([event('call'), step('a+0x0', 'nop')], [event('call')]);
    expect(pairs).toHaveLength(2);
    expect(pairs.map(agreement)).toEqual(['same', 'parted']);
  });
});
