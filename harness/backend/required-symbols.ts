// SPDX-License-Identifier: MIT
/**
 * Symbols that the harness looks up by name in every back-end's sources, and the feature each hangs on. A
 * back-end without one is broken: nothing it did could be told from a fault of the traced code.
 */
import type { Config, LoadedBackend } from './contract.js';
import { STUB_IMAGES } from './externals.js';

const IMAGES = Array.from({ length: STUB_IMAGES }, (_, n) => n);

const REQUIRED: readonly (readonly [symbol: string, feature: string])[] = [
  ['ftrace_caller', 'DYNAMIC_FTRACE'],
  ['ftrace_regs_caller', 'DYNAMIC_FTRACE_WITH_REGS'],
  ['ftrace_stub', 'DYNAMIC_FTRACE'],
  ['return_to_handler', 'FUNCTION_GRAPH_TRACER'],
  ['ftrace_stub_direct_tramp', 'DYNAMIC_FTRACE_WITH_DIRECT_CALLS'],
  ...IMAGES.flatMap((n) =>
    [
      `direct_tramp_${n}`,
      `bpf_fentry_${n}`,
      `bpf_fexit_${n}`,
      `bpf_fexit_${n}_called`,
      `bpf_fmod_${n}`,
      `bpf_fmod_${n}_called`,
    ].map((symbol) => [symbol, 'DYNAMIC_FTRACE_WITH_DIRECT_CALLS'] as const),
  ),
];

/** Those that the sources must define with the features `on` and do not, in the order of the table. */
export function missingSymbols(
  on: { has(feature: string): boolean },
  defined: { has(symbol: string): boolean },
): string[] {
  return REQUIRED.filter(([symbol, feature]) => on.has(feature) && !defined.has(symbol)).map(
    ([symbol]) => symbol,
  );
}

/** The back-end is wrong, not the case and not the kernel. */
export class BackendError extends Error {
  override readonly name = 'BackendError';
  /** Text for stderr. */
  render(): string {
    return `error: ${this.message}`;
  }
}

/** @throws BackendError naming every symbol that is missing */
export function requireSymbols(
  { backend, sources }: LoadedBackend,
  config: Config,
  defined: { has(symbol: string): boolean },
): void {
  const missing = missingSymbols(config, defined);
  if (missing.length === 0) return;
  const files = sources.map(({ file }) => file).join(', ');
  throw new BackendError(
    `back-end ${backend.arch} at ${config.revision}: ${files} does not define ${missing.join(', ')}; the harness looks ${missing.length === 1 ? 'it' : 'them'} up by name`,
  );
}
