// SPDX-License-Identifier: MIT
/** Interpreter and QEMU in lock-step on each architecture; and a wrong instruction, which must be found. */
import { describe, expect, test } from 'vitest';
import type { LoadedBackend } from '../../../backend/contract.js';
import type { Instruction } from '../../../machine/instruction-set.js';
import { backends } from '../../test/subjects.js';
import { corpus } from '../test/corpus.js';
import { withTools } from '../test/tools.js';
import { mismatchText } from './mismatch.js';
import { type Found, LockstepSubject } from './subject.js';

/** Instructions that the trampolines of each architecture are full of. */
const PLANTED: Readonly<Record<string, string>> = {
  arm64: 'sub',
  loongarch: 'addi.d',
  powerpc: 'ld',
  riscv: 'addi',
  s390: 'aghi',
  x86_64: 'sub',
};

/** The same back-end, except that an instruction adds 8 to what it should leave in a register. */
function wrong({ backend, sources }: LoadedBackend, mnemonic: string): LoadedBackend {
  const { instructions } = backend;
  const table = instructions.table.map((row): Instruction => {
    if (row.mnemonic !== mnemonic) return row;
    const compile: Instruction['compile'] = (values, here) => {
      const op = row.compile(values, here);
      return (cpu) => {
        const before = cpu.x.slice();
        op(cpu);
        const changed = cpu.x.findIndex((value, index) => value !== before[index]);
        if (changed >= 0) cpu.x[changed] = (cpu.x[changed] as bigint) + 8n;
      };
    };
    return { ...row, compile };
  });
  return { backend: { ...backend, instructions: { ...instructions, table } }, sources };
}

const cases = corpus().filter((_, index) => index % 60 === 0);
const shown = (found: readonly (Found | null)[]) =>
  found.flatMap((one) => (one === null ? [] : [`${one.name}: ${mismatchText(one.mismatch).join('\n')}`]));

for (const loaded of backends) {
  const { backend } = loaded;
  const revision = backend.revisions.at(-1) as (typeof backend.revisions)[number];
  withTools(loaded, () =>
    describe(backend.arch, { timeout: 180_000 }, () => {
      const withSubject = <T>(of: LoadedBackend, act: (subject: LockstepSubject) => T): T => {
        const subject = new LockstepSubject(of, revision);
        try {
          return act(subject);
        } finally {
          subject.close();
        }
      };

      test('cases, entry points and sequences are equal, and say how much was compared', () =>
        withSubject(loaded, (subject) => {
          const verified = cases.map((spec) => subject.verify(spec));
          expect(
            verified.flatMap((one) => (one.kind === 'mismatch' ? mismatchText(one.mismatch) : [])),
          ).toEqual([]);
          expect(verified.filter(({ kind }) => kind === 'broken')).toEqual([]);
          const { figures } = subject;
          expect(figures.compared).toBeGreaterThan(1000);
          const ofCases = subject.trampolines().done;
          expect(ofCases).toBeGreaterThan(50);
          expect(shown([...subject.instructions(4, 1, [])])).toEqual([]);
          expect(shown([...subject.random(3, 1)])).toEqual([]);
          // All that user mode can execute.
          expect(subject.rows().rest.filter(({ emulated }) => !emulated)).toEqual([]);
          const { rest, all } = subject.trampolines();
          expect(all).toBeGreaterThan(ofCases);
          expect(rest.filter(({ address }) => !figures.emulatedAddresses.has(address))).toEqual([]);
        }));

      test('a wrong instruction is found by each kind, with its place and section of the manual', () => {
        const mnemonic = PLANTED[backend.arch] ?? '';
        withSubject(wrong(loaded, mnemonic), (subject) => {
          const blamed = [
            ...cases.flatMap((spec) => {
              const verified = subject.verify(spec);
              return verified.kind === 'mismatch' ? [verified.mismatch] : [];
            }),
          ];
          expect(blamed.length).toBeGreaterThan(0);
          const entries = [...subject.random(2, 1)].flatMap((found) => found?.mismatch ?? []);
          const sequences = [...subject.instructions(2, 1, [])].flatMap((found) => found?.mismatch ?? []);
          for (const list of [blamed, entries, sequences]) {
            expect(list.length).toBeGreaterThan(0);
            for (const { instruction, what } of list) {
              expect(instruction?.text.split(' ')[0]).toBe(mnemonic);
              expect(instruction?.manual).not.toBe('');
              expect(what).toMatch(/^register /);
            }
          }
          expect(
            blamed.some(({ instruction }) => /^backends\/.*\.S:\d+$/.test(instruction?.where ?? '')),
          ).toBe(true);
        });
      });
    }),
  );
}
