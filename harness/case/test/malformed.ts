// SPDX-License-Identifier: MIT
/**
 * Malformed cases and the one error each ends in. `▸` marks the place that the error must name and is not
 * part of the text. A text that begins with `@` is completed by what else a case needs.
 */
import type { CaseErrorCode } from '../error.js';

export interface Malformed {
  readonly name: string;
  readonly code: CaseErrorCode;
  readonly text: string;
  readonly message: string;
  readonly remedy: string;
}

export const malformed: readonly Malformed[] = [
  {
    name: 'an empty file',
    code: 'empty',
    text: `▸`,
    message: 'the file is empty',
    remedy: 'a case has at least `title`, `why`, `functions` and `steps`',
  },
  {
    name: 'only comments',
    code: 'empty',
    text: `▸# nothing
`,
    message: 'the file is empty',
    remedy: 'a case has at least `title`, `why`, `functions` and `steps`',
  },
  {
    name: 'an empty document',
    code: 'empty',
    text: `▸---
`,
    message: 'the file is empty',
    remedy: 'a case has at least `title`, `why`, `functions` and `steps`',
  },
  {
    name: 'a list',
    code: 'wrong-shape',
    text: `▸- a
- b
`,
    message: 'a case file is a map of keys, this is a list',
    remedy: 'begin with `title: …`',
  },
  {
    name: 'a text',
    code: 'wrong-shape',
    text: `▸just words
`,
    message: 'a case file is a map of keys, this is a text',
    remedy: 'begin with `title: …`',
  },
  {
    name: 'NUL bytes',
    code: 'binary',
    text: `title: a▸\0b
`,
    message: 'the file is not plain text: it contains U+0000',
    remedy:
      'a case is a YAML file in UTF-8, without characters that act on terminals or turn the direction of writing',
  },
  {
    name: 'a control character',
    code: 'binary',
    text: `title: a▸\x1b[31m
`,
    message: 'the file is not plain text: it contains U+001B',
    remedy:
      'a case is a YAML file in UTF-8, without characters that act on terminals or turn the direction of writing',
  },
  {
    name: 'bytes that are not UTF-8',
    code: 'binary',
    text: `title: ▸\ufffd
`,
    message: 'the file is not plain text: it contains U+FFFD',
    remedy:
      'a case is a YAML file in UTF-8, without characters that act on terminals or turn the direction of writing',
  },
  {
    name: 'a tab as indentation',
    code: 'yaml',
    text: `title: a
functions:
▸\tf: {}
`,
    message: 'a tab in the indentation',
    remedy: 'indent with blanks: YAML has no tabs there',
  },
  {
    name: 'two documents',
    code: 'yaml',
    text: `title: a
▸---
title: b
`,
    message: 'a second document begins here',
    remedy: 'one file holds one case; use `for:` for a family, or another file',
  },
  {
    name: 'a bracket that is not closed',
    code: 'yaml',
    text: `title: a
requires: [A, B
▸`,
    message: 'a `[` or `{` is not closed here',
    remedy: 'close it, or indent what belongs to it',
  },
  {
    name: 'a quote that is not closed',
    code: 'yaml',
    text: `title: 'abc
▸`,
    message: 'a quote that is not closed',
    remedy: 'close it before the end of the text',
  },
  {
    name: 'a second colon',
    code: 'yaml',
    text: `title: ▸a: b
`,
    message: 'a second `:` on one line',
    remedy: "put the value in quotes if the colon belongs to it: 'a: b'",
  },
  {
    name: 'wrong indentation',
    code: 'yaml',
    text: `functions:
   f: 1
  ▸g: 2
`,
    message: 'the indentation does not fit the lines above',
    remedy: 'align it with its siblings, deeper than its parent',
  },
  {
    name: 'an anchor',
    code: 'yaml',
    text: `@functions:
  f:
    prototype: void *f(void)
    returns: ▸&buffer
`,
    message: '`&buffer` is an anchor in YAML',
    remedy: "an address is written in quotes: '&buffer'",
  },
  {
    name: 'an alias',
    code: 'yaml',
    text: `@functions:
  f:
    prototype: void *f(void)
    returns: ▸*buffer
`,
    message: '`*buffer` is an alias in YAML',
    remedy: 'put it in quotes if a text is meant; case files have no aliases, families are made with `for:`',
  },
  {
    name: 'a tag',
    code: 'yaml',
    text: `@functions:
  f:
    prototype: void *f(void)
    returns: ▸!a
`,
    message: '`!` at the start of a value is a tag in YAML',
    remedy: "put the value in quotes: '!a'",
  },
  {
    name: 'a reserved character',
    code: 'yaml',
    text: `title: ▸@a
`,
    message: 'a plain value cannot start with this character',
    remedy: "put the value in quotes: '…'",
  },
  {
    name: 'an unknown escape',
    code: 'yaml',
    text: `title: "a▸\\qb"
`,
    message: 'an unknown escape in a double-quoted text',
    remedy: "use single quotes: '…' has no escapes",
  },
  {
    name: 'a map as key',
    code: 'yaml',
    text: `▸{a: b}: c
`,
    message: 'a key is a list or a map',
    remedy: 'keys are texts; put `{…}` in quotes',
  },
  {
    name: 'a bare parameter in a flow map',
    code: 'yaml',
    text: `@steps: [▸\${step}]
`,
    message: `a bare \`\${step}\` inside of \`{…}\` or \`[…]\``,
    remedy: `put it in quotes there: '\${step}'`,
  },
  {
    name: 'the same key twice',
    code: 'duplicate-key',
    text: `title: a
▸title: b
`,
    message: '`title` is given twice',
    remedy: 'keep one of them',
  },
  {
    name: 'the same function twice',
    code: 'duplicate-key',
    text: `@functions:
  f: { prototype: void f(void) }
  ▸f: { prototype: void f(void) }
`,
    message: '`f` is given twice',
    remedy: 'keep one of them',
  },
  {
    name: 'nesting without an end',
    code: 'yaml',
    text: `title: [[[[[[[[[[[[[[[[[[[[[[[[▸[]]]]]]]]]]]]]]]]]]]]]]]]]
`,
    message: 'nested deeper than 24 levels',
    remedy: 'write it flatter',
  },
  {
    name: 'a mistyped top-level key',
    code: 'unknown-key',
    text: `@▸step:
  - call: f(1)
`,
    message: 'unknown key `step`',
    remedy: 'did you mean `steps`?',
  },
  {
    name: 'a key like no other',
    code: 'unknown-key',
    text: `@▸zzzzzz: 1
`,
    message: 'unknown key `zzzzzz`',
    remedy:
      'keys of a case are title, feature, why, source, covers, requires, for, structs, objects, functions, probes, steps, expect, divergences',
  },
  {
    name: 'no title',
    code: 'missing-key',
    text: `▸why: because
functions: { f: { prototype: void f(void) } }
steps: [call: f()]
`,
    message: '`title` is missing',
    remedy: 'add `title:` — What holds, as one sentence that a maintainer would say',
  },
  {
    name: 'no steps',
    code: 'missing-key',
    text: `▸title: a
why: b
functions: { f: { prototype: void f(void) } }
`,
    message: '`steps` is missing',
    remedy: 'add `steps:` — What is done, in order',
  },
  {
    name: 'a key without value',
    code: 'wrong-shape',
    text: `@▸requires:
`,
    message: '`requires` has no value',
    remedy: 'write its value after the `:`, or remove the key',
  },
  {
    name: 'a list item without value',
    code: 'wrong-shape',
    text: `@requires:
  ▸-
  - A
`,
    message: 'a list item is empty',
    remedy: 'write its value after the `-`, or remove it',
  },
  {
    name: 'a number as title',
    code: 'wrong-shape',
    text: `title: ▸7
why: b
functions: { f: { prototype: void f(void) } }
steps: [call: f()]
`,
    message: '`title`: expected a text, found the number 7',
    remedy: 'What holds, as one sentence that a maintainer would say',
  },
  {
    name: 'a text as list',
    code: 'wrong-shape',
    text: `@requires: ▸FPROBE
`,
    message: '`requires`: expected a list, found the text `FPROBE`',
    remedy: 'Kconfig symbols, without CONFIG_, that a subject must have',
  },
  {
    name: 'no functions',
    code: 'wrong-shape',
    text: `@▸functions: {}
`,
    message: '`functions` must not be empty',
    remedy: 'declare at least one function',
  },
  {
    name: 'a function without prototype',
    code: 'missing-key',
    text: `@functions:
  f: ▸{ returns: 1 }
`,
    message: '`prototype` is missing in functions.f',
    remedy: 'add `prototype:` — C prototype with named parameters; the name equals the key',
  },
  {
    name: 'a mistyped key of a function',
    code: 'unknown-key',
    text: `@functions:
  f:
    prototype: u64 f(void)
    ▸return: 1
`,
    message: 'unknown key `return` in functions.f',
    remedy: 'did you mean `returns`?',
  },
  {
    name: 'notrace that is not a boolean',
    code: 'wrong-shape',
    text: `@functions:
  f:
    prototype: void f(void)
    notrace: ▸maybe
`,
    message: '`notrace` in functions.f: expected `true` or `false`, found the text `maybe`',
    remedy: 'Compiled without a call site. Default: false',
  },
  {
    name: 'an object without bytes',
    code: 'wrong-shape',
    text: `@objects: { b: ▸0 }
`,
    message: '`b` in objects: must be at least 1',
    remedy: 'Named objects in memory: name → bytes',
  },
  {
    name: 'an object that is too big',
    code: 'wrong-shape',
    text: `@objects: { b: ▸70000 }
`,
    message: '`b` in objects: must be at most 65536',
    remedy: 'Named objects in memory: name → bytes',
  },
  {
    name: 'no steps in the list',
    code: 'wrong-shape',
    text: `@steps: ▸[]
`,
    message: '`steps`: must not be empty',
    remedy: 'What is done, in order',
  },
  {
    name: 'a mistyped step',
    code: 'unknown-key',
    text: `@steps:
  - ▸regster: watch
`,
    message: 'unknown key `regster` in steps[1]',
    remedy: 'did you mean `register`?',
  },
  {
    name: 'a mistyped word',
    code: 'wrong-shape',
    text: `@steps:
  - ▸pause_grph
`,
    message: 'item 1 in steps: expected a step, found the text `pause_grph`',
    remedy: 'did you mean `pause_graph`?',
  },
  {
    name: 'a word with a value',
    code: 'unknown-key',
    text: `@steps:
  - ▸stack_trace: true
`,
    message: 'unknown key `stack_trace` in steps[1]',
    remedy: 'it has no value: write `- stack_trace`',
  },
  {
    name: 'a step written as text',
    code: 'wrong-shape',
    text: `@steps:
  - ▸register watch
`,
    message: 'item 1 in steps: expected a step, found the text `register watch`',
    remedy: 'write `- register: watch`',
  },
  {
    name: 'a list as step',
    code: 'wrong-shape',
    text: `@steps:
  - ▸[call]
`,
    message: 'item 1 in steps: expected a step, found a list',
    remedy:
      'steps are register, unregister, enable, disable, call, tail_call, filter, modify_direct, record, count, link_info, set_graph_function, set_graph_notrace, max_graph_depth, tracing_thresh, ndelay, corrupt, ftrace_enabled, in_task, wake, irq, softirq, nmi, pause_graph, resume_graph, stack_trace, enabled_functions, sleep, unload_module',
  },
  {
    name: 'ftrace_enabled without boolean',
    code: 'wrong-shape',
    text: `@steps:
  - ftrace_enabled: ▸1
`,
    message: '`ftrace_enabled` in steps[1]: expected `true` or `false`, found the number 1',
    remedy: 'Writes the kernel.ftrace_enabled sysctl',
  },
  {
    name: 'two steps in one',
    code: 'bad-step',
    text: `@steps:
  - register: watch
    ▸call: f(1)
`,
    message: 'one step does two things, `register` and `call`',
    remedy: 'begin a new item with `-`',
  },
  {
    name: 'a modifier alone',
    code: 'bad-step',
    text: `@steps:
  - ▸as: r
`,
    message: '`as` belongs to a call',
    remedy: 'add `call: f(…)` to the same step',
  },
  {
    name: 'as with something else than a call',
    code: 'bad-step',
    text: `@steps:
  - register: watch
    ▸as: r
`,
    message: '`as` does not go with `register`',
    remedy: '`as` binds the result of `call`',
  },
  {
    name: 'an unknown parameter',
    code: 'substitution',
    text: `@for: [{ n: 1 }]
requires: ['A▸\${m}']
`,
    message: `\`\${m}\` is not a parameter of \`for\` (in the case \`1\` of \`for\`)`,
    remedy: 'the parameters of `for` are n',
  },
  {
    name: 'a parameter without for',
    code: 'substitution',
    text: `@requires: [A, '▸\${n}']
`,
    message: `\`\${n}\` is not a parameter of \`for\``,
    remedy: 'this file has no `for:` that would give it a value',
  },
  {
    name: 'a parameter that is not closed',
    code: 'substitution',
    text: `@for: [{ n: 1 }]
requires: ['A▸\${n']
`,
    message: `a \`\${\` without its \`}\` (in the case \`1\` of \`for\`)`,
    remedy: `a parameter of \`for:\` is written \`\${name}\``,
  },
  {
    name: 'a list inside of a text',
    code: 'substitution',
    text: `@for: [{ n: 1, l: ▸[1, 2] }]
requires: ['A\${l}']
`,
    message: `\`\${l}\` stands inside of a text but is a list (in the case \`1\` of \`for\`)`,
    remedy: 'give it a text or a number, or let it stand alone',
  },
  {
    name: 'for that is a text',
    code: 'wrong-shape',
    text: `@for: ▸many
`,
    message: '`for`: expected a list or a map, found the text `many`',
    remedy: '`for:` is a list of rows, `- { a: 1, b: 2 }`, or parameter → list of values',
  },
  {
    name: 'for without rows',
    code: 'wrong-shape',
    text: `@for: ▸[]
`,
    message: '`for` has no rows',
    remedy: '`for:` is a list of rows, `- { a: 1, b: 2 }`, or parameter → list of values',
  },
  {
    name: 'a row that is not a map',
    code: 'wrong-shape',
    text: `@for: [▸1]
`,
    message: 'a row of `for` is the number 1, not a map of parameters',
    remedy: '`for:` is a list of rows, `- { a: 1, b: 2 }`, or parameter → list of values',
  },
  {
    name: 'a row that lacks a parameter',
    code: 'missing-key',
    text: `@for:
  - { a: 1, b: 2 }
  - ▸{ a: 2 }
`,
    message: 'this row has no `b`',
    remedy: 'every row has the same parameters as the first',
  },
  {
    name: 'a row with another parameter',
    code: 'unknown-key',
    text: `@for:
  - { name: 1 }
  - { name: 2, ▸nmae: 2 }
`,
    message: '`nmae` is not a parameter of the first row',
    remedy: 'did you mean `name`?',
  },
  {
    name: 'a combination of something else than lists',
    code: 'wrong-shape',
    text: `@for: { a: ▸1 }
`,
    message: '`a`: expected a list of values, found the number 1',
    remedy: '`for:` is a list of rows, `- { a: 1, b: 2 }`, or parameter → list of values',
  },
  {
    name: 'two rows of one name',
    code: 'bad-id',
    text: `@for:
  - { a: 1 }
  - { a: ▸1 }
`,
    message: 'two cases of `for` are called `1`',
    remedy: 'let the first parameter differ in every row',
  },
  {
    name: 'a row whose name is not an id',
    code: 'bad-id',
    text: `@for:
  - { a: ▸'u64 f(void)' }
`,
    message: 'the text `u64 f(void)` cannot be part of an id',
    remedy: 'the first parameter of a row names its case: letters, digits, _ . and -',
  },
  {
    name: 'a parameter that is not a word',
    code: 'bad-name',
    text: `@for: [{ ▸a-b: 1 }]
`,
    message: '`a-b` cannot be a parameter of `for`',
    remedy: 'a parameter is a word of letters, digits and _',
  },
  {
    name: 'keys that become equal',
    code: 'duplicate-key',
    text: `@for: [{ n: f }]
functions:
  f: { prototype: void f(void) }
  ▸'\${n}': { prototype: void f(void) }
`,
    message: '`f` is given twice (in the case `f` of `for`)',
    remedy: 'keep one of them',
  },
  {
    name: 'a wrong value of one row',
    code: 'bad-prototype',
    text: `@for: [{ n: 1, p: 'u64 f(u64 a)' }, { n: 2, p: 'u64 f(▸float a)' }]
functions:
  f: { prototype: '\${p}', returns: 1 }
steps: [call: f(1)]
`,
    message: 'unknown type `float` (in the case `2` of `for`)',
    remedy:
      'types are u8 … u128, s8 … s128, bool, size_t, C integers, pointers, and `struct tag` declared in `structs:`',
  },
  {
    name: 'a type that C has not',
    code: 'bad-prototype',
    text: `@functions:
  f: { prototype: 'u64 f(▸unsinged int a)', returns: 1 }
`,
    message: 'unknown type `unsinged int`',
    remedy: 'did you mean `unsigned`?',
  },
  {
    name: 'a float',
    code: 'bad-prototype',
    text: `@functions:
  f: { prototype: 'u64 f(u64 a, ▸double b)', returns: 1 }
`,
    message: 'unknown type `double`',
    remedy:
      'types are u8 … u128, s8 … s128, bool, size_t, C integers, pointers, and `struct tag` declared in `structs:`',
  },
  {
    name: 'a parameter without name',
    code: 'bad-prototype',
    text: `@functions:
  f: { prototype: 'u64 f(u64 a, ▸u64)', returns: 1 }
`,
    message: 'parameter 2 has no name',
    remedy: 'give it one, as in `u64 a`',
  },
  {
    name: 'a prototype without parentheses',
    code: 'bad-prototype',
    text: `@functions:
  f: { prototype: u64 f▸, returns: 1 }
`,
    message: 'expected `(` after `f`, found the end',
    remedy: 'a prototype looks like `u64 sum(u64 a, const char *b)`',
  },
  {
    name: 'a prototype of another function',
    code: 'bad-prototype',
    text: `@functions:
  f: { prototype: ▸u64 g(void), returns: 1 }
`,
    message: 'the prototype is of `g`, the key says `f`',
    remedy: 'use the same name in both',
  },
  {
    name: 'a struct that is not declared',
    code: 'bad-prototype',
    text: `@functions:
  f: { prototype: void f(struct ▸pair p) }
`,
    message: 'struct pair is not declared',
    remedy: 'declare it under `structs:`, or pass a pointer',
  },
  {
    name: 'seventeen parameters',
    code: 'bad-prototype',
    text: `@functions:
  f:
    prototype: void f(int a0, int a1, int a2, int a3, int a4, int a5, int a6, int a7, int a8, int a9, int a10, int a11, int a12, int a13, int a14, int a15, ▸int a16)
`,
    message: 'more than 16 parameters',
    remedy: 'no function of the kernel has so many; use fewer',
  },
  {
    name: 'a variable number of arguments',
    code: 'bad-prototype',
    text: `@functions:
  f: { prototype: 'void f(int a, ▸...)' }
`,
    message: 'a variable number of arguments is not modelled',
    remedy: 'name every parameter',
  },
  {
    name: 'two parameters of one name',
    code: 'bad-prototype',
    text: `@functions:
  f: { prototype: 'void f(int a, int ▸a)' }
`,
    message: 'two parameters are called `a`',
    remedy: 'rename one of them',
  },
  {
    name: 'a void parameter',
    code: 'bad-prototype',
    text: `@functions:
  f: { prototype: 'void f(int a, ▸void b)' }
`,
    message: 'parameter 2 is void',
    remedy: 'an empty list is `(void)`; a pointer is `void *p`',
  },
  {
    name: 'an array',
    code: 'bad-prototype',
    text: `@functions:
  f: { prototype: 'void f(int a▸[4])' }
`,
    message: 'arrays cannot be passed by value',
    remedy: 'write a pointer, or a struct member for each element',
  },
  {
    name: 'a word of C as name',
    code: 'bad-name',
    text: `@functions:
  ▸while: { prototype: void while(void) }
`,
    message: '`while` cannot name a function',
    remedy: 'a name is a word of letters, digits and _ that is not a word of C',
  },
  {
    name: 'a struct inside of a struct',
    code: 'bad-struct',
    text: `@structs: { pair: 'u64 a; struct ▸inner b' }
`,
    message: 'struct inner is not declared',
    remedy: 'declare it under `structs:`, or pass a pointer',
  },
  {
    name: 'struct members with commas',
    code: 'bad-struct',
    text: `@structs: { pair: 'u64 a▸, u64 b' }
`,
    message: 'expected `;` after a member, found `,`',
    remedy: 'members look like `u64 a; char b`',
  },
  {
    name: 'a probe named like a function',
    code: 'duplicate-name',
    text: `@probes:
  ▸f: { ops: { on: all } }
`,
    message: '`f` is also a function',
    remedy: 'choose another name',
  },
  {
    name: 'an object named like a function',
    code: 'duplicate-name',
    text: `@objects: { f: 8 }
functions:
  ▸f: { prototype: void f(void) }
`,
    message: '`f` is also an object',
    remedy: 'choose another name',
  },
  {
    name: 'a probe of no kind',
    code: 'wrong-shape',
    text: `@probes: { ▸w: {} }
`,
    message: '`w` has no kind',
    remedy:
      'kinds are ops, graph, fprobe, kprobe, kretprobe, direct, fentry, fmod_ret, fexit, fsession, livepatch, tracer, event, fentry_multi, fexit_multi, fsession_multi, kprobe_multi, kretprobe_multi, kprobe_session, perf',
  },
  {
    name: 'a probe of two kinds',
    code: 'wrong-shape',
    text: `@probes:
  w: { ops: { on: all }, ▸graph: { on: all } }
`,
    message: '`w` is of two kinds, ops and graph',
    remedy: 'make it two probes',
  },
  {
    name: 'a kind that is not',
    code: 'unknown-key',
    text: `@probes:
  w: { ▸fprob: { on: all } }
`,
    message: 'unknown key `fprob` in probes.w',
    remedy: 'did you mean `fprobe`?',
  },
  {
    name: 'a probe without a filter',
    code: 'missing-key',
    text: `@probes:
  w: { ops: ▸{ flags: [] } }
`,
    message: '`on` is missing in probes.w.ops',
    remedy: 'add `on:` — Filter: a list of functions, or `all` for every function',
  },
  {
    name: 'an empty filter',
    code: 'wrong-shape',
    text: `@probes:
  w: { ops: { on: ▸[] } }
`,
    message: '`on` in probes.w.ops: must not be empty',
    remedy: 'Filter: a list of functions, or `all` for every function',
  },
  {
    name: 'a filter word that is not',
    code: 'wrong-shape',
    text: `@probes:
  w: { ops: { on: ▸al } }
`,
    message: '`on` in probes.w.ops: expected `all`, found the text `al`',
    remedy: 'did you mean `all`?',
  },
  {
    name: 'a probe on an unknown function',
    code: 'unknown-name',
    text: `@probes:
  w: { ops: { on: [▸fo] } }
`,
    message: 'there is no function `fo`',
    remedy: 'did you mean `f`?',
  },
  {
    name: 'an unknown flag',
    code: 'wrong-shape',
    text: `@probes:
  w: { ops: { on: all, flags: [▸IPMODFY] } }
`,
    message:
      'item 1 in probes.w.ops.flags: expected `SAVE_REGS`, `SAVE_REGS_IF_SUPPORTED`, `RECURSION`, `DYNAMIC`, `IPMODIFY`, `RCU`, `PERMANENT` or `PID`, found the text `IPMODFY`',
    remedy: 'did you mean `IPMODIFY`?',
  },
  {
    name: 'a flag of another kind',
    code: 'wrong-shape',
    text: `@probes:
  w: { fprobe: { on: all, flags: [▸RCU] } }
`,
    message: 'item 1 in probes.w.fprobe.flags: expected `DISABLED` or `KPROBE_SHARED`, found the text `RCU`',
    remedy: 'FPROBE_FL_* without the prefix',
  },
  {
    name: 'an exit handler of an ops',
    code: 'unknown-key',
    text: `@probes:
  w: { ops: { on: all, ▸exit: true } }
`,
    message: 'unknown key `exit` in probes.w.ops',
    remedy:
      'only probes of kind graph, fprobe, kretprobe, fexit, fexit_multi, fsession, fsession_multi, kretprobe_multi and kprobe_session run at exit',
  },
  {
    name: 'an entry handler of an fexit',
    code: 'unknown-key',
    text: `@probes:
  w: { fexit: { on: [f], ▸entry: true } }
`,
    message: 'unknown key `entry` in probes.w.fexit',
    remedy:
      'fexit, fexit_multi and kretprobe_multi programs only run at exit, and tracers and livepatches have no handlers',
  },
  {
    name: 'entry data of a graph probe',
    code: 'unknown-key',
    text: `@probes:
  w: { graph: { on: all, ▸entry_data_size: 8 } }
`,
    message: 'unknown key `entry_data_size` in probes.w.graph',
    remedy:
      'only an fprobe has it; of a kretprobe it is `data_size`, a graph probe reserves data with `store_data`, and a session has one word',
  },
  {
    name: 'an expression that ends early',
    code: 'bad-expression',
    text: `@functions:
  f: { prototype: u64 f(u64 a), returns: a +▸ }
`,
    message: 'expected a value, found the end',
    remedy:
      'an expression has numbers, names, `&object`, parentheses and the operators + - * / % & | ^ << >> == != < <= > >= ~ !',
  },
  {
    name: 'an octal number',
    code: 'bad-expression',
    text: `@functions:
  f: { prototype: u64 f(u64 a), returns: a + ▸017 }
`,
    message: '`017` is octal in C',
    remedy: 'write it in decimal or as 0x…',
  },
  {
    name: 'a number with a suffix',
    code: 'bad-expression',
    text: `@functions:
  f: { prototype: u64 f(u64 a), returns: a + ▸5UL }
`,
    message: '`5UL` is not a number',
    remedy: 'numbers are decimal or 0x…, without suffix',
  },
  {
    name: 'a conditional expression',
    code: 'bad-expression',
    text: `@functions:
  f: { prototype: u64 f(u64 a), returns: 'a ▸? 1 : 2' }
`,
    message: '`?` is not part of the expression language',
    remedy: 'there is no conditional expression; use `when:` on a step',
  },
  {
    name: 'a logical operator',
    code: 'bad-expression',
    text: `@functions:
  f: { prototype: u64 f(u64 a), returns: a ▸&& 1 }
`,
    message: 'there is no `&&`',
    remedy: 'combine comparisons, which give 0 or 1, with `&` and `|`',
  },
  {
    name: 'a call inside of an expression',
    code: 'bad-expression',
    text: `@functions:
  f: { prototype: u64 f(u64 a), returns: 1 + ▸f(a) }
`,
    message: '`f(…)` is a call, which an expression cannot make',
    remedy: 'make it a step, `- call: …` with `as: name`, and use the name',
  },
  {
    name: 'a struct value without quotes',
    code: 'wrong-shape',
    text: `@functions:
  f: { prototype: u64 f(u64 a), returns: {▸1, 2} }
`,
    message: '`1` has no value',
    remedy: "write `key: value`; a struct value stands in quotes: '{1, 2}'",
  },
  {
    name: 'a number of 129 bits',
    code: 'bad-expression',
    text: `@functions:
  f: { prototype: u64 f(u64 a), returns: ▸0x100000000000000000000000000000000 }
`,
    message: 'a number of more than 128 bits',
    remedy: 'no integer type is wider',
  },
  {
    name: 'parentheses without an end',
    code: 'bad-expression',
    text: `@functions:
  f: { prototype: u64 f(u64 a), returns: (a + 1▸ }
`,
    message: 'expected `)` to close the parenthesis, found the end',
    remedy:
      'an expression has numbers, names, `&object`, parentheses and the operators + - * / % & | ^ << >> == != < <= > >= ~ !',
  },
  {
    name: 'an unknown name',
    code: 'unknown-name',
    text: `@functions:
  f: { prototype: u64 f(u64 first), returns: 1 + ▸frist }
`,
    message: '`frist` has no value here',
    remedy: 'did you mean `first`?',
  },
  {
    name: 'an object without &',
    code: 'unknown-name',
    text: `@objects: { buffer: 8 }
functions:
  f: { prototype: void *f(void), returns: ▸buffer }
`,
    message: '`buffer` has no value here',
    remedy: 'its address is written `&buffer`',
  },
  {
    name: 'the address of nothing',
    code: 'unknown-name',
    text: `@objects: { buffer: 8 }
functions:
  f: { prototype: void *f(void), returns: '▸&bufer' }
`,
    message: 'there is no object or function `bufer`',
    remedy: 'did you mean `buffer`?',
  },
  {
    name: 'a member that is not',
    code: 'unknown-name',
    text: `@structs: { pair: 'u64 left; u64 right' }
functions:
  f: { prototype: u64 f(struct pair p), returns: 1 + ▸p.lft }
`,
    message: 'struct pair has no member `lft`',
    remedy: 'did you mean `left`?',
  },
  {
    name: 'a member of a number',
    code: 'wrong-type',
    text: `@functions:
  f: { prototype: u64 f(u64 a), returns: ▸a.x }
`,
    message: '`.x` needs a struct before it',
    remedy: 'only parameters and results of a struct type have members',
  },
  {
    name: 'a struct as a number',
    code: 'wrong-type',
    text: `@structs: { pair: 'u64 a; u64 b' }
functions:
  f: { prototype: u64 f(struct pair p), returns: ▸p + 1 }
`,
    message: '`p` is struct pair where a number is needed',
    remedy: 'take a member: `p.a`',
  },
  {
    name: 'division by zero',
    code: 'division-by-zero',
    text: `@functions:
  f: { prototype: u64 f(u64 a), returns: a / (▸2 - 2) }
`,
    message: 'division by zero',
    remedy: 'divide by something else',
  },
  {
    name: 'a shift that is too far',
    code: 'out-of-range',
    text: `@functions:
  f: { prototype: u64 f(u64 a), returns: a << ▸200 }
`,
    message: 'a shift by 200',
    remedy: 'shift by 0 to 127',
  },
  {
    name: 'no result',
    code: 'bad-returns',
    text: `@functions:
  ▸f: { prototype: u64 f(u64 a) }
`,
    message: '`f` returns u64, but says not what',
    remedy: 'add `returns: expression`, or end with a `tail_call` without `when`',
  },
  {
    name: 'a result of void',
    code: 'bad-returns',
    text: `@functions:
  f: { prototype: void f(u64 a), ▸returns: a }
`,
    message: '`f` is void and returns nothing',
    remedy: 'remove `returns:`, or change the prototype',
  },
  {
    name: 'a result after a tail call',
    code: 'bad-returns',
    text: `@functions:
  g: { prototype: u64 g(void), returns: 1 }
  f: { prototype: u64 f(u64 a), does: [tail_call: g()], ▸returns: a }
`,
    message: '`returns` is never reached after the tail call',
    remedy: 'remove it, or give the tail call a `when:`',
  },
  {
    name: 'a struct result of three members',
    code: 'wrong-arity',
    text: `@structs: { pair: 'u64 a; u64 b' }
functions:
  f: { prototype: struct pair f(u64 a), returns: '▸{a, 1, 2}' }
`,
    message: 'the result is struct pair with 2 members, 3 given',
    remedy: "write one value for each: '{a, b}'",
  },
  {
    name: 'a number as struct result',
    code: 'wrong-type',
    text: `@structs: { pair: 'u64 a; u64 b' }
functions:
  f: { prototype: struct pair f(u64 a), returns: ▸a }
`,
    message: 'the result is struct pair, `a` is u64',
    remedy: "pass '{a, b}' or a name of that type",
  },
  {
    name: 'a call of nothing',
    code: 'unknown-name',
    text: `@steps:
  - call: ▸sum7(1)
`,
    message: 'there is no function `sum7`',
    remedy: 'the functions are f',
  },
  {
    name: 'a call without parentheses',
    code: 'bad-expression',
    text: `@steps:
  - call: f▸
`,
    message: 'expected `(` after `f`, found the end',
    remedy: 'a call looks like `f(1, a + 2)`, without arguments `f()`',
  },
  {
    name: 'too few arguments',
    code: 'wrong-arity',
    text: `@steps:
  - call: ▸f()
`,
    message: '`f` takes 1 argument, 0 given',
    remedy: 'its parameters are (a)',
  },
  {
    name: 'an argument that does not fit',
    code: 'out-of-range',
    text: `@functions:
  f: { prototype: void f(s8 a) }
steps:
  - call: f(▸200)
`,
    message: '200 does not fit parameter `a` of type s8',
    remedy: 'its values are -128 to 127',
  },
  {
    name: 'a negative unsigned argument',
    code: 'out-of-range',
    text: `@steps:
  - call: f(▸-1)
`,
    message: '-1 does not fit parameter `a` of type u64',
    remedy: 'its values are 0 to 18446744073709551615',
  },
  {
    name: 'a number as struct argument',
    code: 'wrong-type',
    text: `@structs: { pair: 'u64 a; u64 b' }
functions:
  f: { prototype: void f(struct pair p) }
steps:
  - call: f(▸1)
`,
    message: 'parameter `p` is struct pair, a number is given',
    remedy: "pass '{a, b}' or a name of that type",
  },
  {
    name: 'a struct as number argument',
    code: 'wrong-type',
    text: `@steps:
  - call: f(▸{1, 2})
`,
    message: 'a struct value where a number is needed',
    remedy: 'struct values are only passed and returned whole',
  },
  {
    name: 'the result of void',
    code: 'wrong-type',
    text: `@functions:
  f: { prototype: void f(u64 a) }
steps:
  - call: f(1)
    as: ▸r
`,
    message: '`f` returns void, there is nothing to bind',
    remedy: 'remove `as:`, or let the function return a value',
  },
  {
    name: 'a name that is bound twice',
    code: 'duplicate-name',
    text: `@steps:
  - { call: f(1), as: r }
  - { call: f(1), as: ▸r }
`,
    message: '`r` has a value already',
    remedy: 'choose another name: names are bound once',
  },
  {
    name: 'a name that is a parameter',
    code: 'duplicate-name',
    text: `@functions:
  g: { prototype: u64 g(void), returns: 1 }
  f: { prototype: u64 f(u64 a), does: [{ call: g(), as: ▸a }], returns: a }
`,
    message: '`a` has a value already',
    remedy: 'choose another name: names are bound once',
  },
  {
    name: 'a tail call at top level',
    code: 'bad-step',
    text: `@steps:
  - ▸tail_call: f(1)
`,
    message: '`tail_call` outside of a function',
    remedy: 'use `call`; only the end of `does:` can tail-call',
  },
  {
    name: 'a tail call that is not last',
    code: 'bad-step',
    text: `@functions:
  g: { prototype: u64 g(void), returns: 1 }
  f:
    prototype: u64 f(u64 a)
    does:
      - ▸tail_call: g()
      - stack_trace
`,
    message: '`tail_call` is not the last step',
    remedy: 'nothing runs after it: move it to the end of `does:`',
  },
  {
    name: 'a tail call of another type',
    code: 'wrong-type',
    text: `@functions:
  g: { prototype: u32 g(void), returns: 1 }
  f: { prototype: u64 f(u64 a), does: [▸tail_call: g()] }
`,
    message: '`f` returns u64, `g` returns u32',
    remedy: 'a tail call passes the result on as it is: use the same type, or `call` and `returns`',
  },
  {
    name: 'an unknown probe',
    code: 'unknown-name',
    text: `@steps:
  - register: ▸wacth
`,
    message: 'there is no probe `wacth`',
    remedy: 'did you mean `watch`?',
  },
  {
    name: 'a probe in a list that is unknown',
    code: 'unknown-name',
    text: `@steps:
  - register: [watch, ▸other]
`,
    message: 'there is no probe `other`',
    remedy: 'the probes are watch',
  },
  {
    name: 'a counter of two things',
    code: 'bad-step',
    text: `@steps:
  - count: { nmissed: watch, ▸hits: f }
`,
    message: '`count` observes one counter, 2 given',
    remedy: 'give one of `nmissed`, `misses`, `run_cnt` and `hits`',
  },
  {
    name: 'a counter of nothing',
    code: 'bad-step',
    text: `@steps:
  - count: ▸{}
`,
    message: '`count` observes one counter, 0 given',
    remedy: 'give one of `nmissed`, `misses`, `run_cnt` and `hits`',
  },
  {
    name: 'hits of a function that is not',
    code: 'unknown-name',
    text: `@steps:
  - count: { hits: ▸ff }
`,
    message: 'there is no function `ff`',
    remedy: 'did you mean `f`?',
  },
  {
    name: 'a root twice',
    code: 'duplicate-name',
    text: `@steps:
  - set_graph_function: [f, ▸f]
`,
    message: '`f` is in the list twice',
    remedy: 'keep one of them',
  },
  {
    name: 'a function left out of the graph that is not',
    code: 'unknown-name',
    text: `@steps:
  - set_graph_notrace: [▸ff]
`,
    message: 'there is no function `ff`',
    remedy: 'did you mean `f`?',
  },
  {
    name: 'an option of another tracer',
    code: 'unknown-name',
    text: `@probes:
  watch: { tracer: { kind: function, on: [f], options: [▸funcgraph-args] } }
`,
    message: 'a function tracer has no option `funcgraph-args`',
    remedy: 'its options are func-args, nofunc-args',
  },
  {
    name: 'an option of the profiler',
    code: 'unknown-name',
    text: `@probes:
  watch: { tracer: { kind: profiler, on: [f], options: [▸sleep-time] } }
`,
    message: 'a profiler tracer has no option `sleep-time`',
    remedy: 'remove `options:`',
  },
  {
    name: 'an instance of the profiler',
    code: 'wrong-shape',
    text: `@probes:
  watch: { tracer: { kind: profiler, on: [f], instance: ▸foo } }
`,
    message: 'the profiler exists once, not in instances',
    remedy: 'remove `instance:`',
  },
  {
    name: 'a tracer that is not',
    code: 'wrong-shape',
    text: `@probes:
  watch: { tracer: { kind: ▸wakeup, on: [f] } }
`,
    message:
      '`kind` in probes.watch.tracer: expected `function`, `function_graph` or `profiler`, found the text `wakeup`',
    remedy: '`function` or `function_graph` as current_tracer, or the function profiler',
  },
  {
    name: 'an event that is a map',
    code: 'wrong-shape',
    text: `@probes:
  watch: { event: ▸{ on: [f] } }
`,
    message: '`event` in probes.watch: expected a text, found a map',
    remedy: 'A dynamic event by its definition, as written to dynamic_events: `f:watch f%return arg=$arg1`',
  },
  {
    name: 'a filter of an event',
    code: 'bad-step',
    text: `@probes:
  watch: { event: "f:watch f" }
steps:
  - filter: { probe: ▸watch, set: [f] }
`,
    message: '`filter` is for probes of kind ops, graph and tracer, `watch` is an event',
    remedy: 'name a probe of kind ops, graph or tracer',
  },
  {
    name: 'a handler of a tracer',
    code: 'unknown-key',
    text: `@probes:
  watch: { tracer: { kind: function, on: [f], ▸entry: true } }
`,
    message: 'unknown key `entry` in probes.watch.tracer',
    remedy:
      'fexit, fexit_multi and kretprobe_multi programs only run at exit, and tracers and livepatches have no handlers',
  },
  {
    name: 'enabling an ops',
    code: 'bad-step',
    text: `@probes: { o: { ops: { on: all } } }
steps:
  - enable: ▸o
`,
    message: '`enable` is for probes of kind fprobe, kprobe, kretprobe, event and perf, `o` is an ops',
    remedy: 'register or unregister the probe instead',
  },
  {
    name: 'missed calls of an ops',
    code: 'bad-step',
    text: `@probes: { o: { ops: { on: all } } }
steps:
  - count: { nmissed: ▸o }
`,
    message:
      '`nmissed` is for probes of kind fprobe, kprobe, kretprobe, fentry, fmod_ret, fexit, fsession, fentry_multi, fexit_multi, fsession_multi, kprobe_multi, kretprobe_multi and kprobe_session, `o` is an ops',
    remedy:
      'name a probe of kind fprobe, kprobe, kretprobe, fentry, fmod_ret, fexit, fsession, fentry_multi, fexit_multi, fsession_multi, kprobe_multi, kretprobe_multi or kprobe_session',
  },
  {
    name: 'a counter that is not',
    code: 'wrong-shape',
    text: `@steps:
  - count: ▸dpth
`,
    message: '`count` in steps[1]: expected `trace_overrun` or `depth`, found the text `dpth`',
    remedy: 'did you mean `depth`?',
  },
  {
    name: 'a filter without change',
    code: 'bad-step',
    text: `@probes: { o: { ops: { on: all } } }
steps:
  - ▸filter: { probe: o }
`,
    message: '`filter` makes one change, 0 given',
    remedy: 'give one of set, add, remove, notrace_set, notrace_add, notrace_remove',
  },
  {
    name: 'a filter of an fprobe',
    code: 'bad-step',
    text: `@steps:
  - filter: { probe: ▸watch, set: [f] }
`,
    message: '`filter` is for probes of kind ops, graph and tracer, `watch` is an fprobe',
    remedy: 'name a probe of kind ops, graph or tracer',
  },
  {
    name: 'modify_direct of an fprobe',
    code: 'bad-step',
    text: `@steps:
  - modify_direct: { probe: ▸watch, to: watch }
`,
    message: '`modify_direct` is for probes of kind direct, `watch` is an fprobe',
    remedy: 'name a probe of kind direct',
  },
  {
    name: 'recursion without an end',
    code: 'cyclic-calls',
    text: `@functions:
  f: { prototype: u64 f(u64 a), does: [▸call: f(a)], returns: a }
`,
    message: 'calls without an end: f → f',
    remedy: 'give one call on the cycle a `when:` that ends it',
  },
  {
    name: 'mutual recursion without an end',
    code: 'cyclic-calls',
    text: `@functions:
  f: { prototype: u64 f(u64 a), does: [tail_call: g(a)] }
  g: { prototype: u64 g(u64 a), does: [▸tail_call: f(a)] }
`,
    message: 'calls without an end: f → g → f',
    remedy: 'give one call on the cycle a `when:` that ends it',
  },
  {
    name: 'a handler that calls what it traces',
    code: 'cyclic-calls',
    text: `@probes:
  watch: { ops: { on: [f], entry: [{ ▸call: f(1) }] } }
`,
    message: 'calls without an end: f → handler of watch → f',
    remedy: 'give one call on the cycle a `when:` that ends it',
  },
  {
    name: 'an action at top level',
    code: 'unknown-key',
    text: `@steps:
  - ▸read: [stack_pointer]
`,
    message: 'unknown key `read` in steps[1]',
    remedy: 'only handlers do this: move it into `entry:` or `exit:` of a probe',
  },
  {
    name: 'a lone action at top level',
    code: 'wrong-shape',
    text: `@steps:
  - ▸skip_exit
`,
    message: 'item 1 in steps: expected a step, found the text `skip_exit`',
    remedy: 'only handlers do this: move it into `entry:` or `exit:` of a probe',
  },
  {
    name: 'an action of another kind',
    code: 'bad-action',
    text: `@probes:
  w: { ops: { on: all, entry: [▸load_data] } }
`,
    message: '`load_data` cannot be done in the entry handler of a probe of kind ops',
    remedy:
      'it is for handlers of graph exit, fprobe exit, kretprobe exit, fsession exit, fsession_multi exit, kprobe_session exit',
  },
  {
    name: 'skipping an exit at the exit',
    code: 'bad-action',
    text: `@probes:
  w: { graph: { on: all, exit: [▸skip_exit] } }
`,
    message: '`skip_exit` cannot be done in the exit handler of a probe of kind graph',
    remedy: 'it is for handlers of graph entry, fprobe entry, kretprobe entry, kprobe_session entry',
  },
  {
    name: 'a task variable of an fprobe',
    code: 'bad-action',
    text: `@probes:
  w: { fprobe: { on: all, entry: [▸task_variable] } }
`,
    message: '`task_variable` cannot be done in the entry handler of a probe of kind fprobe',
    remedy: 'it is for handlers of graph entry, graph exit',
  },
  {
    name: 'reading in a BPF program',
    code: 'bad-accessor',
    text: `@probes:
  w: { fentry: { on: [f], entry: [read: [▸stack_pointer]] } }
`,
    message: '`stack_pointer` cannot be read in a probe of kind fentry',
    remedy: 'it reads func_ip, cookie, func_arg, func_arg_cnt, func_ret',
  },
  {
    name: 'reading a helper of BPF programs in an ops',
    code: 'bad-accessor',
    text: `@probes:
  w: { ops: { on: all, entry: [read: [▸cookie]] } }
`,
    message: '`cookie` cannot be read in a probe of kind ops',
    remedy:
      'it is for fentry, fmod_ret, fexit, fsession, fentry_multi, fexit_multi, fsession_multi, kprobe_multi, kretprobe_multi, kprobe_session',
  },
  {
    name: 'reading in a direct function',
    code: 'bad-action',
    text: `@probes:
  w: { direct: { on: all, entry: [▸read: [func_ip]] } }
`,
    message: '`read` cannot be done in the entry handler of a probe of kind direct',
    remedy:
      'it is for handlers of ops entry, graph entry, graph exit, fprobe entry, fprobe exit, kprobe entry, kprobe post, kretprobe entry, kretprobe exit, fentry entry, fmod_ret entry, fexit exit, fsession entry, fsession exit, fentry_multi entry, fexit_multi exit, fsession_multi entry, fsession_multi exit, kprobe_multi entry, kretprobe_multi exit, kprobe_session entry, kprobe_session exit, perf entry',
  },
  {
    name: 'two words in the cookie of a session',
    code: 'out-of-range',
    text: `@probes:
  w: { fsession: { on: [f], entry: [store_data: [1, ▸2]] } }
`,
    message: '2 words of data where there is room for 1',
    remedy: 'the cookie of a session is one word',
  },
  {
    name: 'bytes for the cookie of a session',
    code: 'bad-action',
    text: `@probes:
  w: { fsession: { on: [f], entry: [store_data: ▸{ value: 1, bytes: 8 }] } }
`,
    message: '`bytes` is for graph probes',
    remedy: 'write `- store_data: value`; the cookie of a session is one word',
  },
  {
    name: 'a cookie of an ops',
    code: 'unknown-key',
    text: `@probes:
  w: { ops: { on: all, ▸cookie: 1 } }
`,
    message: 'unknown key `cookie` in probes.w.ops',
    remedy: 'only fentry, fmod_ret, fexit and fsession have one cookie',
  },
  {
    name: 'what an fexit program returns',
    code: 'unknown-key',
    text: `@probes:
  w: { fexit: { on: [f], ▸returns: 1 } }
`,
    message: 'unknown key `returns` in probes.w.fexit',
    remedy: 'only a fmod_ret program says what is returned',
  },
  {
    name: 'a livepatch with a function that is not there',
    code: 'unknown-name',
    text: `@probes:
  w: { livepatch: { on: [f], with: ▸g } }
`,
    message: 'there is no function `g`',
    remedy: 'the functions are f',
  },
  {
    name: 'a handler of a livepatch',
    code: 'unknown-key',
    text: `@probes:
  w: { livepatch: { on: [f], with: f, ▸entry: true } }
`,
    message: 'unknown key `entry` in probes.w.livepatch',
    remedy:
      'fexit, fexit_multi and kretprobe_multi programs only run at exit, and tracers and livepatches have no handlers',
  },
  {
    name: 'a jumped-to trampoline of all functions',
    code: 'wrong-shape',
    text: `@probes:
  w: { direct: { on: all, ▸jmp: true } }
`,
    message: 'a trampoline that is jumped to has one function, and this probe has others',
    remedy: 'name one function in `on`',
  },
  {
    name: 'a jumped-to trampoline far away',
    code: 'wrong-shape',
    text: `@probes:
  w: { direct: { on: [f], jmp: true, ▸far: true } }
`,
    message: 'no trampoline that is jumped to lies far',
    remedy: 'leave out `jmp` or `far`',
  },
  {
    name: 'data without room',
    code: 'bad-action',
    text: `@probes:
  w: { fprobe: { on: all, entry: [▸store_data: 5] } }
`,
    message: '`w` has no room for a word of entry data',
    remedy: 'give the fprobe `entry_data_size: 8` or more',
  },
  {
    name: 'bytes of an fprobe',
    code: 'bad-action',
    text: `@probes:
  w: { fprobe: { on: all, entry_data_size: 16, entry: [store_data: ▸{ value: 5, bytes: 16 }] } }
`,
    message: '`bytes` is for graph probes',
    remedy: "write `- store_data: value`; an fprobe's bytes are its `entry_data_size`",
  },
  {
    name: 'an argument to store that cannot be',
    code: 'bad-accessor',
    text: `@probes:
  w: { graph: { on: all, entry: [store_data: [1, argument(▸64)]] } }
`,
    message: '`64` is not an index',
    remedy: '`argument` counts from 0 to 63',
  },
  {
    name: 'an accessor that is not stored',
    code: 'bad-expression',
    text: `@probes:
  w: { graph: { on: all, entry: [store_data: ▸return_value(0)] } }
`,
    message: '`return_value(…)` is a call, which an expression cannot make',
    remedy: 'make it a step, `- call: …` with `as: name`, and use the name',
  },
  {
    name: 'data of a kretprobe without room',
    code: 'bad-action',
    text: `@probes:
  w: { kretprobe: { on: [f], entry: [▸store_data: 5] } }
`,
    message: '`w` has no room for a word of entry data',
    remedy: 'give the kretprobe `data_size: 8` or more',
  },
  {
    name: 'more data of a kretprobe than there is room for',
    code: 'out-of-range',
    text: `@probes:
  w: { kretprobe: { on: [f], data_size: 9, entry: [store_data: [1, 2, ▸3]] } }
`,
    message: '3 words of data where there is room for 2',
    remedy: 'give the kretprobe `data_size: 24`',
  },
  {
    name: 'bytes of a kretprobe',
    code: 'bad-action',
    text: `@probes:
  w: { kretprobe: { on: [f], data_size: 16, entry: [store_data: ▸{ value: 5, bytes: 16 }] } }
`,
    message: '`bytes` is for graph probes',
    remedy: "write `- store_data: value`; a kretprobe's bytes are its `data_size`",
  },
  {
    name: 'a kprobe on everything',
    code: 'wrong-shape',
    text: `@probes:
  w: { kprobe: { on: ▸all } }
`,
    message: '`on` in probes.w.kprobe: expected a list, found the text `all`',
    remedy: 'A function, or several: one kprobe each, registered together',
  },
  {
    name: 'an exit handler of a kprobe',
    code: 'unknown-key',
    text: `@probes:
  w: { kprobe: { on: [f], ▸exit: true } }
`,
    message: 'unknown key `exit` in probes.w.kprobe',
    remedy:
      'only probes of kind graph, fprobe, kretprobe, fexit, fexit_multi, fsession, fsession_multi, kretprobe_multi and kprobe_session run at exit',
  },
  {
    name: 'a post handler of a kretprobe',
    code: 'unknown-key',
    text: `@probes:
  w: { kretprobe: { on: [f], ▸post: true } }
`,
    message: 'unknown key `post` in probes.w.kretprobe',
    remedy: 'only a kprobe has a post_handler',
  },
  {
    name: 'a flag that kprobes do not have',
    code: 'wrong-shape',
    text: `@probes:
  w: { kprobe: { on: [f], flags: [▸IPMODIFY] } }
`,
    message: 'item 1 in probes.w.kprobe.flags: expected `DISABLED`, found the text `IPMODIFY`',
    remedy: 'KPROBE_FLAG_* without the prefix',
  },
  {
    name: 'skipping an exit in a kprobe',
    code: 'bad-action',
    text: `@probes:
  w: { kprobe: { on: [f], entry: [▸skip_exit] } }
`,
    message: '`skip_exit` cannot be done in the entry handler of a probe of kind kprobe',
    remedy: 'it is for handlers of graph entry, fprobe entry, kretprobe entry, kprobe_session entry',
  },
  {
    name: 'skipping the single step after it',
    code: 'bad-action',
    text: `@probes:
  w: { kprobe: { on: [f], post: [▸skip_single_step] } }
`,
    message: '`skip_single_step` cannot be done in the post handler of a probe of kind kprobe',
    remedy: 'it is for handlers of kprobe entry',
  },
  {
    name: 'ftrace_regs in a kprobe',
    code: 'bad-accessor',
    text: `@probes:
  w: { kprobe: { on: [f], entry: [read: [stack_pointer, ▸field(sp)]] } }
`,
    message: '`field(sp)` is of ftrace_regs; the handlers of a kprobe get a pt_regs',
    remedy:
      'those of a pt_regs are instruction_pointer, stack_pointer, frame_pointer, return_value, argument, stack_nth, get_regs, regs, ip_offset, resume_offset, block',
  },
  {
    name: 'setting a field of ftrace_regs in a kretprobe',
    code: 'bad-accessor',
    text: `@probes:
  w: { kretprobe: { on: [f], exit: [set: { ▸field(sp): 1 }] } }
`,
    message: '`field(sp)` is of ftrace_regs; the handlers of a kretprobe get a pt_regs',
    remedy:
      'those of a pt_regs are instruction_pointer, stack_pointer, frame_pointer, return_value, argument, stack_nth, get_regs, regs, ip_offset, resume_offset, block',
  },
  {
    name: 'disabling a direct call',
    code: 'bad-step',
    text: `@probes: { o: { direct: { on: [f] } } }
steps:
  - disable: ▸o
`,
    message:
      '`disable` is for probes of kind fprobe, kprobe, kretprobe, event and perf, `o` is a direct probe',
    remedy: 'register or unregister the probe instead',
  },
  {
    name: 'an unknown accessor',
    code: 'bad-accessor',
    text: `@probes:
  w: { ops: { on: all, entry: [read: [▸stack_ptr]] } }
`,
    message: 'unknown accessor `stack_ptr`',
    remedy: 'did you mean `stack_nth`?',
  },
  {
    name: 'an accessor without parameter',
    code: 'bad-accessor',
    text: `@probes:
  w: { ops: { on: all, entry: [read: [▸argument]] } }
`,
    message: '`argument` needs a parameter',
    remedy: 'write it in parentheses, as in `argument(0)`',
  },
  {
    name: 'an accessor with a parameter too many',
    code: 'bad-accessor',
    text: `@probes:
  w: { ops: { on: all, entry: [read: [stack_pointer(▸1)]] } }
`,
    message: '`stack_pointer` takes no parameter',
    remedy: 'write `stack_pointer`',
  },
  {
    name: 'an accessor with a wrong parameter',
    code: 'bad-accessor',
    text: `@probes:
  w: { ops: { on: all, entry: [read: [argument(▸x)]] } }
`,
    message: '`x` is not an index',
    remedy: '`argument` counts from 0 to 63',
  },
  {
    name: 'setting what can only be read',
    code: 'bad-accessor',
    text: `@probes:
  w: { ops: { on: all, entry: [set: { ▸stack_pointer: 1 }] } }
`,
    message: '`stack_pointer` can only be read',
    remedy: 'a handler can set return_value, argument, instruction_pointer, field',
  },
  {
    name: 'setting two accessors',
    code: 'bad-action',
    text: `@probes:
  w: { ops: { on: all, entry: [set: { return_value: 1, ▸argument(0): 2 }] } }
`,
    message: '`set` writes one accessor, 2 given',
    remedy: 'write one `- set: { accessor: value }` for each',
  },
  {
    name: 'an instruction pointer that is a number',
    code: 'wrong-type',
    text: `@probes:
  w: { ops: { on: all, entry: [set: { instruction_pointer: ▸5 }] } }
`,
    message: '`instruction_pointer` is set to something else than a function',
    remedy: "write the address of a function in quotes: '&other'",
  },
  {
    name: 'a tail call in a handler',
    code: 'bad-step',
    text: `@probes:
  w: { ops: { on: all, entry: [▸tail_call: f(1)] } }
`,
    message: '`tail_call` outside of a function',
    remedy: 'use `call`; only the end of `does:` can tail-call',
  },
  {
    name: 'a kind of expectation that is not',
    code: 'unknown-key',
    text: `@expect:
  - ▸enrty: { probe: watch }
`,
    message: 'unknown key `enrty` in expect[1]',
    remedy: 'did you mean `entry`?',
  },
  {
    name: 'two expectations in one',
    code: 'bad-expectation',
    text: `@expect:
  - entry: { probe: watch }
    ▸exit: { probe: watch }
`,
    message: 'one item expects two things, `entry` and `exit`',
    remedy: 'begin a new item with `-`',
  },
  {
    name: 'a field that is not',
    code: 'unknown-key',
    text: `@expect:
  - entry: { ▸argumnets: [1] }
`,
    message: 'an expectation of kind `entry` has no field `argumnets`',
    remedy: 'did you mean `arguments`?',
  },
  {
    name: 'a field of another kind',
    code: 'unknown-key',
    text: `@expect:
  - body: { ▸return: 1 }
`,
    message: 'unknown key `return` in expect[1].body',
    remedy: 'its keys are function, arguments',
  },
  {
    name: 'an accessor without its parameter as field',
    code: 'bad-accessor',
    text: `@expect:
  - entry: { ▸field: 1 }
`,
    message: '`field` needs a parameter',
    remedy: 'write it in parentheses, as in `field(sp)`',
  },
  {
    name: 'an expectation of an unknown probe',
    code: 'unknown-name',
    text: `@expect:
  - entry: { probe: ▸wathc }
`,
    message: 'there is no probe `wathc`',
    remedy: 'did you mean `watch`?',
  },
  {
    name: 'an expectation of an unknown function',
    code: 'unknown-name',
    text: `@expect:
  - body: { function: ▸ff }
`,
    message: 'there is no function `ff`',
    remedy: 'did you mean `f`?',
  },
  {
    name: 'arguments that are no list',
    code: 'wrong-shape',
    text: `@expect:
  - body: { arguments: ▸1 }
`,
    message: '`arguments` is a list',
    remedy: 'write `arguments: [1, 2]`, one text for each, or `any`',
  },
  {
    name: 'an error that is not a code',
    code: 'bad-expectation',
    text: `@expect:
  - error: { call: register watch, code: ▸EINVAL }
`,
    message: '`EINVAL` is not an error code of the ftrace API',
    remedy: 'did you mean `-EINVAL`?',
  },
  {
    name: 'a map as field',
    code: 'wrong-shape',
    text: `@expect:
  - result: { value: ▸{ a: 1 } }
`,
    message:
      '`value` in expect[1].result: expected a text, a number, `true` or `false`, `NULL` or a list, found a map',
    remedy: 'The value its caller sees',
  },
  {
    name: 'divergences without expect',
    code: 'bad-divergence',
    text: `@▸divergences:
  - { on: { arch: a }, because: b, source: c, replace: { 1: [] } }
`,
    message: '`divergences` without `expect`',
    remedy: 'say first what is expected elsewhere',
  },
  {
    name: 'a divergence without reason',
    code: 'missing-key',
    text: `@expect: [result: 1]
divergences:
  - ▸{ on: { arch: a }, source: c, replace: { 1: [] } }
`,
    message: '`because` is missing in divergences[1]',
    remedy: 'add `because:` — Why the outcome differs, one sentence',
  },
  {
    name: 'a blank source',
    code: 'wrong-shape',
    text: `@expect: [result: 1]
divergences:
  - { on: { arch: a }, because: b, source: ▸' ', replace: { 1: [] } }
`,
    message: '`source` in divergences[1]: must not be blank',
    remedy: 'Where the reason is documented or implemented',
  },
  {
    name: 'a divergence everywhere',
    code: 'bad-divergence',
    text: `@expect: [result: 1]
divergences:
  - { on: ▸{}, because: b, source: c, replace: { 1: [] } }
`,
    message: '`on` names no condition',
    remedy: 'give arch, revision, target, feature or lacks',
  },
  {
    name: 'a divergence that replaces nothing',
    code: 'bad-divergence',
    text: `@expect: [result: 1]
divergences:
  - { on: { arch: a }, because: b, source: c, replace: ▸{} }
`,
    message: '`replace` replaces nothing',
    remedy: 'give the index in `expect` of what differs',
  },
  {
    name: 'an index that is out of range',
    code: 'bad-divergence',
    text: `@expect: [result: 1]
divergences:
  - { on: { arch: a }, because: b, source: c, replace: { ▸2: [] } }
`,
    message: 'there is no expectation 2',
    remedy: '`expect` has items 1 to 1',
  },
  {
    name: 'an index from 0',
    code: 'bad-divergence',
    text: `@expect: [result: 1]
divergences:
  - { on: { arch: a }, because: b, source: c, replace: { ▸0: [] } }
`,
    message: 'there is no expectation 0',
    remedy: '`expect` has items 1 to 1',
  },
  {
    name: 'a change of another kind',
    code: 'bad-divergence',
    text: `@expect: [result: 1]
divergences:
  - { on: { arch: a }, because: b, source: c, replace: { 1: { ▸body: { arguments: [1] } } } }
`,
    message: 'a change of kind `body` for an expectation of kind `result`',
    remedy: 'use the same kind, or put a list in its place: `- …`',
  },
  {
    name: 'when without for',
    code: 'bad-divergence',
    text: `@expect: [result: 1]
divergences:
  - { on: { arch: a }, ▸when: { n: 1 }, because: b, source: c, replace: { 1: [] } }
`,
    message: '`when` without `for:`',
    remedy: 'remove it, or make the case a family',
  },
  {
    name: 'when of a value that never is',
    code: 'bad-divergence',
    text: `@for: [{ n: 1 }, { n: 2 }]
expect: [result: 1]
divergences:
  - { on: { arch: a }, when: { n: [1, ▸3] }, because: b, source: c, replace: { 1: [] } }
`,
    message: '`n` is never `3` (in the case `1` of `for`)',
    remedy: 'its values are 1, 2',
  },
];
