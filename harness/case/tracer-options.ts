// SPDX-License-Identifier: MIT
/**
 * Options of the tracers, as written to trace_options. linux 6.1, 6.12, 7.2 kernel/trace/trace_functions.c,
 * trace_functions_graph.c: trace_opts, func_opts. Only those that change what is recorded or how a value reads.
 */

/** By name; `no` before it turns it off. */
export const tracerOptions = {
  'funcgraph-retval': { of: 'function_graph', standard: false },
  'funcgraph-retval-hex': { of: 'function_graph', standard: false },
  'funcgraph-retaddr': { of: 'function_graph', standard: false },
  'funcgraph-args': { of: 'function_graph', standard: false },
  'sleep-time': { of: 'function_graph', standard: true },
  'func-args': { of: 'function', standard: false },
} as const;

export type TracerOption = keyof typeof tracerOptions;

/** Every text that may be written for a tracer of this kind. */
export function optionsFor(kind: string): string[] {
  return Object.entries(tracerOptions)
    .filter(([, option]) => option.of === kind)
    .flatMap(([name]) => [name, `no${name}`]);
}
