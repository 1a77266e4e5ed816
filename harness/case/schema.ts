// SPDX-License-Identifier: MIT
/**
 * The shape of a case file: keys, kinds of values, and a description of each, which becomes hover text in
 * editors and the remedy in errors. What the values mean (prototypes, names, kinds of probe) is checked after.
 * Where a value may be one of several kinds, the alternatives differ in their JSON type.
 */
import * as z from 'zod';
import { accessorPattern } from './accessor.js';
import { kinds } from './expectation-kinds.js';
import { attach, cookies } from './schema-attach.js';
import { program } from './schema-program.js';
import { action, step } from './schema-steps.js';
import {
  bytes,
  expression,
  fieldValue,
  noted,
  oneOrMore,
  optional,
  prose,
  scalar,
  text,
  texts,
} from './schema-words.js';
import {
  directApis,
  fprobeFlags,
  kernelTexts,
  kprobeFlags,
  moduleTexts,
  opsFlags,
  tracerKinds,
} from './vocabulary.js';

export {
  actionVerbs,
  interruptPlaces,
  interrupts,
  stepModifiers,
  stepVerbs,
  words,
} from './schema-steps.js';
export {
  counters,
  directApis,
  filterChanges,
  fprobeFlags,
  kernelTexts,
  kprobeFlags,
  moduleTexts,
  opsFlags,
  tracerKinds,
} from './vocabulary.js';

// ----------------------------------------------------------------------------------- functions and probes

const functionSpec = z.strictObject({
  prototype: noted(text, 'C prototype with named parameters; the name equals the key.'),
  notrace: optional(z.boolean(), 'Compiled without a call site. Default: false.'),
  namesakes: optional(bytes, 'Other functions of the kernel that have the same name. Default: 0.'),
  module: optional(
    z.union([z.boolean(), z.enum(moduleTexts)]),
    'Part of a module: looked up after the functions of the kernel. `far`: its text is out of reach of the call of a site; `init`: in its .init.text, out of reach of the rest too. Default: false.',
  ),
  text: optional(
    z.enum(kernelTexts),
    'Not at the beginning of the text of the kernel. `end`: at the end of a .text so large that the call of a site may not reach the beginning; `init`: in the .init.text behind it. Default: at the beginning.',
  ),
  symbol: optional(text, 'Its name in kallsyms, where that is not the key: a module may have a name twice.'),
  error_injection: optional(
    z.boolean(),
    'ALLOW_ERROR_INJECTION(): programs may override it. Default: false.',
  ),
  does: optional(z.array(step), 'Steps taken inside of the function, in order.'),
  returns: optional(
    expression,
    'What it returns: an expression over parameters and names bound by `as`. None for void, or after a tail call.',
  ),
});

const on = noted(
  z.union([z.literal('all'), z.array(text).min(1)]),
  'Filter: a list of functions, or `all` for every function.',
);
const notrace = optional(texts, 'Functions excluded from the filter.');
const handler = z.union([z.boolean(), z.array(action)]).meta({ id: 'handler' });
const entry = optional(
  handler,
  'Entry handler: its actions, `true` for none but the observation, `false` for no handler.',
);
const exit = optional(
  handler,
  'Exit handler: its actions, `true` for none but the observation, `false` for no handler.',
);

/** Of probes that sit at an address. */
const at = noted(z.array(text).min(1), 'A function, or several: one kprobe each, registered together.');
/** Of programs on trampolines. */
const targets = noted(z.array(text).min(1), 'A function, or several: attached one after the other.');
const offset = optional(
  bytes,
  'Bytes from the symbol. Default: 0, which the kernel may take for the call site.',
);
const disabled = optional(z.array(z.enum(kprobeFlags)), 'KPROBE_FLAG_* without the prefix.');
const cookie = optional(expression, 'What bpf_get_attach_cookie() gives. Default: 0.');

const probeKindShape = {
  ops: optional(
    z.strictObject({
      on,
      notrace,
      flags: optional(z.array(z.enum(opsFlags)), 'FTRACE_OPS_FL_* without the prefix.'),
      entry,
    }),
    'An ftrace_ops with a callback.',
  ),
  graph: optional(
    z.strictObject({ on, notrace, entry, exit }),
    'An fgraph_ops with entry and return callbacks.',
  ),
  fprobe: optional(
    z.strictObject({
      on,
      notrace,
      flags: optional(z.array(z.enum(fprobeFlags)), 'FPROBE_FL_* without the prefix.'),
      entry_data_size: optional(bytes, 'Bytes handed from the entry to the exit handler.'),
      nr_maxactive: optional(
        bytes,
        'Calls watched at once; kernels with fprobe.nr_maxactive (before 7.2) only.',
      ),
      entry,
      exit,
    }),
    'An fprobe with entry and exit handlers.',
  ),
  kprobe: optional(
    z.strictObject({
      on: at,
      program,
      offset,
      flags: disabled,
      entry: optional(
        handler,
        'pre_handler: its actions, `true` for none but the observation, `false` for none.',
      ),
      post: optional(
        handler,
        'post_handler: its actions, `true` for none but the observation, `false` for none.',
      ),
    }),
    'A kprobe, or one for each function, with pre_handler (`entry`) and post_handler (`post`).',
  ),
  kretprobe: optional(
    z.strictObject({
      on: at,
      program,
      offset,
      flags: disabled,
      maxactive: optional(z.int().min(-1).max(65536), 'Calls hooked at once. Default: left to the kernel.'),
      data_size: optional(bytes, 'Bytes handed from the entry to the exit handler.'),
      entry,
      exit,
    }),
    'A kretprobe, or one for each function, with entry and exit handlers.',
  ),
  direct: optional(
    z.strictObject({
      on,
      far: optional(
        z.union([z.boolean(), z.literal([-128, 128])]),
        'Whether the trampoline lies 512 MiB away, as that of a module may; or exactly this many MiB in front of (-) or behind the ftrace location of its one function.',
      ),
      api: optional(
        z.enum(directApis),
        'register_ftrace_direct() by ops; by address, before 6.12; update_ftrace_direct_add(), since 7.2. Default: ops.',
      ),
      jmp: optional(z.boolean(), 'Jumped to (DYNAMIC_FTRACE_WITH_JMP), of one function. Default: false.'),
      entry,
    }),
    'A direct call to a trampoline of its own.',
  ),
  fentry: optional(z.strictObject({ on: targets, cookie, entry }), 'A BPF fentry program.'),
  fmod_ret: optional(
    z.strictObject({
      on: targets,
      cookie,
      returns: optional(
        expression,
        'What the program ends with: not 0 is returned in place of the function. Default: 0.',
      ),
      entry,
    }),
    'A BPF modify-return program.',
  ),
  fexit: optional(z.strictObject({ on: targets, cookie, exit }), 'A BPF fexit program.'),
  fsession: optional(
    z.strictObject({ on: targets, cookie, entry, exit }),
    'A BPF session program, at entry and exit; kernels with BPF_TRACE_FSESSION (7.2).',
  ),
  livepatch: optional(
    z.strictObject({
      on: noted(z.array(text).min(1), 'Functions that are patched.'),
      with: noted(text, 'The function that runs instead.'),
      replace: optional(z.boolean(), 'An atomic replace of all earlier patches. Default: false.'),
    }),
    'A livepatch.',
  ),
  tracer: optional(
    z.strictObject({
      kind: noted(
        z.enum(tracerKinds),
        '`function` or `function_graph` as current_tracer, or the function profiler.',
      ),
      on,
      notrace,
      options: optional(texts, 'Written to trace_options in this order: `funcgraph-retval`, `nosleep-time`.'),
      instance: optional(text, 'Instance whose tracer it is. Default: the top directory.'),
    }),
    'A tracer of tracefs, which records what its options save.',
  ),
  event: optional(
    text,
    'A dynamic event by its definition, as written to dynamic_events: `f:watch f%return arg=$arg1`.',
  ),
  fentry_multi: optional(z.strictObject({ on, cookies, attach, entry }), 'A BPF fentry.multi program (7.2).'),
  fexit_multi: optional(z.strictObject({ on, cookies, attach, exit }), 'A BPF fexit.multi program (7.2).'),
  fsession_multi: optional(
    z.strictObject({ on, cookies, attach, entry, exit }),
    'A BPF fsession.multi program (7.2).',
  ),
  kprobe_multi: optional(z.strictObject({ on, cookies, attach, entry }), 'A BPF kprobe.multi program.'),
  kretprobe_multi: optional(z.strictObject({ on, cookies, attach, exit }), 'A BPF kretprobe.multi program.'),
  kprobe_session: optional(
    z.strictObject({ on, cookies, attach, entry, exit }),
    'A BPF kprobe.session program.',
  ),
  perf: optional(z.strictObject({ on, entry }), "perf's ftrace:function event."),
};
const probe = z.strictObject(probeKindShape).meta({ minProperties: 1, maxProperties: 1 });
export const probeKinds = Object.keys(probeKindShape) as (keyof typeof probeKindShape)[];

// ------------------------------------------------------------------------------------------ expectations

/** Fields named by accessors. */
const accessorKeys = {
  additionalProperties: false,
  patternProperties: { [accessorPattern]: { $ref: '#/definitions/fieldValue' } },
};

const expectation = z
  .strictObject(
    Object.fromEntries(
      Object.entries(kinds).map(([kind, { fields, accessors, description }]) => {
        const shape = Object.fromEntries(
          Object.entries(fields).map(([name, about]) => [name, optional(fieldValue, about)]),
        );
        const map = accessors
          ? z.object(shape).catchall(fieldValue).meta(accessorKeys)
          : z.strictObject(shape);
        const short = kind === 'result' ? z.union([z.string(), z.int(), z.boolean(), z.null(), map]) : map;
        return [kind, optional(short, description)];
      }),
    ),
  )
  .meta({ id: 'expectation', minProperties: 1, maxProperties: 1 });

const condition = (what: string, schema: z.ZodType = oneOrMore) =>
  optional(schema, `${what}: one or a list of alternatives.`);

const divergence = z.strictObject({
  on: noted(
    z.strictObject({
      arch: condition('Architecture'),
      revision: condition(
        'Kernel revision',
        z.union([text, z.number(), z.array(z.union([text, z.number()])).min(1)]),
      ),
      target: condition('Target'),
      feature: condition('Kconfig symbol that is on'),
      lacks: condition('Kconfig symbol that is off'),
    }),
    'Where: all given conditions hold.',
  ),
  when: optional(
    z.record(z.string(), z.union([scalar, z.array(scalar).min(1)])),
    'Only in the cases of `for:` whose parameters have these values.',
  ),
  because: noted(prose, 'Why the outcome differs, one sentence.'),
  source: noted(prose, 'Where the reason is documented or implemented.'),
  replace: noted(
    z.record(z.string(), z.union([expectation, z.array(expectation)])),
    'What is expected instead: 1-based index in `expect` → changed fields of the same kind, or a list in its place.',
  ),
});

// -------------------------------------------------------------------------------------------------- case

export const caseSchema = z.strictObject({
  title: noted(prose, 'What holds, as one sentence that a maintainer would say.'),
  feature: optional(prose, 'Heading in reports. Default: the folder of the file.'),
  why: noted(prose, 'What depends on it, with the kernel code or document that says so.'),
  source: optional(prose, 'Where the asserted behaviour is implemented or documented.'),
  covers: optional(texts, 'Ids of upstream tests or historical bugs that this case covers.'),
  requires: optional(texts, 'Kconfig symbols, without CONFIG_, that a subject must have.'),
  for: optional(
    z.union([
      z.array(z.record(z.string(), z.unknown())).min(1),
      z.record(z.string(), z.array(z.unknown()).min(1)),
    ]),
    `Family: a list of rows of parameters, or parameter → list of values for every combination. \`\${name}\` stands for the value.`,
  ),
  structs: optional(z.record(z.string(), text), 'Structs to pass by value: tag → members, `u64 a; u64 b`.'),
  objects: optional(z.record(z.string(), bytes.min(1)), 'Named objects in memory: name → bytes.'),
  functions: noted(z.record(z.string(), functionSpec), 'Functions of the modelled kernel, by name.'),
  probes: optional(z.record(z.string(), probe), 'Probes, by name: one kind each, with its settings.'),
  steps: noted(z.array(step).min(1), 'What is done, in order.'),
  expect: optional(
    z.array(expectation),
    'Observations, in order and exact in number. Without it subjects are only compared with each other.',
  ),
  divergences: optional(z.array(divergence), 'Where something else is expected, with reason and source.'),
});

/** Keys of a case file in the order in which they stand. */
export const caseKeys: readonly string[] = Object.keys(caseSchema.shape);
