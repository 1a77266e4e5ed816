// SPDX-License-Identifier: MIT
/**
 * Which functions of the tracing API exist at which revision, by their kernel names: what a case may require
 * besides Kconfig symbols, and what reads as "not there" elsewhere. Sources: linux 6.1, 6.12, 7.2
 * include/linux/ftrace.h, include/linux/ftrace_regs.h, include/linux/fprobe.h, kernel/trace/fgraph.c, kernel/trace/fprobe.c,
 * kernel/trace/trace_functions.c.
 */
import type { Revision } from '../backend/contract.js';

const ORDER: readonly Revision[] = ['6.1', '6.12', '7.2'];

/** First modelled revision that has it. */
const SINCE: Readonly<Record<string, Revision>> = {
  ftrace_regs_get_instruction_pointer: '6.12',
  ftrace_regs_get_argument: '6.12',
  ftrace_regs_get_stack_pointer: '6.12',
  ftrace_regs_get_return_value: '6.12',
  ftrace_regs_get_frame_pointer: '6.12',
  ftrace_regs_query_register_offset: '6.12',
  ftrace_override_function_with_return: '6.12',
  ftrace_regs_get_return_address: '7.2',
  ftrace_regs_get_kernel_stack_nth: '7.2',
  // Compiled in 6.12 for some architectures, but called by nobody.
  ftrace_partial_regs: '7.2',
  ftrace_fill_perf_regs: '7.2',
  ftrace_get_symaddr: '7.2',
  function_get_true_parent_ip: '7.2',
  // The graph callbacks' ftrace_regs.
  function_graph_enter_regs: '7.2',
  fgraph_reserve_data: '6.12',
  fgraph_retrieve_parent_data: '7.2',
  fgraph_get_task_var: '6.12',
  // Several graph users at once; 6.1 has a single one.
  FGRAPH_ARRAY_SIZE: '6.12',
  // An entry handler that may refuse the exit: int instead of void.
  fprobe_entry_cb: '6.12',
  // fprobes as users of function graph; before, each has an ftrace_ops and a rethook.
  fprobe_fgraph_entry: '7.2',
  // Where call_direct_funcs() finds the address; before, and with a single direct ops, in a table by ip.
  'ftrace_ops.direct_call': '6.12',
  // The third kind of kprobe.multi program, its 8 bytes from entry to return, and what links and programs count.
  BPF_TRACE_KPROBE_SESSION: '6.12',
  bpf_prog_inc_misses_counter: '6.12',
  // What the link of a kprobe tells of itself.
  'bpf_link_info.perf_event': '6.12',
  'bpf_link_info.kprobe_multi': '6.12',
  // What a library reads to attach by pattern: addresses of records.
  available_filter_functions_addrs: '6.12',
  // Symbols of modules are looked up for links too.
  module_kallsyms_on_each_symbol: '6.12',
  // Text of a module and its .init.text are allocated each by itself.
  MOD_INIT_TEXT: '6.12',
  // What a failed register_ftrace_direct() leaves in the ops is cleared.
  reset_direct: '6.12',
  // Direct calls of one ops to several trampolines.
  update_ftrace_direct_add: '7.2',
  // Functions that never return take no BPF program behind them.
  noreturn_deny: '6.12',
  // One BPF program at both ends of a function.
  BPF_TRACE_FSESSION: '7.2',
  // One program on trampolines of many functions.
  bpf_tracing_multi_attach: '7.2',
  // Calls in flight pass over a detached BPF program, and over no other.
  bpf_trampoline_skip_prog: '7.2',
  // Records that remember that they were ever traced, and ever had a direct or IPMODIFY ops.
  FTRACE_FL_TOUCHED: '6.12',
};

/** Last modelled revision that has it. */
const UNTIL: Readonly<Record<string, Revision>> = {
  'fprobe.nr_maxactive': '6.12',
  // Direct calls by address, over one ops that all share.
  ftrace_modify_direct_caller: '6.1',
  // A word of every frame of the shadow stack.
  'ftrace_ret_stack.calltime': '6.12',
};

export function apiExists(name: string, revision: Revision): boolean {
  const at = ORDER.indexOf(revision);
  const since = SINCE[name];
  const until = UNTIL[name];
  if (since === undefined && until === undefined) throw new RangeError(`no API ${name}`);
  return (
    (since === undefined || ORDER.indexOf(since) <= at) && (until === undefined || at <= ORDER.indexOf(until))
  );
}

/** Every name of the table, at whichever revision. */
export const API_NAMES: readonly string[] = [...Object.keys(SINCE), ...Object.keys(UNTIL)];

/** Everything of the table that a revision has, sorted. */
export function apiOf(revision: Revision): string[] {
  return API_NAMES.filter((name) => apiExists(name, revision)).sort();
}
