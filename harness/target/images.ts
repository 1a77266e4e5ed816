// SPDX-License-Identifier: MIT
/** Which kernel images a run is about, as options say it. */
import type { Revision } from '../backend/contract.js';

/** Which images are meant. */
export interface ImageSettings {
  /** Where fetched kernels are; absent: where they are if nothing is said. */
  readonly kernels?: string;
  /** Images of one's own. */
  readonly images: readonly { readonly arch: string; readonly revision: Revision; readonly path: string }[];
}
