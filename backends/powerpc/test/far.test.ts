// SPDX-License-Identifier: MIT
/**
 * A site out of reach of the trampolines, executed: core kernel text 48 MiB away, with a fixed trampoline near it. linux
 * 7.2 arch/powerpc/kernel/trace/ftrace.c (find_ftrace_tramp, ftrace_dyn_arch_init): those lead to ftrace_regs_caller
 * always, by way of r12 and CTR.
 */
import { describe, expect, test } from 'vitest';
import type { Site } from '../../../harness/backend/contract.js';
import { createInterpreter } from '../../../harness/machine/interpreter.js';
import { callsite } from '../callsite.js';
import { encodeLongBranch, wordBytes } from '../encoding.js';
import { backend } from '../index.js';
import { buildOf, config, type Form, IN_LINE } from './support.js';

const FAR = 0xc000_0000_0310_0000n;
const F = FAR + 0x100n;
const NEAR_TRAMPOLINE = FAR + 0x800n;
const { memory } = backend.abi;
const S = memory.stack + 8192n;

function boot(form: Form) {
  const { program, externals } = buildOf(form);
  const machine = createInterpreter({
    program,
    instructions: backend.instructions,
    registers: backend.registers,
    byteOrder: 'little',
    regions: [
      { name: 'text', kind: 'text', start: memory.text, size: 0x4000 },
      { name: 'c', kind: 'text', start: memory.c, size: 0x1000 },
      { name: 'far text', kind: 'text', start: FAR, size: 0x1000 },
      { name: 'data', kind: 'data', start: memory.data, size: 0x8000 },
      { name: 'stack', kind: 'stack', start: memory.stack, size: memory.threadSize },
    ],
  });
  const real = (name: string): bigint => externals.get(name) ?? (program.symbols.get(name) as bigint);
  /** Of the fixed trampolines, the one the linker put near this text. */
  const symbol = (name: string) => (name === 'ftrace_tramp_text' ? NEAR_TRAMPOLINE : real(name));
  const of = config(form);
  const { ip, resume } = callsite.shape(of);
  const site: Site = {
    ...{ machine, config: of, ip: F + BigInt(ip), symbol },
    ...{ ops: memory.data + 0x1000n, stub: FAR + 0x400n },
  };
  const apply = (patch: ReturnType<typeof callsite.initNop>) => {
    if ('error' in patch) throw new Error(`refused with ${patch.error}`);
    for (const { address, bytes } of patch.stores) machine.store(address, bytes);
  };
  const base = real('kernel_toc_base');
  machine.store(NEAR_TRAMPOLINE, wordBytes(...encodeLongBranch(8, base, real('ftrace_regs_caller'))));
  // A linker makes stubs of its own for _mcount; any call will do.
  machine.store(F, callsite.shape(of).compiled);
  machine.storeWord(real('function_trace_op'), 8, site.ops);
  const paca = real('paca');
  machine.storeWord(paca + 8n, 8, base);
  machine.storeWord(paca + 16n, 8, real('thread_info'));
  machine.storeWord(paca + 24n, 1, 1n);
  machine.storeWord(site.ops, 8, real('callback'));
  for (const at of [real('callback'), F + BigInt(resume)]) machine.setCallout(at);
  apply(callsite.updateFtraceFunc(site, real('callback')));
  apply(callsite.initNop(site));
  const enter = () => {
    for (const [index, name] of backend.registers.names.entries())
      machine.write(name, 0x1000n + BigInt(index));
    machine.write('r1', S);
    machine.write('r2', base);
    machine.write('r13', paca);
    machine.write('lr', FAR);
    machine.pc = F + 8n;
    return machine.run();
  };
  return { machine, site, real, apply, enter, resume: F + BigInt(resume) };
}

describe.each([...IN_LINE, '7.2-C'] as const)('%s', (form) => {
  test('asked for ftrace_caller, the callback finds all registers, r12 and ctr the trampoline’s', () => {
    const { machine, site, real, apply, enter } = boot(form);
    apply(callsite.makeCall(site, real('ftrace_caller')));
    expect(enter()).toMatchObject({ kind: 'callout', pc: real('callback') });
    const regs = machine.read('r6');
    const field = (offset: bigint) => machine.loadWord(regs + offset, 8);
    expect(field(264n)).not.toBe(0n);
    expect(field(256n)).toBe(site.ip + 4n);
    expect(machine.read('r3')).toBe(site.ip);
    expect(field(96n)).toBe(real('ftrace_regs_caller'));
    expect(field(280n)).toBe(real('ftrace_regs_caller'));
    expect(field(88n)).toBe(0x1000n + 11n);
  });

  test('and so does the body get on', () => {
    const { machine, site, real, apply, enter, resume } = boot(form);
    apply(callsite.makeCall(site, real('ftrace_caller')));
    enter();
    machine.pc = machine.read('lr');
    expect(machine.run()).toMatchObject({ kind: 'callout', pc: resume });
    expect(machine.read('r1')).toBe(S);
    expect(machine.read('lr')).toBe(FAR);
  });

  test('the word is a BL to the trampoline for either target', () => {
    const { machine, site, real, apply } = boot(form);
    const slot = form === '7.2-C' ? site.stub + 12n : site.ip;
    apply(callsite.makeCall(site, real('ftrace_caller')));
    const called = machine.loadWord(slot, 4);
    expect(called).toBe(BigInt.asUintN(32, 0x48000001n | ((NEAR_TRAMPOLINE - slot) & 0x3fffffcn)));
    apply(callsite.modifyCall(site, real('ftrace_caller'), real('ftrace_regs_caller')));
    expect(machine.loadWord(slot, 4)).toBe(called);
  });
});

test('6.1 does not touch a far site when the target changes', () => {
  const { site, real } = boot('6.1-A');
  expect(callsite.modifyCall(site, real('ftrace_caller'), real('ftrace_regs_caller'))).toEqual({
    stores: [],
  });
});

test('no trampoline near enough', () => {
  const { site, real } = boot('7.2-C');
  const lost = { ...site, symbol: real };
  expect(callsite.makeCall(lost, real('ftrace_caller'))).toMatchObject({ error: -22 });
});
