// SPDX-License-Identifier: MIT
/**
 * struct ftrace_ops, which is the same on every architecture of 64 bit: linux 6.1, 6.12, 7.2 include/linux/ftrace.h, with
 * a struct mutex as it is without debugging of locks. The BTF of Debian's kernels has it so.
 */
import type { Config, Layouts } from './contract.js';

/** Bytes without `direct_call`, which is the last member. */
const SIZE = { '6.1': 184, '6.12': 208, '7.2': 192 } as const;

/** `direct_call` came after 6.1, and only where there are direct calls. */
export function ftraceOps(config: Config): ReturnType<Layouts['ftraceOps']> {
  const size = SIZE[config.revision];
  const direct = config.revision !== '6.1' && config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS');
  return { size: direct ? size + 8 : size, func: 0, directCall: direct ? size : null };
}

/** What assembler sources may know of it: FTRACE_OPS_DIRECT_CALL is no symbol where there is no such member. */
export function ftraceOpsOffsets(config: Config): Readonly<Record<string, number>> {
  const { func, directCall } = ftraceOps(config);
  return { FTRACE_OPS_FUNC: func, ...(directCall === null ? {} : { FTRACE_OPS_DIRECT_CALL: directCall }) };
}
