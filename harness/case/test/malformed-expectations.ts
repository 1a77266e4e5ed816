// SPDX-License-Identifier: MIT
/** Malformed expectations, flags and data, in the form of malformed.ts. */
import type { Malformed } from './malformed.js';

export const malformedExpectations: readonly Malformed[] = [
  {
    name: 'a field that nothing observes',
    code: 'unknown-key',
    text: `@expect:
  - entry: { ▸ip: any }
`,
    message: 'an expectation of kind `entry` has no field `ip`',
    remedy:
      'its fields are probe, function, arguments, parent, depth, data, task_variable, fetched, and accessors',
  },
  {
    name: 'an ops that is not',
    code: 'unknown-name',
    text: `@expect:
  - record: { ops: ▸wacth }
`,
    message: 'there is no ops `wacth`',
    remedy: 'did you mean `watch`?',
  },
  {
    name: 'a stack trace by somebody unknown',
    code: 'unknown-name',
    text: `@expect:
  - stack_trace: { by: ▸wacth }
`,
    message: 'there is no function or probe `wacth`',
    remedy: 'did you mean `watch`?',
  },
  {
    name: 'a state that no site has',
    code: 'bad-expectation',
    text: `@expect:
  - record: { site: ▸noop }
`,
    message: 'there is no state of a site `noop`',
    remedy: 'did you mean `nop`?',
  },
  {
    name: 'a flag that is not observed',
    code: 'bad-expectation',
    text: `@expect:
  - record: { flags: [DIRECT, ▸TOUCHED] }
`,
    message: 'there is no flag `TOUCHED` in `flags`',
    remedy: 'the flags there are IPMODIFY, DISABLED, DIRECT',
  },
  {
    name: 'a flag of a record twice',
    code: 'duplicate-name',
    text: `@expect:
  - record: { flags: [DIRECT, ▸DIRECT] }
`,
    message: '`DIRECT` is in the list twice',
    remedy: 'keep one of them',
  },
  {
    name: 'flags that are no list',
    code: 'wrong-shape',
    text: `@expect:
  - record: { flags: ▸DIRECT }
`,
    message: '`flags` is a list',
    remedy: 'write `flags: […]`, one text for each, or `any`',
  },
  {
    name: 'an error code that is none',
    code: 'bad-expectation',
    text: `@expect:
  - error: { code: ▸-EINVALID }
`,
    message: '`-EINVALID` is not an error code of the ftrace API',
    remedy: 'did you mean `-EINVAL`?',
  },
  {
    name: 'an error code of another API',
    code: 'bad-expectation',
    text: `@expect:
  - error: { code: ▸-EXDEV }
`,
    message: '`-EXDEV` is not an error code of the ftrace API',
    remedy: 'did you mean `-ENODEV`?',
  },
  {
    name: 'an absence as error code',
    code: 'bad-expectation',
    text: `@expect:
  - error: { code: ▸(no function_graph_enter_regs) }
`,
    message: '`(no function_graph_enter_regs)` cannot be expected',
    remedy:
      'it is observed where a kernel has no means to give the field, and fits every expectation: leave the field out',
  },
  {
    name: 'an absence in a list',
    code: 'bad-expectation',
    text: `@expect:
  - body: { arguments: [1, ▸(no x)] }
`,
    message: '`(no x)` cannot be expected',
    remedy:
      'it is observed where a kernel has no means to give the field, and fits every expectation: leave the field out',
  },
  {
    name: 'a failing step that is none',
    code: 'bad-expectation',
    text: `@expect:
  - error: { call: ▸registre watch }
`,
    message: 'no step `registre` can fail',
    remedy: 'did you mean `register`?',
  },
  {
    name: 'a failing step that cannot fail',
    code: 'bad-expectation',
    text: `@expect:
  - error: { call: ▸pause_graph }
`,
    message: 'no step `pause_graph` can fail',
    remedy:
      'steps that can are register, unregister, enable, disable, filter, modify_direct, link_info, record, ftrace_enabled, set_graph_function, set_graph_notrace, set, override',
  },
  {
    name: 'a failing step of nothing',
    code: 'bad-expectation',
    text: `@expect:
  - error: { call: register▸ }
`,
    message: '`register` of what?',
    remedy: 'write the step as `register watch`',
  },
  {
    name: 'a failing step of an unknown probe',
    code: 'unknown-name',
    text: `@expect:
  - error: { call: register ▸wacth }
`,
    message: 'there is no probe `wacth`',
    remedy: 'did you mean `watch`?',
  },
  {
    name: 'a failing step of the wrong kind of probe',
    code: 'bad-expectation',
    text: `@expect:
  - error: { call: filter ▸watch }
`,
    message: '`filter` is for probes of kind ops, graph and tracer, `watch` is of kind fprobe',
    remedy: 'name a probe of kind ops, graph or tracer',
  },
  {
    name: 'a failing record of an unknown function',
    code: 'unknown-name',
    text: `@expect:
  - error: { call: record ▸watch }
`,
    message: 'there is no function `watch`',
    remedy: 'the functions are f',
  },
  {
    name: 'a failing sysctl of no value',
    code: 'bad-expectation',
    text: `@expect:
  - error: { call: ftrace_enabled ▸0 }
`,
    message: '`ftrace_enabled` is `true` or `false`',
    remedy: 'write the step as `ftrace_enabled false`',
  },
  {
    name: 'a failing write of what cannot be written',
    code: 'bad-expectation',
    text: `@expect:
  - error: { call: set ▸stack_pointer }
`,
    message: '`stack_pointer` can only be read',
    remedy: 'a handler can set return_value, argument, instruction_pointer, field',
  },
  {
    name: 'a failing write in another spelling',
    code: 'bad-expectation',
    text: `@expect:
  - error: { call: 'set ▸argument( 6 )' }
`,
    message: '`argument( 6 )` is observed as `argument(6)`',
    remedy: 'write `set argument(6)`',
  },
  {
    name: 'a failing override of something',
    code: 'bad-expectation',
    text: `@expect:
  - error: { call: override ▸7 }
`,
    message: 'nothing stands after `override`',
    remedy: 'write `call: override`',
  },
  {
    name: 'a flag of an ops twice',
    code: 'duplicate-name',
    text: `@probes:
  watch: { ops: { on: all, flags: [RCU, ▸RCU] } }
`,
    message: '`RCU` is in the list twice',
    remedy: 'keep one of them',
  },
  {
    name: 'a flag of an fprobe twice',
    code: 'duplicate-name',
    text: `@probes:
  watch: { fprobe: { on: all, flags: [DISABLED, ▸DISABLED] } }
`,
    message: '`DISABLED` is in the list twice',
    remedy: 'keep one of them',
  },
  {
    name: 'a function excluded twice',
    code: 'duplicate-name',
    text: `@probes:
  watch: { ops: { on: all, notrace: [f, ▸f] } }
`,
    message: '`f` is in the list twice',
    remedy: 'keep one of them',
  },
  {
    name: 'more words than an fprobe has',
    code: 'out-of-range',
    text: `@probes:
  w: { fprobe: { on: all, entry_data_size: 9, entry: [store_data: [1, 2, ▸3]] } }
`,
    message: '3 words of data where there is room for 2',
    remedy: 'give the fprobe `entry_data_size: 24`',
  },
  {
    name: 'more words than a graph probe reserves',
    code: 'out-of-range',
    text: `@probes:
  w: { graph: { on: all, entry: [store_data: { value: [1, ▸2], bytes: 8 }] } }
`,
    message: '2 words of data where there is room for 1',
    remedy: 'give `bytes: 16`',
  },
  {
    name: 'no words at all',
    code: 'wrong-shape',
    text: `@probes:
  w: { graph: { on: all, entry: [store_data: ▸[]] } }
`,
    message: '`store_data` in probes.w.graph.entry[1]: must not be empty',
    remedy:
      'Entry of fprobe, kretprobe, fsession, fsession_multi, kprobe_session and graph: stores a word, `argument(0)` too, or a list of words, for the exit handler; `{ value, bytes }` reserves more',
  },
  {
    name: 'a flag that does not stay',
    code: 'bad-expectation',
    text: `@expect:
  - record: { sticky: [TOUCHED, ▸DIRECT] }
`,
    message: 'there is no flag `DIRECT` in `sticky`',
    remedy: 'the flags there are TOUCHED, MODIFIED',
  },
];
