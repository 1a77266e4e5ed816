// SPDX-License-Identifier: MIT
/**
 * The trampolines, executed: does the harness find what it will rely on? C is called with an aligned SP and
 * the arguments of a callback, the structures are filled as the layouts say, the stubs keep their words
 * where `layouts.stubs` says, and everything ends where it should with SP as it was.
 */
import type { LoadedBackend } from '../contract.js';
import { STUB_IMAGES } from '../externals.js';
import { missingSymbols } from '../required-symbols.js';
import { hex, type Report, reason } from './finding.js';
import type { Rig } from './rig.js';
import { direct, fentry, fexit, fmodRet } from './stubs.js';
import { aligned, arrives, filled, onStack, resumes, same, stackIs, type Trial } from './trial.js';

const IMAGES = Array.from({ length: STUB_IMAGES }, (_, n) => n);

export function checkTrampolines(loaded: LoadedBackend, fresh: () => Rig, report: Report): void {
  const { backend } = loaded;
  const first = fresh();
  // Not the rig's configuration: that one notes which features the back-end asks for.
  const on = new Set(first.build.on);
  for (const symbol of missingSymbols(on, first)) report(symbol, 'is not defined by the sources');
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
  const { jump, bpf } = backend.layouts.stubs(first.config);
  const forms = [
    '',
    ...(jump ? [jump.suffix] : []),
    ...(typeof bpf.origStack === 'object' ? [bpf.origStack.suffix] : []),
  ];
  const missing = (symbol: string) => {
    if (first.build.on.includes(DIRECT) && !first.has(symbol))
      report(symbol, 'is not defined by the sources');
  };
  for (const n of IMAGES) {
    attempt(`bpf_fentry_${n}`, DIRECT, (trial, symbol) => fentry(trial, symbol, n));
    for (const suffix of jump ? ['', jump.suffix] : ['']) {
      const symbol = `direct_tramp_${n}${suffix}`;
      if (suffix !== '') missing(symbol);
      attempt(symbol, DIRECT, (trial, stub) => direct(trial, stub, `direct_func_${n}`));
    }
    for (const suffix of forms) {
      const [exit, mod] = [`bpf_fexit_${n}${suffix}`, `bpf_fmod_${n}${suffix}`];
      if (suffix !== '') [exit, mod].forEach(missing);
      attempt(exit, DIRECT, (trial, symbol) => fexit(trial, symbol, n));
      attempt(mod, DIRECT, (trial, symbol) => fmodRet(trial, symbol, n, 0n));
      attempt(mod, DIRECT, (trial, symbol) => fmodRet(trial, symbol, n, 7n));
    }
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
  const built = path === 'plain' ? (layout.plainSize ?? layout.size) : layout.size;
  if (!onStack(trial, fregs.address, built)) {
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
  const { rig, backend } = trial;
  const { graph, abi } = backend;
  rig.enterReturnHook();
  const before = rig.snapshot();
  if (!arrives(trial, symbol, 'ftrace_return_to_handler')) return;
  aligned(trial, symbol, 'ftrace_return_to_handler');
  const hasFregs = graph.returnArgument(rig.config) === 'fregs';
  if (hasFregs && !exitRegs(trial, symbol)) return;
  rig.returnFromC(rig.parent);
  if (!arrives(trial, symbol, 'parent')) return;
  stackIs(trial, symbol, rig.returned, 'at the parent');
  // Hooks of the older generation may lose the second word of a result.
  const results = hasFregs ? abi.returnRegisters : abi.returnRegisters.slice(0, 1);
  same(trial, symbol, before, [...results, ...abi.calleeSaved, ...abi.reserved]);
}

function exitRegs(trial: Trial, symbol: string): boolean {
  const { rig, report, backend } = trial;
  const { layouts, accessors } = backend;
  const layout = layouts.ftraceRegs(rig.config);
  const fregs = rig.fregs(rig.argument(0));
  if (!onStack(trial, fregs.address, layout.size)) {
    report(symbol, `fregs ${hex(fregs.address)} is not on the stack, between SP and S`);
    return false;
  }
  // From 7.2 on the core stores the original return address before it calls anyone.
  if (rig.config.revision === '7.2') accessors.setInstructionPointer(fregs, rig.parent);
  for (const field of layout.fields) filled(trial, symbol, fregs, field, field.exit);
  return true;
}
