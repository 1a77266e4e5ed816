// SPDX-License-Identifier: MIT
/**
 * The symbols a back-end's assembler sources may use without defining them: C functions, which the harness
 * plays, and cells of kernel data.
 */

/** Images of each kind of stub that a trampoline source provides: `direct_tramp_0` to `direct_tramp_3`. */
export const STUB_IMAGES = 4;

const images = Array.from({ length: STUB_IMAGES }, (_, n) => n);

/** C functions, each a callout. */
export const C_FUNCTIONS: readonly string[] = [
  'ftrace_return_to_handler',
  ...images.map((n) => `direct_func_${n}`),
  ...images.map((n) => `bpf_entry_func_${n}`),
  ...images.map((n) => `bpf_exit_func_${n}`),
];

/** 8-byte cells. */
export const DATA_CELLS: readonly string[] = ['function_trace_op', 'ftrace_call_dest'];
