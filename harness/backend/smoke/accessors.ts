// SPDX-License-Identifier: MIT
/** Accessors on what a callback gets: what is set is read, offsets lie on fields, and nothing leaks out of it. */
import type { Accessors, Backend, Fregs } from '../contract.js';
import { getField } from '../fields.js';
import { hex, type Report } from './finding.js';
import type { Rig } from './rig.js';

/** Values no poison has. */
const [FIRST, SECOND] = [0x1111_2222_3333_4444n, 0x5555_6666_7777_8888n];

export function checkAccessors(backend: Backend, rig: Rig, report: Report): void {
  const { accessors, abi, layouts } = backend;
  const regs = rig.fregs(abi.memory.data + 0x4000n);
  // The full block where there is one: what an accessor makes of stale fields is no matter for this check.
  const full = rig.build.on.includes('DYNAMIC_FTRACE_WITH_REGS') && rig.has('ftrace_regs_caller');
  rig.enable(rig.symbol(full ? 'ftrace_regs_caller' : 'ftrace_caller'));
  rig.enter();
  rig.run();
  const fregs = rig.fregs(rig.argument(3));
  const size = BigInt(layouts.ftraceRegs(rig.config).size);
  const around = () => [rig.word(fregs.address - 8n), rig.word(fregs.address + size)];
  const before = around();

  readBack(accessors, fregs, report);
  overridden(accessors, fregs, rig.parent, report);
  offsets(backend, fregs, report);
  partial(accessors, fregs, regs, report);
  tracing(backend, fregs, regs, report);
  unwinds(backend, rig, report);

  if (around().some((word, index) => word !== before[index])) {
    report('accessors', `write outside the ${size} bytes of struct ftrace_regs`);
  }
  const beyond = regs.address + BigInt(layouts.ptRegs(rig.config).size);
  if (rig.word(beyond) !== 0n) report('accessors', 'write beyond struct pt_regs');
  if (accessors.maxArgs <= 0) report('accessors.maxArgs', `is ${accessors.maxArgs}`);
}

function readBack(accessors: Accessors, fregs: Fregs, report: Report): void {
  for (const value of [FIRST, SECOND]) {
    accessors.setInstructionPointer(fregs, value);
    same('getInstructionPointer', accessors.getInstructionPointer(fregs), value, report);
    accessors.setReturnValue(fregs, ~value & (2n ** 64n - 1n));
    same('getReturnValue', accessors.getReturnValue(fregs), ~value & (2n ** 64n - 1n), report);
    same('getInstructionPointer', accessors.getInstructionPointer(fregs), value, report);
  }
}

function same(name: string, got: bigint, due: bigint, report: Report): void {
  if (got !== due) report(`accessors.${name}`, `reads ${hex(got)} after ${hex(due)} was set`);
}

/** The override goes to the return address or to just_return_func, and leaves the return value alone. */
function overridden(accessors: Accessors, fregs: Fregs, parent: bigint, report: Report): void {
  accessors.setReturnValue(fregs, FIRST);
  accessors.overrideWithReturn(fregs, SECOND);
  const ip = accessors.getInstructionPointer(fregs);
  if (ip !== parent && ip !== SECOND) {
    report(
      'accessors.overrideWithReturn',
      `continues at ${hex(ip)}, neither the return address nor just_return`,
    );
  }
  same('getReturnValue', accessors.getReturnValue(fregs), FIRST, report);
}

/** Every register name gets -EINVAL or the offset of a field, or all get their numbers; nonsense gets -EINVAL. */
function offsets({ accessors, registers, layouts }: Backend, fregs: Fregs, report: Report): void {
  const names = [...registers.names, ...Object.keys(registers.aliases)];
  const { queryRegisterOffset } = accessors;
  const check = (
    where: string,
    { fields }: { readonly fields: readonly { readonly offset: number }[] },
    query: (name: string) => number,
  ) => {
    const numbered = names.every((name) => query(name) < 0 || query(name) === registers.names.indexOf(name));
    for (const name of numbered ? [] : names) {
      const offset = query(name);
      if (offset >= 0 && !fields.some((field) => field.offset === offset)) {
        report(`accessors.${where}`, `${name} is at ${offset}, where no field starts`);
      }
    }
    for (const nonsense of ['no_such_register', 'constructor', '']) {
      const offset = query(nonsense);
      if (!(offset < 0))
        report(`accessors.${where}`, `gives ${offset} for "${nonsense}", no register's name`);
    }
    if (names.every((name) => query(name) < 0)) report(`accessors.${where}`, 'knows no register');
  };
  check('ptRegsOffset', layouts.ptRegs(fregs.config), (name) => accessors.ptRegsOffset(fregs.config, name));
  if (queryRegisterOffset !== null) {
    check('queryRegisterOffset', layouts.ftraceRegs(fregs.config), (name) =>
      queryRegisterOffset(fregs, name),
    );
  }
}

/** partial_regs and its update carry the instruction pointer to a copy and back; perf's copy is filled. */
function partial(accessors: Accessors, fregs: Fregs, regs: Fregs, report: Report): void {
  accessors.setInstructionPointer(fregs, FIRST);
  const filled = accessors.partialRegs(fregs, regs.address);
  if (filled === regs.address) {
    accessors.setInstructionPointer(fregs, SECOND);
    accessors.partialRegsUpdate(fregs, regs.address);
    const ip = accessors.getInstructionPointer(fregs);
    if (ip !== FIRST)
      report('accessors.partialRegsUpdate', `leaves ip ${hex(ip)}, the copy had ${hex(FIRST)}`);
  } else if (filled !== fregs.address && filled !== accessors.getRegs(fregs)) {
    report('accessors.partialRegs', 'returns neither the buffer nor the regs inside ftrace_regs');
  }
  accessors.fillPerfRegs(fregs, regs.address);
}

/** The fields that programs read are those of a pt_regs, and perf makes up registers of the kernel. */
function tracing(backend: Backend, fregs: Fregs, regs: Fregs, report: Report): void {
  const { accessors, layouts } = backend;
  const { parameters, result, stackPointer, instructionPointer, link } = accessors.tracing;
  const layout = layouts.ptRegs(fregs.config);
  const has = (name: string) => layout.fields.some((field) => field.name === name);
  for (const name of [...parameters, result, stackPointer, instructionPointer, link ?? result]) {
    if (!has(name)) report('accessors.tracing', `names ${name}, which pt_regs has not`);
  }
  if (!has(instructionPointer) || !has(stackPointer)) return;
  if (parameters.join() !== accessors.argumentFields.join())
    report('accessors.tracing', 'has other parameters than argumentFields');
  regs.machine.store(regs.address, new Uint8Array(layout.size));
  accessors.fetchCallerRegs(regs, { ip: FIRST, sp: SECOND, fp: SECOND });
  same('fetchCallerRegs: ip', getField(regs, layout, instructionPointer), FIRST, report);
  same('fetchCallerRegs: sp', getField(regs, layout, stackPointer), SECOND, report);
  if (accessors.userMode(regs)) report('accessors.fetchCallerRegs', 'makes up a pt_regs of user mode');
}

/** Garbage stops the unwinder: it must neither throw nor run for ever. */
function unwinds({ graph, abi }: Backend, rig: Rig, report: Report): void {
  const sp = abi.memory.stack + BigInt(abi.memory.threadSize / 2);
  for (const fp of [0n, 1n, 8n, sp, sp - 16n, sp + 16n, rig.fp, 2n ** 64n - 8n]) {
    let recovered = 0;
    try {
      const trace = graph.unwind({
        memory: rig.build.loaded.backend.abi.memory,
        machine: rig.machine,
        config: rig.config,
        pc: rig.resume,
        sp,
        fp,
        symbolOf: (address) => rig.program.symbolOf(address),
        entrySpOf: () => undefined,
        recover: (address) => {
          if (++recovered > abi.memory.threadSize) throw new Error('more frames than the stack has words');
          return address;
        },
      });
      if (trace[0] !== rig.resume) report('graph.unwind', 'does not start with pc');
    } catch (error) {
      report('graph.unwind', `frame pointer ${hex(fp)}: ${error instanceof Error ? error.message : error}`);
    }
  }
}
