// SPDX-License-Identifier: MIT
/** Closed sets of words in case files. */

/** Where the text of a function of a module may be that no call reaches. */
export const moduleTexts = ['far', 'init'] as const;
export type ModuleTextName = (typeof moduleTexts)[number];

/** Where a function of the kernel may be: at the end of a large .text, in .init.text behind it. */
export const kernelTexts = ['end', 'init'] as const;
export type KernelTextName = (typeof kernelTexts)[number];

/** Functions and tasks of one case: the models have slots for so many. */
export const MAX_FUNCTIONS = 30;

export const counters = ['nmissed', 'misses', 'run_cnt', 'hits', 'trace_overrun', 'depth'] as const;
/** Generations of the API of direct calls. */
export const directApis = ['ops', 'ip', 'hash'] as const;
/** Interfaces by which a program is attached to a kprobe, as the user's library calls them. */
export const kprobeInterfaces = ['default', 'perf', 'link', 'legacy'] as const;
export const filterChanges = [
  'set',
  'add',
  'remove',
  'notrace_set',
  'notrace_add',
  'notrace_remove',
] as const;
export const opsFlags = [
  'SAVE_REGS',
  'SAVE_REGS_IF_SUPPORTED',
  'RECURSION',
  'DYNAMIC',
  'IPMODIFY',
  'RCU',
  'PERMANENT',
  'PID',
] as const;
export const fprobeFlags = ['DISABLED', 'KPROBE_SHARED'] as const;
export const tracerKinds = ['function', 'function_graph', 'profiler'] as const;
export const kprobeFlags = ['DISABLED'] as const;
