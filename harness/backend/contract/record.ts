// SPDX-License-Identifier: MIT
/**
 * Contract of a back-end: the record itself, its features, and how to run its code outside of the interpreter.
 */
import type { InstructionSet, RegisterTable } from '../../machine/instruction-set.js';
import type { Abi } from './abi.js';
import type { Accessors } from './accessors.js';
import type { CallSite } from './callsite.js';
import type { Revision } from './config.js';
import type { Graph } from './graph.js';
import type { Kprobes } from './kprobes.js';
import type { Layouts } from './layouts.js';
import type { Qemu } from './qemu.js';
import type { Rethook } from './rethook.js';
import type { Vmlinux } from './vmlinux.js';

/** Kconfig symbol → whether it is on at each revision, in the modelled configuration. */
export type FeatureTable = Readonly<Record<string, Readonly<Partial<Record<Revision, boolean>>>>>;

/** One architecture. Members always in this order. */
export interface Backend {
  /** Kbuild-like name, equal to the folder: `arm64`. */
  readonly arch: string;
  /** For tables of 4 letters: `a64`. */
  readonly short: string;
  /** Those that the back-end models. */
  readonly revisions: readonly Revision[];
  /** Those at which the architecture has no function tracing: subjects on which every case is unsupported. */
  readonly untraced?: readonly Revision[];
  readonly registers: RegisterTable;
  readonly abi: Abi;
  readonly instructions: InstructionSet;
  readonly layouts: Layouts;
  readonly callsite: CallSite;
  /** File names of assembler sources in the back-end's folder. */
  readonly sources: readonly string[];
  readonly accessors: Accessors;
  readonly graph: Graph;
  readonly rethook: Rethook | null;
  readonly kprobes: Kprobes;
  readonly features: FeatureTable;
  readonly qemu: Qemu;
  readonly vmlinux: Vmlinux;
}

/** A back-end with the text of its sources, as the loader gives it. */
export interface LoadedBackend {
  readonly backend: Backend;
  /** Sources in order, with the path to show in errors. */
  readonly sources: readonly { readonly file: string; readonly text: string }[];
}
