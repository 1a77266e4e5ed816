// SPDX-License-Identifier: MIT
/**
 * The call site in a test machine: every state is text that assembles, calls and disabling undo each other, and
 * the addresses which the table, the record and the symbol give agree.
 */
import type { Op } from '../../machine/instruction-set.js';
import { MachineFault } from '../../machine/types.js';
import type { Backend, CallSite, Patch } from '../contract.js';
import { hex, type Report, reason } from './finding.js';
import type { Rig } from './rig.js';

/** No instruction is longer, in bytes. */
const LONGEST = 16;

interface Bench {
  readonly backend: Backend;
  readonly rig: Rig;
  readonly report: Report;
}

/** @param modelled whether the configuration is the one the features declare, not a variant of it */
export function checkCallSite(backend: Backend, fresh: () => Rig, modelled: boolean, report: Report): void {
  const bench = { backend, rig: fresh(), report };
  checkShape(bench);
  checkAddresses(bench, modelled);
  checkStates({ ...bench, rig: fresh() });
  for (const [what, patch] of corruptions) checkCorrupt({ ...bench, rig: fresh() }, what, patch);
  checkUpdate({ ...bench, rig: fresh() });
}

function checkShape({ backend, rig, report }: Bench): void {
  const { before, ip, resume, compiled } = backend.callsite.shape(rig.config);
  if (compiled.length !== before + resume) {
    report('callsite.shape', `compiled has ${compiled.length} bytes, before + resume is ${before + resume}`);
  }
  if (before < 0 || ip < 0 || ip >= resume) {
    report('callsite.shape', `ip ${ip} does not lie in the site, 0 to ${resume}`);
  }
  for (const [name, offset] of Object.entries({ before, ip, resume })) {
    if (offset % backend.instructions.alignment !== 0) {
      report(`callsite.shape.${name}`, `${offset} is no multiple of the instruction alignment`);
    }
  }
}

function checkAddresses({ backend, rig, report }: Bench, modelled: boolean): void {
  const { callsite } = backend;
  const { table } = callsite.shape(rig.config);
  const adjusted = callsite.callAdjust(rig.machine, rig.f + BigInt(table), rig.config);
  if (adjusted !== rig.ip) {
    report(
      'callsite.callAdjust',
      `makes F+${hex(adjusted - rig.f)} of the table entry, shape.ip is F+${hex(rig.ip - rig.f)}`,
    );
  }
  if (!modelled) return;
  rig.apply(callsite.initNop(rig.site(rig.nopOps)));
  const symbol = callsite.symbolAddress(rig.machine, rig.ip, rig.config);
  if (symbol !== rig.f) report('callsite.symbolAddress', `makes F+${hex(symbol - rig.f)} of ip, not F`);
}

/** compiled → nop → call → another call → nop, looking at the text after every single store. */
function checkStates(bench: Bench): void {
  const { backend, rig } = bench;
  const { callsite } = backend;
  const targets = ['ftrace_caller', 'ftrace_stub'].filter((name) => rig.has(name));
  const [first, second] = targets.map((name) => rig.symbol(name)) as [bigint, bigint];

  understood(bench, 'as compiled');
  step(bench, 'initNop', callsite.initNop(rig.site(rig.nopOps)));
  const disabled = bytes(bench);
  describes(bench, 'initNop', null);
  step(bench, 'makeCall', callsite.makeCall(rig.site(), first));
  describes(bench, 'makeCall', first);
  const called = bytes(bench);
  step(bench, 'modifyCall', callsite.modifyCall(rig.site(), first, second));
  describes(bench, 'modifyCall', second);
  step(bench, 'modifyCall', callsite.modifyCall(rig.site(), second, first));
  if (!equal(bytes(bench), called))
    bench.report('callsite.modifyCall', 'there and back is not the same bytes');
  step(bench, 'makeNop', callsite.makeNop(rig.site(rig.nopOps), first));
  describes(bench, 'makeNop', null);
  if (!equal(bytes(bench), disabled)) {
    bench.report(
      'callsite.makeNop',
      `after makeCall leaves ${dump(bytes(bench))}, before it was ${dump(disabled)}`,
    );
  }
}

/** Makes the stores of a patch one by one; each must leave text that can be executed, as far as it is reached. */
function step(bench: Bench, what: keyof CallSite, patch: Patch): void {
  const { rig, report, backend } = bench;
  if ('error' in patch) {
    report(`callsite.${what}`, `is refused with ${patch.error}`);
    return;
  }
  const { before } = backend.callsite.shape(rig.config);
  for (const { address, bytes: stored } of patch.stores) {
    if (address < rig.f - BigInt(before) || address + BigInt(stored.length) > rig.resume) {
      report(`callsite.${what}`, `stores at F+${hex(address - rig.f)}, outside the site`);
    }
    rig.machine.store(address, stored);
    understood(bench, `after ${what}`);
  }
}

/** decode() understands the bytes from F on, up to a trap, and its text assembles to the same length. */
function understood({ backend, rig, report }: Bench, when: string): void {
  for (let at = rig.f; at < rig.resume; ) {
    const rest = rig.machine.load(at, Number(rig.resume - at));
    const decoded = backend.instructions.decode(rest, at);
    if (decoded === undefined) {
      report('instructions.decode', `does not know ${dump(rest)} at F+${hex(at - rig.f)}, ${when}`);
      return;
    }
    try {
      const { length, op } = rig.program.parse(decoded.text, at);
      if (length !== decoded.length) {
        report(
          'instructions.decode',
          `"${decoded.text}" is ${decoded.length} bytes, the table says ${length}`,
        );
      }
      if (traps(op, backend)) return;
    } catch (error) {
      report('instructions.decode', `"${decoded.text}" does not assemble ${when}: ${reason(error)}`);
    }
    if (decoded.length <= 0) return;
    at += BigInt(decoded.length);
  }
}

/** Whether the instruction is a breakpoint: what lies behind it is not executed, and may be half written. */
function traps(op: Op, { registers }: Backend): boolean {
  const x = new BigUint64Array(registers.names.length);
  try {
    op({ x, load: () => 0n, store: () => {}, jump: () => {} });
    return false;
  } catch (error) {
    return error instanceof MachineFault && error.kind === 'trap';
  }
}

function describes({ backend, rig, report }: Bench, when: string, due: bigint | null): void {
  const { target } = backend.callsite.describe(rig.machine, rig.ip, rig.config);
  if (target === due) return;
  const name = (address: bigint | null) => (address === null ? 'no call' : `a call of ${rig.name(address)}`);
  report('callsite.describe', `sees ${name(target)} after ${when}, not ${name(due)}`);
}

type Act = (callsite: CallSite, rig: Rig) => Patch;
const corruptions: readonly (readonly [what: 'makeCall' | 'makeNop' | 'modifyCall', act: Act])[] = [
  ['makeCall', (callsite, rig) => callsite.makeCall(rig.site(), rig.symbol('ftrace_caller'))],
  ['makeNop', (callsite, rig) => callsite.makeNop(rig.site(rig.nopOps), rig.symbol('ftrace_caller'))],
  [
    'modifyCall',
    (callsite, rig) =>
      callsite.modifyCall(rig.site(), rig.symbol('ftrace_caller'), rig.symbol('ftrace_stub')),
  ],
];

/** Over bytes that no state has, a patch is refused with a negative errno, or does all that was asked. */
function checkCorrupt(bench: Bench, what: string, act: Act): void {
  const { backend, rig, report } = bench;
  const { callsite } = backend;
  rig.apply(callsite.initNop(rig.site(rig.nopOps)));
  if (what !== 'makeCall') rig.apply(callsite.makeCall(rig.site(), rig.symbol('ftrace_caller')));
  rig.machine.store(rig.ip, rig.machine.load(rig.ip, Number(rig.resume - rig.ip)).fill(0xff));
  const patch = act(callsite, rig);
  if ('error' in patch) {
    if (!(patch.error < 0))
      report(`callsite.${what}`, `refuses foreign bytes with ${patch.error}, no -errno`);
    return;
  }
  for (const { address, bytes: stored } of patch.stores) rig.machine.store(address, stored);
  understood(bench, `after ${what} over foreign bytes`);
}

/** The patched calls of the common trampolines: text again, and inside the program. */
function checkUpdate({ backend, rig, report }: Bench): void {
  const where = 'callsite.updateFtraceFunc';
  const patch = backend.callsite.updateFtraceFunc(rig.site(), rig.symbol('callback'));
  if ('error' in patch) {
    report(where, `is refused with ${patch.error}`);
    return;
  }
  const inText = patch.stores.filter(
    ({ address, bytes: stored }) =>
      address >= rig.program.base && address + BigInt(stored.length) <= rig.program.end,
  );
  for (const { address, bytes: stored } of inText) rig.machine.store(address, stored);
  let next = 0n;
  for (const address of inText.map((store) => store.address).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))) {
    // A part of the instruction just seen.
    if (address < next) continue;
    const stored = rig.machine.load(address, Math.min(LONGEST, Number(rig.program.end - address)));
    const decoded = backend.instructions.decode(stored, address);
    if (decoded === undefined) report(where, `leaves ${dump(stored)}, which decode() does not know`);
    else next = address + BigInt(decoded.length);
  }
}

function bytes({ backend, rig }: Bench): Uint8Array {
  const { before, resume } = backend.callsite.shape(rig.config);
  return rig.machine.load(rig.f - BigInt(before), before + resume);
}

const equal = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);
const dump = (list: Uint8Array) => [...list].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
