// SPDX-License-Identifier: MIT
/** What a back-end gets wrong of the registers of programs, or of the address of a function, fails a case of the corpus. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Accessors, CallSite, LoadedBackend } from '../../backend/contract.js';
import { parseCases } from '../../case/parse.js';
import type { Case } from '../../case/types.js';
import { judge } from '../../compare/judge.js';
import { named, target } from './subjects.js';

const corpus = new URL('../../../cases/', import.meta.url);

/** A case by its id. */
function caseNamed(path: string, id = path): Case {
  const text = readFileSync(new URL(`${path}.yaml`, corpus), 'utf8');
  const found = parseCases(`${path}.yaml`, text, path).cases.find((spec) => spec.id === id);
  if (!found) throw new RangeError(`no case ${id}`);
  return found;
}

const withAccessors = (arch: string, change: (sound: Accessors) => Partial<Accessors>): LoadedBackend => {
  const { backend, sources } = named(arch);
  return {
    backend: { ...backend, accessors: { ...backend.accessors, ...change(backend.accessors) } },
    sources,
  };
};
const withSite = (arch: string, change: Partial<CallSite>): LoadedBackend => {
  const { backend, sources } = named(arch);
  return { backend: { ...backend, callsite: { ...backend.callsite, ...change } }, sources };
};

const mistakes: readonly [what: string, broken: LoadedBackend, spec: Case][] = [
  [
    'the site for the function',
    withSite('arm64', { symbolAddress: (_machine, ip) => ip }),
    caseNamed('kprobe_multi/cookies', 'kprobe_multi/cookies.addresses'),
  ],
  [
    'the site for the function, seen in its address',
    withSite('riscv', { symbolAddress: (_machine, ip) => ip }),
    caseNamed('kprobe_multi/standard-run', 'kprobe_multi/standard-run.symbols'),
  ],
  [
    'an update that does not come back',
    withAccessors('arm64', () => ({ partialRegsUpdate: () => {} })),
    caseNamed('kprobe_multi/override'),
  ],
  [
    'a conversion that marks no mode',
    withAccessors('x86_64', () => ({ partialRegs: ({ address }) => address })),
    caseNamed('kprobe_multi/context-leak'),
  ],
  [
    'arguments in another order',
    withAccessors('s390', ({ tracing }) => ({
      tracing: { ...tracing, parameters: ['gprs[3]', 'gprs[2]', 'gprs[4]', 'gprs[5]', 'gprs[6]'] },
    })),
    caseNamed('kprobe_multi/context'),
  ],
  [
    'registers of perf in user mode',
    withAccessors('riscv', ({ fetchCallerRegs }) => ({
      fetchCallerRegs: (regs, caller) => {
        fetchCallerRegs(regs, caller);
        const status = named('riscv').backend.accessors.ptRegsOffset(regs.config, 'status');
        regs.machine.storeWord(regs.address + BigInt(status), 8, 0n);
      },
    })),
    caseNamed('perf/registers', 'perf/registers.riscv'),
  ],
];

test.each(mistakes)('%s', (_what, broken, spec) => {
  const verdict = (loaded: LoadedBackend) => {
    const place = target(loaded);
    return judge(spec, { outcome: place.run(spec), features: place.features }).status;
  };
  expect(verdict(named(broken.backend.arch))).toBe('PASS');
  // XPASS where the mistake undoes a declared divergence.
  expect(['FAIL', 'XPASS']).toContain(verdict(broken));
});
