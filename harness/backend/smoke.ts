// SPDX-License-Identifier: MIT
/**
 * The smoke suite: what any back-end must pass before a case runs on it. It judges the adaptor, not the
 * kernel: tables that contradict each other, sources that do not assemble, a call site whose states are no
 * instructions, a trampoline that does not leave things where the record says.
 */
import { AsmError } from '../machine/asm/error.js';
import type { LoadedBackend, Revision } from './contract.js';
import { checkAbi } from './smoke/abi.js';
import { checkAccessors } from './smoke/accessors.js';
import { type Build, build } from './smoke/build.js';
import { checkCallSite } from './smoke/callsite.js';
import { type Report, reason, type SmokeFinding, subjectOf } from './smoke/finding.js';
import { checkLayouts } from './smoke/layouts.js';
import { checkPlacement } from './smoke/placement.js';
import { checkRegisters } from './smoke/registers.js';
import { Rig } from './smoke/rig.js';
import { checkAsked, checkFeatures, checkInstructions, testedFeatures } from './smoke/tables.js';
import { checkTrampolines } from './smoke/trampolines.js';

export type { SmokeFinding } from './smoke/finding.js';

type Turned = Readonly<Record<string, boolean>>;

/** Up to this many features in preprocessor conditions, every combination is assembled. */
const ALL_SUBSETS = 6;

/**
 * Everything wrong with a back-end at one revision; empty if it may be used. Pure; nothing is thrown: a
 * function of the back-end that throws is a finding.
 */
export function smoke(loaded: LoadedBackend, revision: Revision): SmokeFinding[] {
  const findings: SmokeFinding[] = [];
  const seen = new Set<string>();
  const subject = subjectOf(loaded, revision);
  const { backend } = loaded;

  /** Runs a check; the same thing seen in several configurations is reported for the first. */
  const run = (check: string, suffix: string, act: (report: Report) => void) => {
    const report: Report = (where, what) => {
      const key = JSON.stringify([check, where, what]);
      if (!seen.has(key)) findings.push({ check, where, what: what + suffix });
      seen.add(key);
    };
    try {
      act(report);
    } catch (error) {
      if (error instanceof AsmError) report(`${error.file}:${error.line}:${error.column}`, error.message);
      else report(check, `the check stopped: ${reason(error)}`);
    }
  };

  run('registers', '', (report) => checkRegisters(subject, report));
  run('abi', '', (report) => checkAbi(subject, report));
  run('instructions', '', (report) => checkInstructions(subject, report));
  run('features', '', (report) => checkFeatures(subject, report));
  run('placement', '', (report) => checkPlacement(subject, report));

  const builds = new Map<string, Build>();
  const assembled = (turned: Turned): Build | undefined => {
    const on = subject.on(turned);
    const key = on.join();
    run('sources', describeTurned(turned), () => {
      if (!builds.has(key)) builds.set(key, build(loaded, subject.config(turned), on));
    });
    return builds.get(key);
  };
  const execute = (turned: Turned) => {
    const suffix = describeTurned(turned);
    const modelled = suffix === '';
    run('layouts', suffix, (report) => checkLayouts(backend, subject.config(turned), report));
    const program = assembled(turned);
    if (program === undefined) return;
    const fresh = () => new Rig(program);
    run('callsite', suffix, (report) => checkCallSite(backend, fresh, modelled, report));
    if (!modelled) return;
    run('trampolines', suffix, (report) => checkTrampolines(loaded, fresh, report));
    run('accessors', suffix, (report) => checkAccessors(backend, fresh(), report));
  };
  execute({});

  const tested = loaded.sources.flatMap((source) => testedFeatures(source).map(({ name }) => name));
  const known = [...new Set(tested)].filter((name) => name in backend.features);
  for (const turned of subsets(known)) assembled(turned);
  for (const name of [...subject.asked].filter((feature) => feature in backend.features)) {
    execute({ [name]: !subject.on().includes(name) });
  }
  run('features', '', (report) => checkAsked(subject, report));
  return findings;
}

/** Every combination of the features on and off; with many features, each off and each on alone. */
function subsets(names: readonly string[]): Record<string, boolean>[] {
  if (names.length > ALL_SUBSETS) {
    return names.flatMap((name) => [{ [name]: false }, { [name]: true }]);
  }
  return Array.from({ length: 2 ** names.length }, (_, bits) =>
    Object.fromEntries(names.map((name, index) => [name, (bits & (1 << index)) !== 0])),
  );
}

function describeTurned(turned: Turned): string {
  const list = Object.entries(turned).map(([name, on]) => `${name}=${on ? 'y' : 'n'}`);
  return list.length === 0 ? '' : ` (with ${list.join(' ')})`;
}
