// SPDX-License-Identifier: MIT
/** The kinds of expectation and the fields of each. Kinds and words are those of observations (target/outcome). */

interface ExpectationKind {
  readonly description: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Whether accessors read by the handler are fields too: `argument(6)`, `field(sp)`. */
  readonly accessors: boolean;
}

const probe = 'The probe whose handler observes.';
const traced = 'The traced function.';
const parent = 'Where the traced function returns to.';
const depth = 'Depth of the shadow stack, 0 for the outermost.';
const data = 'Data stored by the entry handler.';
const variable = 'The per-task variable of the graph probe.';
const values = 'Argument values, in order.';
const fetched = 'What an event fetched, as it is printed: `name=value`.';

export const kinds = {
  entry: {
    description: "A probe's entry handler runs.",
    fields: {
      probe,
      function: traced,
      arguments: values,
      parent,
      depth,
      data,
      task_variable: variable,
      fetched,
    },
    accessors: true,
  },
  post: {
    description: 'The post_handler of a kprobe runs.',
    fields: { probe, function: traced, arguments: values, parent },
    accessors: true,
  },
  exit: {
    description: "A probe's exit handler runs.",
    fields: {
      probe,
      function: traced,
      arguments: values,
      return: 'The return value.',
      parent,
      depth,
      duration: 'Nanoseconds, as a function_graph tracer has recorded them.',
      data,
      task_variable: variable,
      fetched,
    },
    accessors: true,
  },
  body: {
    description: "A function's body runs.",
    fields: { function: 'The function.', arguments: 'The argument values it sees, in order.' },
    accessors: false,
  },
  result: {
    description: 'A call at top level returns; the value alone stands for `{ value: … }`.',
    fields: { function: 'The function called.', value: 'The value its caller sees.' },
    accessors: false,
  },
  error: {
    description: 'A step fails.',
    fields: {
      call: 'The step: `register watch`.',
      code: 'The error: `-EINVAL`, or a number.',
      tag: 'Of a refused definition: the name of the error in the kernel, or a list if several were logged.',
      log: 'What error_log says, likewise.',
      caret: 'Where its caret points in the definition, from 0, likewise.',
    },
    accessors: false,
  },
  event: {
    description: 'A definition of an event is accepted.',
    fields: { probe: 'The event probe.', definition: 'The event as dynamic_events shows it.' },
    accessors: false,
  },
  record: {
    description: 'A dyn_ftrace record is observed.',
    fields: {
      function: 'The function of the record.',
      count: 'Users of the record.',
      flags:
        'Its flags that say what it is now, FTRACE_FL_* without the prefix: `IPMODIFY`, `DISABLED`, `DIRECT`.',
      sticky: 'Its flags that say what it ever was: `TOUCHED`, `MODIFIED`.',
      site: "State of the call site's text: `nop`, `call`, `jmp` or `unknown`.",
      calls: 'What the site calls.',
      ops: 'The ops that the site names: a probe, or one of the core.',
    },
    accessors: false,
  },
  count: {
    description: 'A counter is observed.',
    fields: {
      counter: '`nmissed`, `misses`, `run_cnt`, `hits`, `trace_overrun` or `depth`.',
      probe: 'The probe of `nmissed`, `misses` and `run_cnt`.',
      function: 'The function of `hits`.',
      value: 'Its value.',
    },
    accessors: false,
  },
  link_info: {
    description: 'What the kernel tells of a link.',
    fields: {
      probe: 'The probe.',
      count: 'Functions it is attached to.',
      link_flags: 'Its flags.',
      targets: 'The addresses, in the order of the link.',
      cookies: 'The cookies, in the same order.',
      missed: 'Calls its fprobe missed.',
    },
    accessors: false,
  },
  stack_trace: {
    description: 'A stack trace is taken.',
    fields: { by: 'Who took it: a function, a probe, or `caller`.', frames: 'Symbols, innermost first.' },
    accessors: false,
  },
  enabled_functions: {
    description: 'The file enabled_functions is read.',
    fields: { lines: 'Its lines, without what follows the letters of a function.' },
    accessors: false,
  },
  fault: {
    description: 'The machine faults; the case ends.',
    fields: { at: 'Where: symbol+offset.', why: 'What went wrong.' },
    accessors: false,
  },
  transparency: {
    description: 'A traced function or its caller could tell that it was traced.',
    fields: { function: 'The function.', what: 'What differed.' },
    accessors: false,
  },
  disturbed: {
    description: 'An interrupt in the tracing code changed what was seen without it.',
    fields: {
      by: 'The kind of interrupt.',
      at: 'Before which instructions: symbol+offset, the first and the last of a run of them.',
      what: 'The first difference.',
    },
    accessors: false,
  },
} as const satisfies Record<string, ExpectationKind>;

/** Flags of a record that mean the same on every architecture: what it is now, and what it ever was. */
export const recordFlags = ['IPMODIFY', 'DISABLED', 'DIRECT'] as const;
export const stickyFlags = ['TOUCHED', 'MODIFIED'] as const;

/** What a site may name besides probes and BPF trampolines: ops of the core, by its names for them. */
export const coreOps = [
  'ftrace_list_ops',
  'ftrace_nop_ops',
  'ftrace_direct_tmp_ops',
  'ftrace_graph_func',
  'fprobe_ftrace_entry',
  'kprobe_ftrace_ops',
  'kprobe_ipmodify_ops',
] as const;

/** What the text of a call site can be. */
export const siteStates = ['nop', 'call', 'jmp', 'unknown'] as const;

/** Stands for whatever is observed: for one text, or for a whole list. */
export const anything = 'any';

/** Who is outside of every function of the case: it calls, and is called, at top level. */
export const outermost = 'caller';

/** Who does the steps of `meanwhile`. */
export const otherCpu = 'other_cpu';

export type ExpectationKindName = keyof typeof kinds;

export function fieldsOf(kind: string): ExpectationKind | undefined {
  return Object.hasOwn(kinds, kind) ? kinds[kind as ExpectationKindName] : undefined;
}
