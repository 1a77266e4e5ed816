// SPDX-License-Identifier: MIT
/** Values of options as a verb gets them: one member for each row of the table in options.ts. */
import type { Axis } from '../compare/types.js';
import type { FormatName } from '../report/formats.js';
import type { ProgressChoice } from '../report/progress.js';
import type { ColourChoice } from '../report/style.js';
import type { VerifyValues } from './verify/options.js';

export interface OptionValues extends VerifyValues {
  readonly arch: readonly string[];
  readonly kernel: readonly string[];
  /** None: the default one. */
  readonly target: readonly string[];
  readonly cases: string | undefined;
  readonly compare: Axis;
  readonly vs: string | undefined;
  readonly seed: number;
  readonly jobs: number;
  readonly out: string;
  readonly format: FormatName;
  readonly schema: boolean;
  readonly before: string | undefined;
  readonly reporter: string | undefined;
  readonly badges: string | undefined;
  readonly kcidbOrigin: string;
  readonly kcidbModels: boolean;
  readonly showProgress: ProgressChoice;
  readonly color: ColourChoice;
  readonly verbose: number;
  readonly subjects: boolean;
  readonly unsupported: boolean;
  readonly covers: boolean;
  readonly filter: string | undefined;
  readonly allowEmpty: boolean;
  readonly shard: string | undefined;
  readonly rerun: string | undefined;
  readonly stopFail: boolean;
  readonly list: boolean;
  readonly from: string | undefined;
  readonly merge: boolean;
  readonly baseline: string | undefined;
  readonly log: string | undefined;
  readonly acrossVersions: boolean;
  readonly prune: boolean;
  readonly dryRun: boolean;
  readonly patch: boolean;
  readonly failUnsupported: boolean;
  readonly watch: boolean;
  readonly keep: boolean;
  /** `true`: given without a file. */
  readonly config: string | true | undefined;
  readonly profile: string | undefined;
  readonly kernels: string | undefined;
  readonly layouts: boolean;
  readonly vmlinux: readonly string[];
  readonly json: boolean;
}
