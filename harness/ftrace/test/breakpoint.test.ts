// SPDX-License-Identifier: MIT
/** Slots of displaced instructions: linux 7.2 arch/…/kernel/…kprobes.c arch_prepare_kprobe, arch_remove_kprobe. */
import { expect, test } from 'vitest';
import { flatMachine } from '../../backend/test/flat-machine.js';
import { BreakpointKprobes } from '../kprobes/breakpoint.js';
import { createKprobe } from '../kprobes/kprobe.js';
import { Running } from '../kprobes/running.js';
import { Tasks } from '../tasks.js';
import type { Environment } from '../types.js';

const [FIRST, SECOND] = [0x1000n, 0x2000n];

/** Kprobes whose slots are handed out in order, and what was done with them. */
function rig() {
  const log: string[] = [];
  let next = 0x8000n;
  const machine = flatMachine('little');
  const env = {
    machine,
    backend: {
      kprobes: {
        prepare: (_machine: unknown, at: bigint) => ({
          original: Uint8Array.of(1),
          breakpoint: Uint8Array.of(2),
          slot: { bytes: Uint8Array.of(Number(at >> 12n)), stepped: 1 },
          simulate: null,
        }),
      },
    },
    addTrapHandler: () => {},
    allocateText: (name: string) => {
      next += 0x100n;
      log.push(`${name} ${next.toString(16)}`);
      return next;
    },
    freeText: (address: bigint) => log.push(`free ${address.toString(16)}`),
  } as unknown as Environment;
  const probes = new BreakpointKprobes(env, new Running(new Tasks()), () => undefined);
  const at = (addr: bigint) => ({ ...createKprobe('k', { symbol: addr, offset: 0 }, null, null), addr });
  return { log, machine, probes, at };
}

test('a kprobe that is removed gives its slot back, once', () => {
  const { log, probes, at } = rig();
  const kprobe = at(FIRST);
  expect(probes.prepare(kprobe)).toBe(0);
  probes.remove(kprobe);
  probes.remove(kprobe);
  probes.remove({ ...kprobe, addr: null });
  expect(log).toEqual(['kprobe_insn_page 8100', 'free 8100']);
});

test('the next one there gets another slot, since somebody else may have the old one by now', () => {
  const { log, machine, probes, at } = rig();
  const kprobe = at(FIRST);
  probes.prepare(kprobe);
  probes.remove(kprobe);
  probes.prepare(at(SECOND));
  probes.prepare(kprobe);
  expect(log).toEqual([
    'kprobe_insn_page 8100',
    'free 8100',
    'kprobe_insn_page 8200',
    'kprobe_insn_page 8300',
  ]);
  expect([machine.load(0x8200n, 1)[0], machine.load(0x8300n, 1)[0]]).toEqual([2, 1]);
});
