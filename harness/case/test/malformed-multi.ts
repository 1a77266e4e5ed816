// SPDX-License-Identifier: MIT
/** Malformed probes on fprobes and of perf, in the form of the table in malformed.ts. */
import type { Malformed } from './malformed.js';

export const malformedMulti: readonly Malformed[] = [
  {
    name: 'a program on every function',
    code: 'wrong-shape',
    text: `@probes:
  w: { fentry: { on: ▸all } }
`,
    message: '`on` in probes.w.fentry: expected a list, found the text `all`',
    remedy: 'A function, or several: attached one after the other',
  },
  {
    name: 'more functions than the models have slots',
    code: 'wrong-shape',
    text: `@functions:
${Array.from({ length: 32 }, (_, n) => `  ${n === 30 ? '▸' : ''}h${n}: { prototype: void h${n}(void) }`).join('\n')}
`,
    message: 'a case has at most 30 functions and tasks',
    remedy: 'make it several cases',
  },
  {
    name: 'a kprobe on a function without a call site',
    code: 'wrong-shape',
    text: `@functions:
  h: { prototype: 'u64 h(u64 a)', notrace: true, returns: a }
probes:
  k: { kprobe: { on: [▸h] } }
`,
    message: '`h` is notrace: it has no instruction that could be probed',
    remedy: 'name a function with a call site',
  },
  {
    name: 'more cookies than functions',
    code: 'wrong-arity',
    text: `@probes:
  w: { kprobe_multi: { on: [f], cookies: ▸[1, 2] } }
`,
    message: '2 cookies for 1 function',
    remedy: 'give one for each function of `on`, in this order',
  },
  {
    name: 'a struct for a cookie',
    code: 'wrong-type',
    text: `@probes:
  w: { kprobe_multi: { on: [f], cookies: ['▸{1, 2}'] } }
`,
    message: 'a struct value where a number is needed',
    remedy: 'struct values are only passed and returned whole',
  },
  {
    name: 'an address of nothing to attach to',
    code: 'unknown-name',
    text: `@probes:
  w: { kprobe_multi: { on: [f], attach: { addresses: ['▸&g'] } } }
`,
    message: 'there is no object or function `g`',
    remedy: 'objects and functions are f',
  },
  {
    name: 'symbols that are not passed',
    code: 'wrong-shape',
    text: `@probes:
  w: { kprobe_multi: { on: [f], attach: { by: addresses, symbols: ▸[g] } } }
`,
    message: '`symbols` that are not passed',
    remedy: 'drop them, or `by: addresses`',
  },
  {
    name: 'an unknown way to attach',
    code: 'wrong-shape',
    text: `@probes:
  w: { kprobe_multi: { on: [f], attach: { by: ▸adresses } } }
`,
    message:
      '`by` in probes.w.kprobe_multi.attach: expected `symbols`, `addresses`, `both` or `nothing`, found the text `adresses`',
    remedy: 'did you mean `addresses`?',
  },
  {
    name: 'an unknown setting of an attach',
    code: 'unknown-key',
    text: `@probes:
  w: { kprobe_session: { on: [f], attach: { ▸symbol: [f] } } }
`,
    message: 'unknown key `symbol` in probes.w.kprobe_session.attach',
    remedy: 'did you mean `symbols`?',
  },
  {
    name: 'a negative count of functions',
    code: 'wrong-shape',
    text: `@probes:
  w: { kprobe_multi: { on: [f], attach: { count: ▸-1 } } }
`,
    message: '`count` in probes.w.kprobe_multi.attach: must be at least 0',
    remedy: 'Entries the lists are said to have. Default: as they have',
  },
  {
    name: 'a field of ftrace_regs in a program',
    code: 'bad-accessor',
    text: `@probes:
  w: { kprobe_multi: { on: [f], entry: [read: [▸field(sp)]] } }
`,
    message: '`field(sp)` cannot be read in a probe of kind kprobe_multi',
    remedy:
      'it reads func_ip, cookie, argument, return_value, instruction_pointer, stack_pointer, regs, user_mode(context)',
  },
  {
    name: 'a conversion in a session',
    code: 'bad-accessor',
    text: `@probes:
  w: { kprobe_session: { on: [f], exit: [read: [▸user_mode(partial)]] } }
`,
    message: '`user_mode(partial)` cannot be read in a probe of kind kprobe_session',
    remedy:
      'it reads func_ip, cookie, argument, return_value, instruction_pointer, stack_pointer, regs, user_mode(context)',
  },
  {
    name: 'an argument in a sample of perf',
    code: 'bad-accessor',
    text: `@probes:
  w: { perf: { on: [f], entry: [read: [▸argument(0)]] } }
`,
    message: '`argument(0)` cannot be read in a probe of kind perf',
    remedy: 'it reads instruction_pointer, stack_pointer, regs, user_mode(context)',
  },
  {
    name: 'a cookie in an fprobe',
    code: 'bad-accessor',
    text: `@probes:
  w: { fprobe: { on: [f], entry: [read: [▸cookie]] } }
`,
    message: '`cookie` cannot be read in a probe of kind fprobe',
    remedy:
      'it is for fentry, fmod_ret, fexit, fsession, fentry_multi, fexit_multi, fsession_multi, kprobe_multi, kretprobe_multi, kprobe_session',
  },
  {
    name: 'a context in an ops',
    code: 'bad-accessor',
    text: `@probes:
  w: { ops: { on: [f], entry: [read: [▸user_mode(context)]] } }
`,
    message: '`user_mode(context)` cannot be read in a probe of kind ops',
    remedy: 'it is for kprobe_multi, kretprobe_multi, kprobe_session, perf',
  },
  {
    name: 'a veto where there is no exit',
    code: 'bad-action',
    text: `@probes:
  w: { kprobe_multi: { on: [f], entry: [▸skip_exit] } }
`,
    message: '`skip_exit` cannot be done in the entry handler of a probe of kind kprobe_multi',
    remedy: 'it is for handlers of graph entry, fprobe entry, kretprobe entry, kprobe_session entry',
  },
  {
    name: 'two words in the cookie of a session',
    code: 'out-of-range',
    text: `@probes:
  w: { kprobe_session: { on: [f], entry: [store_data: [1, ▸2]] } }
`,
    message: '2 words of data where there is room for 1',
    remedy: 'the cookie of a session is one word',
  },
  {
    name: 'bytes for the cookie of a session',
    code: 'bad-action',
    text: `@probes:
  w: { kprobe_session: { on: [f], entry: [store_data: ▸{ value: 1, bytes: 8 }] } }
`,
    message: '`bytes` is for graph probes',
    remedy: 'write `- store_data: value`; the cookie of a session is one word',
  },
  {
    name: 'a parent of a session',
    code: 'bad-action',
    text: `@probes:
  w: { kprobe_session: { on: [f], exit: [load_data: ▸{ parent: 1 }] } }
`,
    message: '`parent` is for graph probes',
    remedy: 'write `- load_data`',
  },
  {
    name: 'a change in a sample of perf',
    code: 'bad-action',
    text: `@probes:
  w: { perf: { on: [f], entry: [▸set: { argument(0): 1 }] } }
`,
    message: '`set` cannot be done in the entry handler of a probe of kind perf',
    remedy:
      'it is for handlers of ops entry, graph entry, graph exit, fprobe entry, fprobe exit, kprobe entry, kprobe post, kretprobe entry, kretprobe exit, kprobe_multi entry, kretprobe_multi exit, kprobe_session entry, kprobe_session exit',
  },
  {
    name: 'an exit handler of a kprobe_multi',
    code: 'unknown-key',
    text: `@probes:
  w: { kprobe_multi: { on: [f], ▸exit: true } }
`,
    message: 'unknown key `exit` in probes.w.kprobe_multi',
    remedy:
      'only probes of kind graph, fprobe, kretprobe, fexit, fexit_multi, fsession, fsession_multi, kretprobe_multi and kprobe_session run at exit',
  },
  {
    name: 'cookies of an fprobe',
    code: 'unknown-key',
    text: `@probes:
  w: { fprobe: { on: [f], ▸cookies: [1] } }
`,
    message: 'unknown key `cookies` in probes.w.fprobe',
    remedy:
      'only fentry_multi, fexit_multi, fsession_multi, kprobe_multi, kretprobe_multi and kprobe_session have cookies',
  },
  {
    name: 'an attach of a perf event',
    code: 'unknown-key',
    text: `@probes:
  w: { perf: { on: [f], ▸attach: {} } }
`,
    message: 'unknown key `attach` in probes.w.perf',
    remedy:
      'only fentry_multi, fexit_multi, fsession_multi, kprobe_multi, kretprobe_multi and kprobe_session say how they are attached',
  },
  {
    name: 'skipped runs of an fprobe',
    code: 'bad-step',
    text: `@steps:
  - count: { misses: ▸watch }
`,
    message:
      '`misses` is for probes of kind kprobe_multi, kretprobe_multi, kprobe_session, kprobe and kretprobe, `watch` is an fprobe',
    remedy: 'name a probe of kind kprobe_multi, kretprobe_multi, kprobe_session, kprobe or kretprobe',
  },
  {
    name: 'the link of an fprobe',
    code: 'bad-step',
    text: `@steps:
  - link_info: ▸watch
`,
    message:
      '`link_info` is for probes of kind kprobe_multi, kretprobe_multi and kprobe_session, `watch` is an fprobe',
    remedy: 'name a probe of kind kprobe_multi, kretprobe_multi or kprobe_session',
  },
  {
    name: 'disabling a program',
    code: 'bad-step',
    text: `@probes: { w: { kprobe_multi: { on: [f] } } }
steps:
  - disable: ▸w
`,
    message:
      '`disable` is for probes of kind fprobe, kprobe, kretprobe, event and perf, `w` is a kprobe_multi probe',
    remedy: 'register or unregister the probe instead',
  },
  {
    name: 'a post_handler of a program',
    code: 'wrong-shape',
    text: `@probes:
  w: { kprobe: { on: [f], program: {}, ▸post: true } }
`,
    message: 'a program has no `post`',
    remedy: 'remove `post:`, or make the probe a handler without `program:`',
  },
  {
    name: 'a program by name and by address',
    code: 'wrong-shape',
    text: `@probes:
  w: { kprobe: { on: [f], program: { symbol: ▸f, address: true } } }
`,
    message: 'a program is attached by a name or by an address, not by both',
    remedy: 'remove `symbol:` or `address:`',
  },
  {
    name: 'the entry of a program at return',
    code: 'wrong-shape',
    text: `@probes:
  w: { kretprobe: { on: [f], program: {}, ▸entry: true } }
`,
    message: 'a program on a kretprobe runs at the return only',
    remedy: 'remove `entry:`, or make it a program on a kprobe',
  },
  {
    name: 'what only a handler of the kernel can do',
    code: 'bad-action',
    text: `@probes:
  w: { kprobe: { on: [f], program: {}, entry: [▸skip_single_step] } }
`,
    message: '`skip_single_step` cannot be done in a program on a kprobe',
    remedy: 'remove it, or make the probe a handler without `program:`',
  },
];
