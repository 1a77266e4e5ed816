// SPDX-License-Identifier: MIT
/** The shape of steps and actions in case files, wherever they stand: at top level, in a body, in a handler, or within another step. */
import * as z from 'zod';
import { bytes, expression, noted, oneOrMore, optional, text, texts, wordList } from './schema-words.js';

export const words = {
  /** Steps without a value. */
  steps: ['pause_graph', 'resume_graph', 'stack_trace', 'enabled_functions', 'sleep', 'unload_module'],
  /** Actions that may stand without a value. */
  actions: ['skip_exit', 'skip_single_step', 'load_data', 'task_variable'],
} as const;

/** Steps within a step. A list that holds itself is defined once, by name. */
const inner: z.ZodType = z
  .array(z.lazy((): z.ZodType => step))
  .min(1)
  .meta({ id: 'innerSteps' });

/** Kinds of interrupts, by the context that the preempt counter tells. */
export const interrupts = ['irq', 'softirq', 'nmi'] as const;
/** Where an interrupt comes, besides before a label of the trampolines. */
export const interruptPlaces = ['every', 'before_callback', 'in_callback', 'after_callback'] as const;

// ------------------------------------------------------------------------------------------------ steps

const stepShape = {
  register: optional(oneOrMore, 'Registers a probe, or several in this order. An error code is observed.'),
  unregister: optional(
    oneOrMore,
    'Unregisters a probe, or several in this order. An error code is observed.',
  ),
  enable: optional(
    oneOrMore,
    'enable_fprobe(), enable_kprobe() or enable_kretprobe() on a probe, or the event of an event or perf probe; or several in this order.',
  ),
  disable: optional(
    oneOrMore,
    'disable_fprobe(), disable_kprobe() or disable_kretprobe() on a probe, or the event of an event or perf probe; or several in this order.',
  ),
  call: optional(text, 'Calls a function: `f(1, a + 2)`.'),
  as: optional(
    text,
    'With `call`: binds its result to a name for later expressions; 0 if `when` skipped the call.',
  ),
  idle: optional(z.literal(true), 'With `call`: from where RCU is not watching, as in the idle loop.'),
  when: optional(expression, 'With `call` and `tail_call`: only if this expression is not 0.'),
  tail_call: optional(
    text,
    'Jumps to a function with the frame already torn down. Last step of a function only.',
  ),
  filter: optional(
    z.strictObject({
      probe: noted(text, 'An ops or graph probe, registered or not.'),
      set: optional(texts, 'Functions that become its filter.'),
      add: optional(texts, 'Functions added to its filter.'),
      remove: optional(texts, 'Functions removed from its filter.'),
      notrace_set: optional(texts, 'Functions that become its notrace filter.'),
      notrace_add: optional(texts, 'Functions added to its notrace filter.'),
      notrace_remove: optional(texts, 'Functions removed from its notrace filter.'),
    }),
    'Changes the filter of a probe: one of set, add, remove, notrace_set, notrace_add, notrace_remove.',
  ),
  modify_direct: optional(
    z.strictObject({
      probe: noted(text, 'A registered direct probe.'),
      to: noted(text, 'An unregistered direct probe, whose trampoline it takes.'),
    }),
    'modify_ftrace_direct().',
  ),
  record: optional(text, 'Observes the dyn_ftrace record and the call site of a function.'),
  count: optional(
    z.union([
      z.enum(['trace_overrun', 'depth']),
      z
        .strictObject({
          nmissed: optional(
            text,
            'An fprobe, kprobe, kretprobe, a kprobe_multi link or a BPF program on a trampoline, whose missed calls are observed.',
          ),
          misses: optional(text, 'A kprobe_multi program, whose skipped runs are observed.'),
          run_cnt: optional(
            text,
            'A BPF program on a trampoline, whose runs are counted as with kernel.bpf_stats_enabled.',
          ),
          hits: optional(text, 'A function, whose calls the profiler has counted.'),
        })
        .meta({ minProperties: 1, maxProperties: 1 }),
    ]),
    'Observes a counter: `trace_overrun`, `depth` of the task, `{ nmissed: probe }`, `{ misses: program }`, `{ run_cnt: program }` or `{ hits: function }`.',
  ),
  link_info: optional(
    text,
    'Observes what the kernel tells of the link of a kprobe_multi probe or its like.',
  ),
  set_graph_function: optional(
    texts,
    'Functions that become the roots of what function_graph tracers record, in all instances. Empty: no roots.',
  ),
  set_graph_notrace: optional(
    texts,
    'Functions that function_graph tracers leave out with all that they call, in all instances.',
  ),
  max_graph_depth: optional(
    bytes,
    'Depth at which function_graph tracers stop, in all instances; 0: no limit.',
  ),
  tracing_thresh: optional(
    bytes,
    'Microseconds that a function must have taken to be recorded, as its exit alone; 0: every function.',
  ),
  ndelay: optional(bytes, 'Nanoseconds go by, on all CPUs. Nothing else takes time.'),
  corrupt: optional(text, "Overwrites a function's patch site with bytes that no state of it has."),
  ftrace_enabled: optional(z.boolean(), 'Writes the kernel.ftrace_enabled sysctl.'),
  in_task: optional(
    z.strictObject({
      task: noted(text, 'Name of the task. It comes to be where it is named first.'),
      does: noted(inner, 'What it does, until it is done or sleeps.'),
    }),
    'Another task does these steps, with a stack and a shadow stack of its own.',
  ),
  wake: optional(text, 'A task that sleeps goes on, until it is done or sleeps again.'),
  irq: optional(inner, 'A hardware interrupt comes here and does these steps.'),
  softirq: optional(inner, 'A soft interrupt comes here and does these steps.'),
  nmi: optional(inner, 'A non-maskable interrupt comes here and does these steps.'),
  meanwhile: optional(
    inner,
    'With a step that patches code: another CPU does these steps before the first store, after each, and at the end.',
  ),
  interrupted: optional(
    z.union([
      inner,
      z.strictObject({
        by: optional(z.enum(interrupts), 'Kind of interrupt. Default: irq.'),
        at: optional(
          text,
          'Where it comes: `every` (the default), `before_callback`, `in_callback`, `after_callback`, or a label of the trampolines, with `+0x…` so many bytes behind it.',
        ),
        does: noted(inner, 'What the interrupt does.'),
      }),
    ]),
    'With `call` at top level: an interrupt does these steps before every instruction of the tracing code.',
  ),
};

const actionShape = {
  ...stepShape,
  read: optional(
    z.array(text).min(1),
    'Reads accessors into the observation: stack_pointer, argument(6), regs(name), field(name), …',
  ),
  set: optional(
    z.record(z.string(), expression),
    "Writes one accessor: return_value, argument(n), field(name), or instruction_pointer to '&function'.",
  ),
  override: optional(expression, 'Makes the traced function return this value without running.'),
  store_data: optional(
    z.union([
      text,
      z.int(),
      z.null(),
      wordList,
      z.strictObject({
        value: noted(z.union([text, z.int(), z.null(), wordList]), 'The word to store, or a list of words.'),
        bytes: noted(bytes.min(1), 'Bytes to reserve (graph).'),
      }),
    ]),
    'Entry of fprobe, kretprobe, fsession, fsession_multi, kprobe_session and graph: stores a word, `argument(0)` too, or a list of words, for the exit handler; `{ value, bytes }` reserves more.',
  ),
  load_data: optional(
    z.strictObject({ parent: noted(bytes, 'Levels out; 0 is the current frame (graph).') }),
    'Exit of fprobe, kretprobe, fsession, fsession_multi, kprobe_session and graph: observes the stored data, a list where a list is stored. Without a value, or with `parent`.',
  ),
  task_variable: optional(
    z.strictObject({ set: noted(expression, 'The word to write.') }),
    'Graph: observes the per-task variable (without a value), or writes it.',
  ),
};

/** Words that modify a verb rather than being one. */
const modifiers = ['as', 'idle', 'when', 'meanwhile', 'interrupted'];
const oneVerb = (shape: object) => ({
  oneOf: Object.keys(shape)
    .filter((key) => !modifiers.includes(key))
    .map((key) => ({ required: [key] })),
});

export const step: z.ZodType = z
  .union([z.enum(words.steps), z.strictObject(stepShape).meta(oneVerb(stepShape))])
  .meta({ id: 'step' });
export const action = z
  .union([z.enum([...words.steps, ...words.actions]), z.strictObject(actionShape).meta(oneVerb(actionShape))])
  .meta({ id: 'action' });

export const stepVerbs = [
  ...Object.keys(stepShape).filter((key) => !modifiers.includes(key)),
  ...words.steps,
];
/** What stands beside a verb. */
export const stepModifiers: readonly string[] = modifiers;
export const actionVerbs = [
  ...Object.keys(actionShape).filter((key) => !modifiers.includes(key)),
  ...words.steps,
  ...words.actions.filter((word) => !(word in actionShape)),
];
