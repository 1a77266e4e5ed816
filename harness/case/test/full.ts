// SPDX-License-Identifier: MIT
/** One case that uses every key of the language, for tests that need something rich and valid. */
export const full = `# yaml-language-server: $schema=../case.schema.json
title: Everything that a case can say, \${count} times
feature: language
why: >
  A parser is only as good as
  what it was shown.
source: linux 7.2 kernel/trace/fprobe.c
covers: [FP-02, core-retaddr-idx]
requires: [FPROBE, 'FUNCTION_\${kind}_TRACER']
for:
  - { count: 1, kind: GRAPH, prototype: 'u64 inner(u64 a)', arguments: [1], extra: { read: [get_regs] } }
  - { count: 2, kind: RETURN, prototype: u64 inner(u32 b), arguments: [0x10], extra: skip_exit }
structs: { pair: 'u64 a; s8 b' }
objects: { buffer: 16 }
functions:
  inner:
    prototype: \${prototype}
    error_injection: true
    returns: 3
  leaf:
    prototype: void leaf(void *p, struct pair q)
    notrace: true
    namesakes: 1
    text: init
  outer:
    prototype: struct pair outer(u64 a, bool b)
    does:
      - call: inner(a + \${count})
        as: r
        when: b
      - unregister: watch
      - stack_trace
    returns: '{r, -1}'
  jump:
    prototype: u64 jump(u64 a)
    does:
      - tail_call: inner(a)
        when: a > 0
    returns: 7
  over:
    prototype: u64 over(u64 a)
    does: [tail_call: jump(7)]
  twin: { prototype: s32 twin(void), module: true, symbol: leaf, error_injection: true, returns: 0 }
probes:
  watch:
    fprobe:
      on: [inner, outer]
      notrace: [jump]
      flags: [DISABLED]
      entry_data_size: 8
      entry:
        - \${extra}
        - read: [stack_pointer, argument(6), regs(r10), user_mode(perf)]
        - store_data: 5
      exit: [load_data, set: { return_value: 7 }]
  other:
    ops:
      on: all
      flags: [SAVE_REGS, IPMODIFY]
      entry: [set: { instruction_pointer: '&inner' }, override: -1, call: 'leaf(NULL, {1, 2})']
  tree:
    graph:
      on: [inner]
      entry: [store_data: { value: 0xffffffffffffffff, bytes: 16 }, task_variable: { set: 4 }]
      exit: [load_data: { parent: 1 }, task_variable]
  k:
    kprobe:
      on: [inner, outer]
      offset: 4
      flags: [DISABLED]
      entry: [set: { instruction_pointer: '&inner' }, skip_single_step]
      post: [read: [regs(sp), resume_offset]]
  kr:
    kretprobe: { on: [inner], maxactive: 1, data_size: 8, entry: [store_data: 1, skip_exit], exit: [load_data] }
  both: { kprobe: { on: [inner] } }
  kb: { kprobe: { on: [inner], program: { interface: perf, symbol: 'mod:inner', sleepable: true }, entry: [override: 1] } }
  kc: { kretprobe: { on: [inner], program: { address: true, cookie: 7 }, exit: [read: [cookie]] } }
  plain: { fprobe: { on: [inner] } }
  late: { graph: { on: [inner], exit: true } }
  silent: { ops: { on: [inner], entry: false } }
  d: { direct: { on: [inner], far: true } }
  e: { direct: { on: [inner], entry: [stack_trace] } }
  e2: { direct: { on: [inner], api: hash, jmp: true } }
  fe: { fentry: { on: [inner] } }
  f2: { fentry: { on: [inner], cookie: 5, entry: [read: [func_ip, cookie, func_arg(0), func_arg_cnt]] } }
  fm: { fmod_ret: { on: [inner], returns: -12, entry: [read: [func_ret]] } }
  fs: { fsession: { on: [inner], entry: [store_data: 1], exit: [load_data] } }
  lp: { livepatch: { on: [inner], with: jump, replace: true } }
  fx: { fexit: { on: [inner] } }
  gt: { tracer: { kind: function_graph, on: [inner], notrace: [jump], options: [funcgraph-retval], instance: foo } }
  ev: { event: 'f:ev inner' }
  tm: { fentry_multi: { on: [inner, outer], cookies: [1, 2], entry: [read: [func_ip, cookie]] } }
  tx: { fexit_multi: { on: [inner], attach: { pattern: 'inn*', sleepable: true } } }
  ts: { fsession_multi: { on: [inner], attach: { symbols: [inner], count: 1, flags: 0 }, entry: [store_data: 1], exit: [load_data] } }
  km:
    kprobe_multi:
      on: [inner, outer]
      cookies: [1, 0xffffffffffffffff]
      entry: [read: [func_ip, cookie, argument(0), user_mode(context)], override: -5]
  kx:
    kretprobe_multi:
      on: all
      attach: { by: both, symbols: [nowhere], addresses: ['&inner + 4'], count: 2, flags: 3, sleepable: true }
      exit: true
  ks:
    kprobe_session:
      on: [inner]
      attach: { pattern: 'in?er*', unique_match: true, returns: 0 }
      entry: [skip_exit, store_data: 1]
      exit: [load_data]
  pf: { perf: { on: [inner], entry: [read: [instruction_pointer]] } }
steps:
  - register: [watch, tree]
  - enable: watch
  - disable: watch
  - call: outer(0xFFFFFFFFFFFFFFFF, 1)
    as: x
  - { call: inner(x.a), when: x.b < 0 }
  - call: leaf(&buffer + 8, {1, -2})
  - call: leaf(&inner, x)
  - filter: { probe: other, set: [inner, outer] }
  - filter: { probe: tree, notrace_remove: [] }
  - modify_direct: { probe: d, to: e }
  - record: inner
  - count: { nmissed: watch }
  - enable: [k, kr]
  - count: { nmissed: k }
  - count: trace_overrun
  - count: depth
  - count: { hits: inner }
  - set_graph_function: [inner]
  - set_graph_notrace: []
  - max_graph_depth: 3
  - tracing_thresh: 2
  - ndelay: 70
  - enabled_functions
  - corrupt: inner
  - pause_graph
  - resume_graph
  - ftrace_enabled: false
  - stack_trace
  - count: { misses: km }
  - link_info: kx
  - disable: pf
  - unregister: watch
expect:
  - entry: { probe: watch, function: inner, arguments: '\${arguments}', argument(6): 0xff, stack_pointer: sp+0, parent: caller }
  - body: { function: leaf, arguments: [NULL, '{1, 2}'] }
  - exit: { probe: watch, return: 21, data: null, field(sp): true }
  - result: 18446744073709551616
  - result: { function: outer, value: '{3, -1}' }
  - error: { call: register watch, code: -EINVAL }
  - record: { function: inner, count: 1, flags: [DIRECT], sticky: [TOUCHED], site: nop, calls: ftrace_caller, ops: watch }
  - count: { counter: nmissed, probe: watch, value: 0 }
  - enabled_functions: { lines: any }
  - event: { probe: ev, definition: 'f:fprobes/ev inner' }
  - link_info: { probe: kx, count: 2, link_flags: 1, targets: [inner, outer], cookies: [1, 2], missed: 0 }
  - stack_trace: { by: watch, frames: [inner, outer] }
  - fault: { at: inner+4, why: stale }
  - transparency: { function: inner, what: sp }
  - post: { probe: k, function: inner, arguments: [1], regs(sp): sp+0 }
divergences:
  - on: { arch: one, revision: [7.2, 6.10], feature: [A], lacks: B }
    when: { count: [2] }
    because: A reason.
    source: A source.
    replace:
      1: { entry: { arguments: [stale], return_address: caller } }
      4: { result: 7 }
      5: []
      6: [body: { function: inner }, result: 1]
  - on: { arch: [two, three] }
    because: Another.
    source: Another.
    replace: { 2: { body: { arguments: [] } } }
`;
