// SPDX-License-Identifier: MIT
/** A small run with one of everything that a report shows, made of fake subjects. */
import type { Case } from '../../case/types.js';
import { type Answer, divergence, expected, fakeTarget, seen, spec, subject } from '../../cli/test/fakes.js';
import { run } from '../../plan/run.js';
import type { TraceEvent } from '../../target/target.js';
import type { RunEvent } from '../events.js';

export const entry = (last: string) =>
  seen('entry', { probe: 'watch', function: 'sum', arguments: ['1', last] });
export const wanted = [expected('entry', { arguments: ['1', '2'] })];
export const nasty = `<script>alert("x")</script> & 'quote' \u0001 </pre>`;

export async function events(
  cases: readonly Case[],
  by: Readonly<Record<string, (one: Case) => Answer>>,
  traces: Readonly<Record<string, readonly TraceEvent[]>> = {},
): Promise<RunEvent[]> {
  const subjects = Object.entries(by).map(([name, answer]) => {
    const [arch = '', revision] = name.split('@');
    return {
      target: fakeTarget(subject(arch, revision), ['FPROBE'], answer, traces[name]),
      short: arch.slice(0, 2),
    };
  });
  const list: RunEvent[] = [];
  const plan = { cases, subjects, axis: 'arch', seed: 1, harness: '0', command: ['run', nasty] } as const;
  for await (const event of run(plan)) list.push(event);
  return list;
}

const trace = (register: string, last: string): TraceEvent[] => [
  { kind: 'event', name: 'call sum', detail: 'from caller' },
  {
    kind: 'instruction',
    at: 'ftrace_caller+0x4',
    where: 'backends/some/trampoline.S:12',
    text: `store ${register}`,
    registers: [[register, '0x1']],
    stores: [['fregs->arg1', last]],
  },
  { kind: 'observation', text: `entry watch sum(1, ${last})` },
];

const stale = divergence(
  { arch: ['beta'] },
  [{ at: 1, by: { fields: { arguments: ['1', 'stale'] } } }],
  'on the stack',
);

/** `fprobe/family.2` fails on beta, `graph/declared` differs as declared, `fprobe/gated` runs nowhere. */
export function mixed(): Promise<RunEvent[]> {
  const family = { file: 'cases/fprobe/family.yaml', expect: wanted };
  return events(
    [
      spec('fprobe/family.1', family),
      spec('fprobe/family.2', { ...family, covers: ['FP-02'] }),
      spec('fprobe/gated', { file: 'cases/fprobe/gated.yaml', requires: ['KPROBES'] }),
      spec('graph/declared', {
        file: 'cases/graph/declared.yaml',
        expect: wanted,
        text: '# a comment\ntitle: Declared\nwhen:\n  - call: sum(1, 2)\n',
        divergences: [{ ...stale, source: 'the manual, https://example.org/manual?a=1&b=2.' }],
      }),
      spec('graph/nasty', {
        file: 'cases/graph/nasty.yaml',
        requires: ['FPROBE'],
        title: nasty,
        why: nasty,
        source: nasty,
        covers: [nasty],
        text: `a: ${nasty}\n# ${nasty}`,
        expect: wanted,
      }),
    ],
    {
      'alpha@7.2': () => [entry('2')],
      'beta@7.2': ({ id }) => [
        entry(id === 'fprobe/family.2' ? nasty : id === 'graph/declared' ? 'stale' : '2'),
      ],
      'gamma@6.1': () => [entry('2')],
      'gamma@7.2': () => [entry('2')],
    },
    { 'alpha@7.2': trace('x1', '2'), 'beta@7.2': trace('a1', nasty) },
  );
}
