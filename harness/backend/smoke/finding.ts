// SPDX-License-Identifier: MIT
/** What the smoke suite reports, and what its checks are given. */
import type { Backend, Config, LoadedBackend, Revision } from '../contract.js';

/** One thing wrong with an adaptor. */
export interface SmokeFinding {
  /** The check that found it: `registers`, `abi`, `layouts`, … */
  readonly check: string;
  /** Where to mend it: a member of the back-end record (`abi.calleeSaved`), a symbol, or `file:line:column`. */
  readonly where: string;
  /** What is wrong, with the values seen. */
  readonly what: string;
}

/** A check reports through this. */
export type Report = (where: string, what: string) => void;

/** What every check is given. */
export interface Subject {
  readonly backend: Backend;
  readonly sources: LoadedBackend['sources'];
  readonly revision: Revision;
  /** The modelled configuration of the revision, or a variant with some features turned. */
  config(turned?: Readonly<Record<string, boolean>>): Config;
  /** Names of the features that are on in that configuration. */
  on(turned?: Readonly<Record<string, boolean>>): string[];
  /** Every feature any member of the back-end asked a configuration for, so far. */
  readonly asked: ReadonlySet<string>;
}

/** A subject whose configurations note what they are asked. */
export function subjectOf({ backend, sources }: LoadedBackend, revision: Revision): Subject {
  const asked = new Set<string>();
  const isOn = (turned: Readonly<Record<string, boolean>>, feature: string) =>
    turned[feature] ?? backend.features[feature]?.[revision] ?? false;
  return {
    backend,
    sources,
    revision,
    asked,
    on: (turned = {}) => Object.keys(backend.features).filter((feature) => isOn(turned, feature)),
    config: (turned = {}) => ({
      revision,
      has(feature) {
        asked.add(feature);
        return isOn(turned, feature);
      },
    }),
  };
}

/** `0x1f`; negative numbers keep their sign. */
export function hex(value: bigint): string {
  return value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}

/** The text of whatever was thrown. */
export function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Elements that occur more than once, each named once. */
export function repeated<T>(list: readonly T[]): T[] {
  return [...new Set(list.filter((item, index) => list.indexOf(item) !== index))];
}
