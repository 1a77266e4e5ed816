// SPDX-License-Identifier: MIT
/**
 * A kernel's own trampolines as the host of sessions: one process that has its image and, within reach of it, what a kernel
 * makes while it runs. What the sources of the back-end are beside the trampolines (direct trampolines, BPF's, the functions
 * of a case) is ours; of the trampolines it is not what runs.
 */
import type { LoadedBackend } from '../../../backend/contract.js';
import { C_FUNCTIONS } from '../../../backend/externals.js';
import type { KnownConfig } from '../../features.js';
import { buildKernel, hostOf, type Kernel } from '../../kernel.js';
import { assembleText } from '../../qemu/assemble.js';
import { Emulation, type EmulationOptions } from '../../qemu/emulation.js';
import { QemuMachine } from '../../qemu/machine.js';
import type { Host } from '../../session/host.js';
import { C_FUNCTION_BYTES } from '../../session/session.js';
import type { CheckedKernel } from '../check/kernel.js';
import { VmlinuxError } from '../error.js';
import { MappedImage } from './mapped-image.js';

export type VmlinuxHost = Host & { readonly machine: QemuMachine; readonly config: KnownConfig };

/** Features of ours as that kernel has them. */
export function knownConfig({ backend, config }: Pick<CheckedKernel, 'backend' | 'config'>): KnownConfig {
  const on = new Set(Object.keys(backend.features).filter((name) => config.has(name)));
  return { revision: config.revision, on, has: (feature) => on.has(feature) };
}

/** @throws VmlinuxError, ToolError, RspError */
export function createVmlinuxHost(
  loaded: LoadedBackend,
  checked: CheckedKernel,
  options: EmulationOptions = {},
): VmlinuxHost {
  if ('missing' in checked.image) throw new VmlinuxError('absent', checked.image.missing);
  const { vmlinux } = loaded.backend;
  const config = knownConfig(checked);
  const mapped = new MappedImage(checked.image.value, vmlinux, config);
  if (mapped.missing.length > 0)
    throw new VmlinuxError('absent', `${checked.name}: the image has no symbol ${mapped.missing.join(', ')}`);
  const given = { config, symbols: mapped.symbols };
  const kernel = withoutImage(buildKernel(loaded, checked.revision, vmlinux.run.memory, given), mapped);
  const assembled = assembleText(kernel);
  const beside = new Map([[mapped.region, mapped.bytes]]);
  const emulation = new Emulation(kernel, assembled.text, options, beside);
  const machine = new QemuMachine(kernel, assembled, emulation, mapped);
  const host = hostOf(kernel, machine, () => null);
  return {
    ...host,
    symbols: new Map([...host.symbols, ...mapped.symbols]),
    places: placesOf(kernel, mapped),
    symbolOf: (address) => mapped.symbolOf(address) ?? host.symbolOf(address),
  };
}

/** Places of our own for the C functions of the image. */
function placesOf({ backend }: Kernel, { symbols }: MappedImage): ReadonlyMap<bigint, bigint> {
  return new Map(
    C_FUNCTIONS.flatMap((name, index): [bigint, bigint][] => {
      const address = symbols.get(name);
      return address === undefined
        ? []
        : [[address, backend.abi.memory.c + BigInt(index) * C_FUNCTION_BYTES]];
    }),
  );
}

/** Words that lie in the image are put there; the kernel has the others. */
function withoutImage(kernel: Kernel, mapped: MappedImage): Kernel {
  const symbol = (name: string) => {
    const address = kernel.externals.get(name) ?? kernel.program.symbols.get(name);
    if (address === undefined) throw new RangeError(`no symbol ${name}`);
    return address;
  };
  const words = new Map([...kernel.words, ...(mapped.vmlinux.run.words?.(mapped, symbol) ?? [])]);
  for (const [address, value] of words) {
    if (!mapped.holds(address)) continue;
    mapped.put(address, value);
    words.delete(address);
  }
  return { ...kernel, words };
}
