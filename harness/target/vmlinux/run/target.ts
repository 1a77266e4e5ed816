// SPDX-License-Identifier: MIT
/**
 * The target `vmlinux`: sessions as in the model, on the compiled trampolines of a kernel image under QEMU's user mode. The
 * image is read and its process started for the first case that runs.
 */
import type { LoadedBackend, Revision } from '../../../backend/contract.js';
import type { Runnable } from '../../../case/runnable.js';
import { apiOf } from '../../../ftrace/api.js';
import type { ImageSettings } from '../../images.js';
import { lacking } from '../../lacking.js';
import type { Outcome, SubjectId } from '../../outcome.js';
import { qemuUserLacks } from '../../qemu/target.js';
import { silent } from '../../session/host.js';
import { runCase } from '../../session/run-case.js';
import type { Target } from '../../target.js';
import { type CheckedKernel, namedKernel, storedConfig, storedKernel } from '../check/kernel.js';
import { kernelsPlace } from '../store/place.js';
import { openKernel, type StoredKernel } from '../store/store.js';
import { createVmlinuxHost, knownConfig, type VmlinuxHost } from './host.js';

const NONE: ImageSettings = { images: [] };

const placeOf = ({ kernels }: ImageSettings) =>
  kernels ?? kernelsPlace({ environment: process.env, cwd: process.cwd() });

const named = ({ images }: ImageSettings, arch: string, revision: Revision) =>
  images.findLast((image) => image.arch === arch && image.revision === revision);

/** What is not there and how to get it, in one sentence; `null` when all is. @throws VmlinuxError `changed` */
export function vmlinuxLacks(
  loaded: LoadedBackend,
  revision: Revision,
  settings: ImageSettings = NONE,
): string | null {
  const { backend } = loaded;
  const { arch, vmlinux } = backend;
  const tools = qemuUserLacks(loaded);
  if (tools !== null || named(settings, arch, revision) !== undefined) return tools;
  if (openKernel(placeOf(settings), arch, revision) !== null) return null;
  const name = `${arch}@${revision}`;
  const own = `name an image of your own: --vmlinux ${name}=PATH`;
  return vmlinux.packages[revision] === undefined
    ? `Debian has no kernel for ${name}; ${own}`
    : `no kernel for ${name} is stored: ftrace-conform kernels fetch, or ${own}`;
}

/** `prepare` and `run` throw VmlinuxError for an image that cannot be used, ToolError and RspError as `qemu-user` does. */
export function createVmlinuxTarget(
  loaded: LoadedBackend,
  revision: Revision,
  settings: ImageSettings = NONE,
): Target {
  const { backend } = loaded;
  const id: SubjectId = { arch: backend.arch, revision, target: 'vmlinux' };
  const image = named(settings, backend.arch, revision);
  const own = image && namedKernel(backend, revision, image.path);
  const stored = own ? null : (openKernel(placeOf(settings), backend.arch, revision) as StoredKernel);
  const config = knownConfig(
    own ?? { backend, config: storedConfig(backend, revision, stored as StoredKernel) },
  );
  const untraced = backend.untraced?.includes(revision) ?? false;
  const features = untraced ? config.on : new Set([...config.on, ...apiOf(revision)]);
  const missing = untraced ? ['FUNCTION_TRACER'] : [];
  let made: VmlinuxHost | undefined;
  const hosted = () => {
    made ??= createVmlinuxHost(
      loaded,
      own ?? (storedKernel(backend, revision, stored as StoredKernel) satisfies CheckedKernel),
    );
    return made;
  };
  return {
    id,
    features,
    missing,
    prepare: () => void hosted(),
    run(spec: Runnable): Outcome {
      const lacks = lacking({ features, missing }, spec);
      if (lacks.length > 0)
        return {
          case: spec.id,
          subject: id,
          end: { kind: 'unsupported', lacks },
          observations: [],
          instructions: null,
        };
      const host = hosted();
      return runCase(host, spec, silent, id, () => host.machine.reset()).outcome;
    },
    close() {
      made?.machine.emulation.end();
      made = undefined;
    },
  };
}
