// SPDX-License-Identifier: MIT
/**
 * Direct trampolines and the stubs of BPF programs, executed: they keep their words where `layouts.stubs` says,
 * call their C functions, and end in the body or at the parent.
 */
import { ARGUMENT_SLOTS, MOD_LINKS } from '../externals.js';
import { hex } from './finding.js';
import { aligned, arrives, resumes, same, stackIs, type Trial } from './trial.js';

/**
 * Runs the function to the point where the entry trampoline hands over to a direct one, beside other ops: the
 * way that no site's reach forbids. Registers as at F, or `null` if the callback is not reached.
 */
function enterDirect(trial: Trial, symbol: string): Map<string, bigint> | null {
  const { rig, backend } = trial;
  // The callback of a direct ops asks for all registers where the architecture can give them.
  const regs = rig.has('ftrace_regs_caller') && rig.build.on.includes('DYNAMIC_FTRACE_WITH_REGS');
  rig.enable(rig.symbol(regs ? 'ftrace_regs_caller' : 'ftrace_caller'));
  rig.enter();
  const before = rig.snapshot();
  if (!arrives(trial, symbol, 'callback')) return null;
  fillBody(trial, symbol);
  backend.accessors.setDirectCaller(rig.fregs(rig.argument(3)), directAddress(trial, symbol));
  rig.returnFromC();
  return before;
}

/** What an image has built in: the address of the body, in a cell. */
function fillBody({ rig, backend }: Trial, symbol: string): void {
  const { jump, bpf } = backend.layouts.stubs(rig.config);
  const n = /\d/.exec(symbol)?.[0] ?? '';
  const direct = jump && symbol.endsWith(jump.suffix) ? `direct_tramp_${n}${jump.body}` : undefined;
  const cell = symbol.startsWith('bpf_') ? bpf.body && bpf.body + n : direct;
  if (cell) rig.machine.storeWord(rig.symbol(cell), 8, rig.resume);
}

/** The address to register a stub by; one for jump mode has bit 0 set. */
function directAddress({ rig, backend }: Trial, symbol: string): bigint {
  const { jump } = backend.layouts.stubs(rig.config);
  return rig.symbol(symbol) | (jump && symbol.endsWith(jump.suffix) ? 1n : 0n);
}

/** A direct trampoline: its C function, if it calls one, and the way into the body. */
export function direct(trial: Trial, symbol: string, callee: string | null): void {
  const { rig, report, backend } = trial;
  const before = enterDirect(trial, symbol);
  if (before === null) return;
  if (callee !== null) {
    if (!arrives(trial, symbol, callee)) return;
    aligned(trial, symbol, callee);
    const { selfIp } = backend.layouts.stubs(rig.config).direct;
    const found = rig.word(rig.read(backend.abi.stackPointer) + BigInt(selfIp));
    if (found !== rig.resume) {
      report(
        'layouts.stubs.direct.selfIp',
        `SP+${selfIp} holds ${rig.name(found)} in ${symbol}, not the body`,
      );
    }
    rig.returnFromC();
  }
  resumes(trial, symbol, before);
}

export function fentry(trial: Trial, symbol: string, n: number): void {
  const { rig } = trial;
  fillSlots(trial, n);
  const before = enterDirect(trial, symbol);
  if (before === null) return;
  if (!program(trial, symbol, `bpf_entry_func_${n}`, before)) return;
  rig.returnFromC();
  resumes(trial, symbol, before);
}

/** Argument words of a program context. */
const WORDS = 12;

/** The images of a number are made for as many argument words as there may be. */
function fillSlots({ rig, backend }: Trial, n: number): void {
  if (backend.layouts.stubs(rig.config).bpf.argumentSlots)
    rig.machine.storeWord(rig.symbol(`${ARGUMENT_SLOTS}${n}`), 8, BigInt(WORDS));
}

/** A word that no register or stack slot holds. */
const RESULT = 0x1234_5678_9abc_def0n;

export function fexit(trial: Trial, symbol: string, n: number): void {
  fillSlots(trial, n);
  const before = enterDirect(trial, symbol);
  if (before === null) return;
  if (!program(trial, symbol, `bpf_entry_func_${n}`, before)) return;
  trial.rig.returnFromC();
  if (!original(trial, symbol, before)) return;
  exits(trial, symbol, n, before, RESULT);
}

/** With two modify-return programs that end with 0 and `result`: not 0 takes the place of the body's. */
export function fmodRet(trial: Trial, symbol: string, n: number, result: bigint): void {
  const { rig, report } = trial;
  fillSlots(trial, n);
  const before = enterDirect(trial, symbol);
  if (before === null) return;
  rig.machine.storeWord(rig.symbol(`${MOD_LINKS}${n}`), 8, 2n);
  if (!program(trial, symbol, `bpf_entry_func_${n}`, before)) return;
  rig.returnFromC();
  for (const [left, ends] of [
    [2n, 0n],
    [1n, result],
  ] as const) {
    if (!program(trial, symbol, `bpf_mod_func_${n}`, before)) return;
    if (rig.argument(1) !== left)
      report(symbol, `bpf_mod_func_${n} is told ${rig.argument(1)} left, not ${left}`);
    rig.returnFromC(ends);
  }
  if (result === 0n && !original(trial, symbol, before)) return;
  exits(trial, symbol, n, before, result === 0n ? RESULT : result);
}

/** The body, called with the arguments of the function and left with a result. */
function original(trial: Trial, symbol: string, before: ReadonlyMap<string, bigint>): boolean {
  const { rig, report, backend } = trial;
  const { abi, layouts } = backend;
  if (!arrives(trial, symbol, 'body')) return false;
  aligned(trial, symbol, 'the body');
  same(trial, symbol, before, [...abi.argumentRegisters, ...abi.reserved]);
  const sp = rig.read(abi.stackPointer);
  // Words of arguments beyond the registers; a function with more gets no BPF trampoline.
  const words = (layouts.stubs(rig.config).bpf.words ?? WORDS) - abi.argumentRegisters.length;
  for (const slot of [0, 1, 2, 3].filter((n) => n < words)) {
    const at = BigInt(abi.stackArguments + 8 * slot);
    if (rig.word(sp + at) !== rig.word(rig.s + at)) {
      report(symbol, `the body does not find stack argument ${slot} at SP+${at}`);
    }
  }
  for (const [index, register] of abi.returnRegisters.entries()) {
    rig.machine.write(register, RESULT + BigInt(index));
  }
  rig.returnFromBody();
  return true;
}

/** The exit programs and the way to the parent, who gets `result`. */
function exits(
  trial: Trial,
  symbol: string,
  n: number,
  before: ReadonlyMap<string, bigint>,
  result: bigint,
): void {
  const { rig, report, backend } = trial;
  const { abi, layouts } = backend;
  if (!arrives(trial, symbol, `bpf_exit_func_${n}`)) return;
  aligned(trial, symbol, `bpf_exit_func_${n}`);
  const stubs = layouts.stubs(rig.config).bpf;
  const stored = rig.word(rig.argument(0) + BigInt(stubs.result));
  if (stored !== result) {
    report('layouts.stubs.bpf.result', `${symbol}'s context holds ${hex(stored)} there, not the result`);
  }
  rig.returnFromC();
  if (!arrives(trial, symbol, 'parent')) return;
  stackIs(trial, symbol, rig.returned, 'at the parent');
  same(trial, symbol, before, [...abi.calleeSaved, ...abi.reserved]);
  const register = abi.returnRegisters[0] as string;
  if (rig.read(register) !== result) report(symbol, `${register} is not the result at the parent`);
}

/** At the call of a BPF program: the context holds what `layouts.stubs` promises. */
function program(trial: Trial, symbol: string, callee: string, before: ReadonlyMap<string, bigint>): boolean {
  const { rig, report, backend } = trial;
  const { abi, layouts } = backend;
  if (!arrives(trial, symbol, callee)) return false;
  aligned(trial, symbol, callee);
  const stubs = layouts.stubs(rig.config).bpf;
  const context = rig.argument(0);
  const self = rig.word(context + BigInt(stubs.selfIp));
  if (self !== rig.resume) {
    report('layouts.stubs.bpf.selfIp', `${symbol}'s context holds ${rig.name(self)} there, not the body`);
  }
  if (rig.word(context + BigInt(stubs.isReturn)) !== 0n) {
    report('layouts.stubs.bpf.isReturn', `${symbol}'s context is marked as behind the body there`);
  }
  const registers = abi.argumentRegisters.length;
  for (let n = 0; n < (stubs.words ?? WORDS); n++) {
    const due =
      n < registers
        ? before.get(abi.argumentRegisters[n] as string)
        : rig.word(rig.s + BigInt(abi.stackArguments + 8 * (n - registers)));
    const got = rig.word(context + BigInt(stubs.arguments + 8 * n));
    if (got !== due) {
      report('layouts.stubs.bpf.arguments', `word ${n} of ${symbol}'s context is not argument ${n}`);
      break;
    }
  }
  return true;
}
