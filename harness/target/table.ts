// SPDX-License-Identifier: MIT
/**
 * The one table of targets: what makes those of each name, loaded when somebody asks for it. Outside of this folder
 * targets are known by their names and through {@link Target} alone.
 */
import type { LoadedBackend, Revision } from '../backend/contract.js';
import type { TargetName } from './facts.js';
import type { ImageSettings } from './images.js';
import type { Target } from './target.js';

export interface TargetMaker {
  /** Why no case can run on targets of this back-end here, with the remedy, in one sentence; `null`: they can. */
  lacks?(loaded: LoadedBackend, revision: Revision, settings?: ImageSettings): string | null;
  /** Holds nothing before it is made ready: what was never used need not be closed. */
  create(loaded: LoadedBackend, revision: Revision, settings?: ImageSettings): Target;
}

/** `null`: not in this version. */
export type TargetTable = Readonly<Partial<Record<TargetName, (() => Promise<TargetMaker>) | null>>>;

export const TARGETS: TargetTable = {
  model: async () => {
    const { createModelTarget } = await import('./model/model.js');
    return { create: (loaded, revision) => createModelTarget(loaded, revision) };
  },
  'qemu-user': async () => {
    const { createQemuTarget, qemuUserLacks } = await import('./qemu/target.js');
    return {
      create: (loaded, revision) => createQemuTarget(loaded, revision),
      lacks: (loaded) => qemuUserLacks(loaded),
    };
  },
  vmlinux: async () => {
    const { createVmlinuxTarget, vmlinuxLacks } = await import('./vmlinux/run/target.js');
    return { create: createVmlinuxTarget, lacks: vmlinuxLacks };
  },
  kernel: null,
};
