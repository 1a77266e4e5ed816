// SPDX-License-Identifier: MIT
/**
 * The contract of a back-end: everything the harness asks about one architecture. A back-end is a record
 * of tables and small functions, closed by `satisfies Backend`; the harness never names an architecture.
 * Words are the kernel's; "the traced function" is F (its symbol address), S its stack pointer at the
 * first instruction.
 */

export type * from './contract/abi.js';
export type * from './contract/accessors.js';
export type * from './contract/callsite.js';
export type * from './contract/config.js';
export type * from './contract/graph.js';
export type * from './contract/kprobes.js';
export type * from './contract/layouts.js';
export type * from './contract/qemu.js';
export type * from './contract/record.js';
export type * from './contract/rethook.js';
export type * from './contract/vmlinux.js';
