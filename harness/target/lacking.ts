// SPDX-License-Identifier: MIT
/** Why a case cannot run on a subject. */
import type { Case } from '../case/types.js';
import type { Target } from './target.js';

/** Features without which a case is UNSUPPORTED; empty where it can run. */
export function lacking(
  { features, missing = [] }: Pick<Target, 'features' | 'missing'>,
  { requires }: Pick<Case, 'requires'>,
): readonly string[] {
  return missing.length > 0 ? missing : requires.filter((feature) => !features.has(feature));
}
