// SPDX-License-Identifier: MIT
/** What `ftrace-conform/vitest` exports, as its users' compilers read it: the rest of the harness has no declarations. */

export interface ConformanceOptions {
  /** Ids, folders of ids, or paths relative to the working directory. Default: all cases. */
  readonly cases?: readonly string[];
  /** Directory whose files have ids, relative to the working directory. Default: the package's own cases. */
  readonly directory?: string;
  /** Back-ends, as `NAME`, `NAME@REVISION` or `NAME@REVISION/TARGET`. Default: all. */
  readonly arch?: readonly string[];
  /** Kernel revisions, or `newest`. Default: all. */
  readonly kernel?: readonly string[];
  /** Targets, such as `model`. Default: `model`. What cannot be started is skipped, with the remedy. */
  readonly target?: readonly string[];
  /** What subjects differ in. Default: `arch`. */
  readonly compare?: 'arch' | 'revision' | 'target';
  /** A test for each case, called by its id; or for each subject, below its case. Default: `case`. */
  readonly per?: 'case' | 'subject';
  /** Whether what cannot run fails instead of being skipped. Default: false. */
  readonly failUnsupported?: boolean;
}

/**
 * Defines the tests; to be awaited at the top of a test file.
 * @throws Error, with what is wrong, for a case or a selection that is
 */
export declare function defineConformance(options?: ConformanceOptions): Promise<void>;
