// SPDX-License-Identifier: MIT
/** features.ts against the kernel's configuration. What differs on purpose the back-end declares, with the reason. */
import type { CheckedKernel } from './kernel.js';
import { compared, type Finding, unchecked } from './row.js';

const word = (on: boolean) => (on ? 'on' : 'off');

export function checkFeatures({ backend, revision, settings }: CheckedKernel): Finding[] {
  const { features, vmlinux } = backend;
  return Object.entries(features).flatMap(([name, row]): Finding[] => {
    const ours = row[revision];
    if (ours === undefined) return [];
    if (vmlinux.unconfigured.includes(name)) return [unchecked(name, word(ours), 'no Kconfig symbol')];
    if ('missing' in settings) return [unchecked(name, word(ours), settings.missing)];
    const found = compared(name, word(ours), word(settings.value.has(name)));
    const reason = vmlinux.configuredOtherwise[name];
    return [
      found.verdict === 'contradicted' && reason !== undefined
        ? { ...found, verdict: 'declared', reason }
        : found,
    ];
  });
}
