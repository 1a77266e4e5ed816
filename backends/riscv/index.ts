// SPDX-License-Identifier: MIT
/** riscv (RV64, lp64 without floating point), little-endian. Start with README.md. */
import type { Backend } from '../../harness/backend/contract.js';
import { abi } from './abi.js';
import { accessors } from './accessors.js';
import { callsite } from './callsite.js';
import { features } from './features.js';
import { graph } from './graph.js';
import { instructions } from './instructions.js';
import { kprobes } from './kprobes.js';
import { layouts } from './layout.js';
import { qemu } from './qemu.js';
import { registers } from './registers.js';
import { rethook } from './rethook.js';
import { vmlinux } from './vmlinux.js';

export const backend = {
  arch: 'riscv',
  short: 'rv64',
  revisions: ['6.1', '6.12', '7.2'],
  registers,
  abi,
  instructions,
  layouts,
  callsite,
  sources: ['trampoline.S'],
  accessors,
  graph,
  rethook,
  kprobes,
  features,
  qemu,
  vmlinux,
} as const satisfies Backend;
