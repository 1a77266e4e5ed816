// SPDX-License-Identifier: MIT
/**
 * The trampolines, executed: does the harness find what it will rely on? C is called with an aligned SP and
 * the arguments of a callback, the structures are filled as the layouts say, the stubs keep their words
 * where `layouts.stubs` says, and everything ends where it should with SP as it was.
 */
import { memoryPoison } from '../../machine/poison.js';
import type { Backend, FieldState, Fregs, LoadedBackend } from '../contract.js';
import { hex, type Report, reason } from './finding.js';
import { Rig } from './rig.js';

/** One trampoline being tried. */
interface Trial {
  readonly backend: Backend;
  readonly rig: Rig;
  readonly report: Report;
}

/** Symbols that every back-end's sources define, and the feature each hangs on. */
const REQUIRED: readonly (readonly [symbol: string, feature: string])[] = [
  ['ftrace_caller', 'DYNAMIC_FTRACE'],
  ['ftrace_regs_caller', 'DYNAMIC_FTRACE_WITH_REGS'],
  ['ftrace_stub', 'DYNAMIC_FTRACE'],
  ['return_to_handler', 'FUNCTION_GRAPH_TRACER'],
  ['ftrace_stub_direct_tramp', 'DYNAMIC_FTRACE_WITH_DIRECT_CALLS'],
  ...[0, 1, 2, 3].flatMap((n) =>
    [`direct_tramp_${n}`, `bpf_fentry_${n}`, `bpf_fexit_${n}`, `bpf_fexit_${n}_called`].map(
      (symbol) => [symbol, 'DYNAMIC_FTRACE_WITH_DIRECT_CALLS'] as const,
    ),
  ),
];

export function checkTrampolines(loaded: LoadedBackend, fresh: () => Rig, report: Report): void {
  const { backend } = loaded;
  const first = fresh();
  for (const [symbol, feature] of REQUIRED) {
    if (first.build.on.includes(feature) && !first.has(symbol))
      report(symbol, 'is not defined by the sources');
  }
  const attempt = (symbol: string, feature: string | null, act: (trial: Trial, symbol: string) => void) => {
    if (!first.has(symbol) || (feature !== null && !first.build.on.includes(feature))) return;
    try {
      act({ backend, rig: fresh(), report }, symbol);
    } catch (error) {
      report(symbol, reason(error));
    }
  };
  const DIRECT = 'DYNAMIC_FTRACE_WITH_DIRECT_CALLS';
  attempt('ftrace_caller', null, (trial, symbol) => entry(trial, symbol, 'plain'));
  attempt('ftrace_regs_caller', 'DYNAMIC_FTRACE_WITH_REGS', (trial, symbol) => entry(trial, symbol, 'regs'));
  attempt('return_to_handler', 'FUNCTION_GRAPH_TRACER', returnHook);
  attempt('ftrace_stub_direct_tramp', DIRECT, (trial, symbol) => direct(trial, symbol, null));
  for (const n of [0, 1, 2, 3]) {
    attempt(`direct_tramp_${n}`, DIRECT, (trial, symbol) => direct(trial, symbol, `direct_func_${n}`));
    attempt(`bpf_fentry_${n}`, DIRECT, (trial, symbol) => fentry(trial, symbol, n));
    attempt(`bpf_fexit_${n}`, DIRECT, (trial, symbol) => fexit(trial, symbol, n));
  }
}

/** The callback's view from the entry trampoline, and the way back into the body. */
function entry(trial: Trial, symbol: string, path: 'plain' | 'regs'): void {
  const { rig, report, backend } = trial;
  const { abi, layouts } = backend;
  rig.enable(rig.symbol(symbol));
  rig.enter();
  const before = rig.snapshot();
  if (!arrives(trial, symbol, 'callback')) return;
  aligned(trial, symbol, 'callback');
  for (const [n, name, value] of [
    [0, 'ip', rig.ip],
    [1, 'parent_ip', rig.parent],
    [2, 'ops', rig.ops],
  ] as const) {
    const got = rig.argument(n);
    if (got !== value) report(symbol, `the callback's ${name} is ${rig.name(got)}, not ${rig.name(value)}`);
  }
  const layout = layouts.ftraceRegs(rig.config);
  const fregs = rig.fregs(rig.argument(3));
  if (!onStack(trial, fregs.address, layout.size)) {
    report(symbol, `fregs ${hex(fregs.address)} is not on the stack, between SP and S`);
    return;
  }
  for (const field of layout.fields) {
    const state = path === 'plain' ? field.plain : field.regs;
    if (state === undefined) report(`layouts.ftraceRegs.${field.name}`, `says nothing about ${symbol}`);
    else filled(trial, symbol, fregs, field, state);
  }
  rig.returnFromC();
  resumes(trial, symbol, before);
  const link = abi.linkRegister;
  const parent = link === null ? rig.word(rig.s) : rig.read(link);
  if (parent !== rig.parent) report(symbol, `the body sees return address ${rig.name(parent)}`);
}

/** The exit handler's view from the return hook, and the way on to the parent. */
function returnHook(trial: Trial, symbol: string): void {
  const { rig, report, backend } = trial;
  const { layouts, accessors, abi } = backend;
  rig.enterReturnHook();
  const before = rig.snapshot();
  if (!arrives(trial, symbol, 'ftrace_return_to_handler')) return;
  aligned(trial, symbol, 'ftrace_return_to_handler');
  const layout = layouts.ftraceRegs(rig.config);
  const fregs = rig.fregs(rig.argument(0));
  if (!onStack(trial, fregs.address, layout.size)) {
    report(symbol, `fregs ${hex(fregs.address)} is not on the stack, between SP and S`);
    return;
  }
  // The core stores the original return address before it calls anyone.
  accessors.setInstructionPointer(fregs, rig.parent);
  for (const field of layout.fields) filled(trial, symbol, fregs, field, field.exit);
  rig.returnFromC(rig.parent);
  if (!arrives(trial, symbol, 'parent')) return;
  stackIs(trial, symbol, rig.returned, 'at the parent');
  same(trial, symbol, before, [...abi.returnRegisters, ...abi.calleeSaved, ...abi.reserved]);
}

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
  backend.accessors.setDirectCaller(rig.fregs(rig.argument(3)), rig.symbol(symbol));
  rig.returnFromC();
  return before;
}

/** A direct trampoline: its C function, if it calls one, and the way into the body. */
function direct(trial: Trial, symbol: string, callee: string | null): void {
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

function fentry(trial: Trial, symbol: string, n: number): void {
  const { rig } = trial;
  const before = enterDirect(trial, symbol);
  if (before === null) return;
  if (!program(trial, symbol, `bpf_entry_func_${n}`, before)) return;
  rig.returnFromC();
  resumes(trial, symbol, before);
}

/** A word that no register or stack slot holds. */
const RESULT = 0x1234_5678_9abc_def0n;

function fexit(trial: Trial, symbol: string, n: number): void {
  const { rig, report, backend } = trial;
  const { abi, layouts } = backend;
  const before = enterDirect(trial, symbol);
  if (before === null) return;
  if (!program(trial, symbol, `bpf_entry_func_${n}`, before)) return;
  rig.returnFromC();
  if (!arrives(trial, symbol, 'body')) return;
  aligned(trial, symbol, 'the body');
  same(trial, symbol, before, [...abi.argumentRegisters, ...abi.reserved]);
  const sp = rig.read(abi.stackPointer);
  for (const slot of [0, 1, 2, 3]) {
    const at = BigInt(abi.stackArguments + 8 * slot);
    if (rig.word(sp + at) !== rig.word(rig.s + at)) {
      report(symbol, `the body does not find stack argument ${slot} at SP+${at}`);
    }
  }
  for (const [index, register] of abi.returnRegisters.entries()) {
    rig.machine.write(register, RESULT + BigInt(index));
  }
  rig.returnFromBody();
  if (!arrives(trial, symbol, `bpf_exit_func_${n}`)) return;
  aligned(trial, symbol, `bpf_exit_func_${n}`);
  const { result } = layouts.stubs(rig.config).bpf;
  const stored = rig.word(rig.argument(0) + BigInt(result));
  if (stored !== RESULT) {
    report('layouts.stubs.bpf.result', `${symbol}'s context holds ${hex(stored)} there, not the result`);
  }
  rig.returnFromC();
  if (!arrives(trial, symbol, 'parent')) return;
  stackIs(trial, symbol, rig.returned, 'at the parent');
  same(trial, symbol, before, [...abi.calleeSaved, ...abi.reserved]);
  const register = abi.returnRegisters[0] as string;
  if (rig.read(register) !== RESULT) report(symbol, `${register} is not the result at the parent`);
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
  const registers = abi.argumentRegisters.length;
  for (let n = 0; n < 12; n++) {
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

// -------------------------------------------------------------------------------------------- statements

function arrives({ rig, report }: Trial, symbol: string, due: string): boolean {
  const got = rig.run();
  if (got === due) return true;
  report(symbol, `goes to ${got}, not to ${due}`);
  return false;
}

function aligned({ rig, report, backend }: Trial, symbol: string, callee: string): void {
  const { abi } = backend;
  const { modulus, remainder } = abi.stackAlignment;
  const sp = rig.read(abi.stackPointer);
  if (Number(sp % BigInt(modulus)) !== remainder) {
    const due = remainder === 0 ? `a multiple of ${modulus}` : `${remainder} modulo ${modulus}`;
    report(symbol, `${abi.stackPointer} is ${hex(sp)} at the first instruction of ${callee}, not ${due}`);
  }
}

function onStack({ rig, backend }: Trial, address: bigint, size: number): boolean {
  const sp = rig.read(backend.abi.stackPointer);
  return address % 8n === 0n && address >= sp && address + BigInt(size) <= rig.returned;
}

function stackIs({ rig, report, backend }: Trial, symbol: string, due: bigint, when: string): void {
  const { stackPointer } = backend.abi;
  const off = rig.read(stackPointer) - due;
  if (off !== 0n) report(symbol, `${stackPointer} is off by ${off} bytes ${when}`);
}

function same(
  { rig, report }: Trial,
  symbol: string,
  before: ReadonlyMap<string, bigint>,
  names: readonly string[],
) {
  for (const name of names) {
    const due = before.get(name) as bigint;
    const got = rig.read(name);
    if (got !== due) report(symbol, `${name} is ${hex(got)} afterwards, it was ${hex(due)}`);
  }
}

/** The body is reached with the arguments, the preserved registers and SP of the call. */
function resumes(trial: Trial, symbol: string, before: ReadonlyMap<string, bigint>): void {
  const { abi } = trial.backend;
  if (!arrives(trial, symbol, 'body')) return;
  stackIs(trial, symbol, trial.rig.s, 'in the body');
  same(trial, symbol, before, [...abi.argumentRegisters, ...abi.calleeSaved, ...abi.reserved]);
}

/** A field declared stale was not written since the stack was poisoned; any other was. */
function filled(
  { backend, report }: Trial,
  symbol: string,
  fregs: Fregs,
  field: { readonly name: string; readonly offset: number; readonly size: 1 | 2 | 4 | 8 },
  state: FieldState,
): void {
  const at = fregs.address + BigInt(field.offset);
  const within = at % 8n;
  const skip = backend.abi.byteOrder === 'little' ? within : 8n - within - BigInt(field.size);
  const poison = BigInt.asUintN(8 * field.size, memoryPoison(at - within) >> (8n * skip));
  const stale = fregs.machine.loadWord(at, field.size) === poison;
  if (stale !== (state === 'stale')) {
    const seen = stale ? `${symbol} never writes it` : `${symbol} writes it`;
    report(`layouts.ftraceRegs.${field.name}`, `is declared ${state}, but ${seen}`);
  }
}
