// SPDX-License-Identifier: MIT
/** Malformed steps within steps, in the form of malformed.ts. */
import type { Malformed } from './malformed.js';

const observing = 'call, record, count, stack_trace';
const inInterrupt = `${observing}, pause_graph, resume_graph, irq, softirq, nmi`;

export const malformedSteps: readonly Malformed[] = [
  {
    name: 'a registration while code is patched',
    code: 'bad-step',
    text: `@steps:
  - register: watch
    meanwhile:
      - ▸unregister: watch
`,
    message: '`unregister` while code is patched',
    remedy: `another CPU would wait for ftrace_lock; what it can do is ${observing}`,
  },
  {
    name: '`meanwhile` beside a call',
    code: 'bad-step',
    text: `@steps:
  - call: f(1)
    ▸meanwhile: [call: f(2)]
`,
    message: '`meanwhile` does not go with `call`',
    remedy: 'steps that patch code are register, unregister, filter, modify_direct, ftrace_enabled',
  },
  {
    name: '`meanwhile` alone',
    code: 'bad-step',
    text: `@steps:
  - ▸meanwhile: [call: f(2)]
`,
    message: '`meanwhile` belongs to a step that patches code',
    remedy: 'add `register: …` to the same step, or another that patches',
  },
  {
    name: 'nothing to do meanwhile',
    code: 'wrong-shape',
    text: `@steps:
  - register: watch
    meanwhile: ▸[]
`,
    message: '`meanwhile` in steps[1]: must not be empty',
    remedy:
      'With a step that patches code: another CPU does these steps before the first store, after each, and at the end',
  },
  {
    name: 'a name of another CPU',
    code: 'unknown-name',
    text: `@functions:
  f:
    prototype: u64 f(u64 a)
    does:
      - register: watch
        meanwhile: [call: "f(▸a)"]
    returns: a
`,
    message: '`a` has no value here',
    remedy: 'there are no names with a value here',
  },
  {
    name: 'an unknown step of a task',
    code: 'unknown-key',
    text: `@steps:
  - in_task: { task: one, does: [{ ▸cal: f(1) }] }
`,
    message: 'unknown key `cal` in steps[1].in_task.does[1]',
    remedy: 'did you mean `call`?',
  },
  {
    name: 'a handler action of a task',
    code: 'unknown-key',
    text: `@steps:
  - in_task: { task: one, does: [{ ▸read: [get_regs] }] }
`,
    message: 'unknown key `read` in steps[1].in_task.does[1]',
    remedy: 'only handlers do this: move it into `entry:` or `exit:` of a probe',
  },
  {
    name: 'a task without work',
    code: 'missing-key',
    text: `@steps:
  - in_task: ▸{ task: one }
`,
    message: '`does` is missing in steps[1].in_task',
    remedy: 'add `does:` — What it does, until it is done or sleeps',
  },
  {
    name: 'a task that is called as a function',
    code: 'duplicate-name',
    text: `@steps:
  - in_task: { task: ▸f, does: [call: f(1)] }
`,
    message: '`f` is also a function',
    remedy: 'choose another name',
  },
  {
    name: 'a task that is called as the other CPU',
    code: 'duplicate-name',
    text: `@steps:
  - in_task: { task: ▸other_cpu, does: [call: f(1)] }
`,
    message: '`other_cpu` is also somebody else already',
    remedy: 'choose another name',
  },
  {
    name: 'a task with a name that is none',
    code: 'bad-name',
    text: `@steps:
  - in_task: { task: ▸1st, does: [call: f(1)] }
`,
    message: '`1st` cannot name a task',
    remedy: 'a name is a word of letters, digits and _ that is not a word of C',
  },
  {
    name: 'an unknown task woken',
    code: 'unknown-name',
    text: `@steps:
  - in_task: { task: one, does: [call: f(1)] }
  - wake: ▸two
`,
    message: 'there is no task `two`',
    remedy: 'the tasks are one',
  },
  {
    name: 'a task woken where there is none',
    code: 'unknown-name',
    text: `@steps:
  - wake: ▸two
`,
    message: 'there is no task `two`',
    remedy: 'name it in `in_task` first',
  },
  {
    name: 'sleep at top level',
    code: 'bad-step',
    text: `@steps:
  - ▸sleep
`,
    message: 'nobody is left who could wake it',
    remedy: 'sleep in `does:` of a function or of `in_task`',
  },
  {
    name: 'sleep in a handler',
    code: 'bad-step',
    text: `@probes:
  watch: { fprobe: { on: [f], entry: [▸sleep] } }
`,
    message: '`sleep` where nobody can sleep',
    remedy: 'sleep in `does:` of a function or of `in_task`',
  },
  {
    name: 'sleep in an interrupt',
    code: 'bad-step',
    text: `@steps:
  - irq: [▸sleep]
`,
    message: '`sleep` where nobody can sleep',
    remedy: 'sleep in `does:` of a function or of `in_task`',
  },
  {
    name: 'a registration in an interrupt',
    code: 'bad-step',
    text: `@steps:
  - nmi: [▸register: watch]
`,
    message: '`register` in an interrupt',
    remedy: `an interrupt cannot wait; what it can do is ${inInterrupt}`,
  },
  {
    name: 'an interrupt in an NMI',
    code: 'bad-step',
    text: `@steps:
  - nmi: [▸irq: [call: f(1)]]
`,
    message: '`irq` does not interrupt `nmi`',
    remedy: 'softirq is interrupted by irq, and both by nmi',
  },
  {
    name: 'an interrupted registration',
    code: 'bad-step',
    text: `@steps:
  - register: watch
    ▸interrupted: [call: f(1)]
`,
    message: '`interrupted` goes with a `call` at top level',
    remedy: 'in a body or a handler, let an interrupt come with `- irq: […]`',
  },
  {
    name: 'an interrupted call in a body',
    code: 'bad-step',
    text: `@functions:
  f: { prototype: u64 f(u64 a), does: [{ call: f(1), when: 0, ▸interrupted: [call: f(2)] }], returns: a }
`,
    message: '`interrupted` goes with a `call` at top level',
    remedy: 'in a body or a handler, let an interrupt come with `- irq: […]`',
  },
  {
    name: 'a place that is none',
    code: 'bad-step',
    text: `@steps:
  - call: f(1)
    interrupted: { at: ▸ftrace_caller+4, does: [call: f(1)] }
`,
    message: '`ftrace_caller+4` is no place where an interrupt comes',
    remedy:
      'write `every`, `before_callback`, `in_callback`, `after_callback`, or a label such as `return_to_handler`',
  },
  {
    name: 'an unknown kind of interrupt',
    code: 'wrong-shape',
    text: `@steps:
  - call: f(1)
    interrupted: { by: ▸fiq, does: [call: f(1)] }
`,
    message: '`by` in steps[1].interrupted: expected `irq`, `softirq` or `nmi`, found the text `fiq`',
    remedy: 'Kind of interrupt. Default: irq',
  },
  {
    name: 'calls without an end through an interrupt',
    code: 'cyclic-calls',
    text: `@functions:
  f: { prototype: u64 f(u64 a), does: [irq: [▸call: f(1)]], returns: a }
`,
    message: 'calls without an end: f → f',
    remedy: 'give one call on the cycle a `when:` that ends it',
  },
];
