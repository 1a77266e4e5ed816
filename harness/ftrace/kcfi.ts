// SPDX-License-Identifier: MIT
/**
 * Control-flow integrity of indirect calls: a build with CFI_CLANG puts a hash of its type before every function, and a call
 * through a pointer traps when it is of another type. Here for the functions in assembler that stand where nobody is
 * registered: linux 6.1 arch/x86/kernel/ftrace_64.S, include/linux/cfi_types.h SYM_TYPED_FUNC_START.
 */
import { MachineFault } from '../machine/types.js';
import type { Environment } from './types.js';

const TYPES = {
  ftrace_stub: 'ftrace_func_t',
  ftrace_stub_graph: 'trace_func_graph_ret_t',
} as const;

export type Stub = keyof typeof TYPES;
type FunctionType = (typeof TYPES)[Stub];

/** A call of a stub by C code called `by` through a pointer to functions of a type. @throws MachineFault trap */
export function callStub({ config }: Environment, by: string, stub: Stub, type: FunctionType): void {
  if (!config.has('CFI_CLANG') || TYPES[stub] === type) return;
  throw new MachineFault('trap', `CFI failure at ${by}: ${stub} is no ${type}`);
}
