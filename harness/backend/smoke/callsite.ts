// SPDX-License-Identifier: MIT
/**
 * The call site in a test machine: every state is text that assembles, calls and disabling undo each other, a CPU
 * that runs through between any two stores finds instructions, and the addresses which the table, the record
 * and the symbol give agree.
 */
import type { Backend, CallSite, Patch } from '../contract.js';
import { hex, type Report, reason } from './finding.js';
import type { Rig } from './rig.js';

interface Bench {
  readonly backend: Backend;
  readonly rig: Rig;
  readonly report: Report;
  /**
   * Whether the configuration is the one the features declare, not a variant of it. Variants need not work: a
   * kernel may build one whose sites are never executed.
   */
  readonly modelled: boolean;
}

export function checkCallSite(backend: Backend, fresh: () => Rig, modelled: boolean, report: Report): void {
  const bench = () => ({ backend, rig: fresh(), report, modelled });
  checkShape(bench());
  checkAddresses(bench());
  checkStates(bench());
  for (const [what, act] of corruptions) checkCorrupt(bench(), what, act);
}

function checkShape({ backend, rig, report, modelled }: Bench): void {
  const { before, ip, resume, compiled } = backend.callsite.shape(rig.config);
  if (compiled.length !== before + resume) {
    report('callsite.shape', `compiled has ${compiled.length} bytes, before + resume is ${before + resume}`);
  }
  if (before < 0 || ip < (modelled ? 0 : -before) || ip >= resume) {
    report('callsite.shape', `ip ${ip} does not lie in the site, 0 to ${resume}`);
  }
  for (const [name, offset] of Object.entries({ before, ip, resume })) {
    if (offset % backend.instructions.alignment !== 0) {
      report(`callsite.shape.${name}`, `${offset} is no multiple of the instruction alignment`);
    }
  }
}

function checkAddresses({ backend, rig, report, modelled }: Bench): void {
  const { callsite } = backend;
  const { table } = callsite.shape(rig.config);
  const place = (address: bigint) =>
    address === rig.f ? 'F' : `F${address < rig.f ? '' : '+'}${address - rig.f}`;
  const adjusted = callsite.callAdjust(rig.machine, rig.f + BigInt(table), rig.config, (name) =>
    rig.symbol(name),
  );
  if (adjusted !== rig.ip) {
    report(
      'callsite.callAdjust',
      `makes ${place(adjusted)} of the table entry, shape.ip is ${place(rig.ip)}`,
    );
  }
  if (!modelled) return;
  rig.apply(callsite.initNop(rig.site(rig.nopOps)));
  const symbol = callsite.symbolAddress(rig.machine, rig.ip, rig.config);
  // 0: the architecture leaves it to the symbol table.
  if (symbol !== 0n && symbol !== rig.f)
    report('callsite.symbolAddress', `makes ${place(symbol)} of ip, not F`);
}

/** compiled → nop → call → another call → nop, looking at the text after every single store. */
function checkStates(bench: Bench): void {
  const { backend, rig, report } = bench;
  const { callsite } = backend;
  const [caller, other] = [rig.symbol('ftrace_caller'), rig.symbol('ftrace_stub')];
  rig.enableCallback();

  understood(bench, 'as compiled');
  step(bench, 'initNop', callsite.initNop(rig.site(rig.nopOps)));
  const disabled = bytes(bench);
  describes(bench, 'initNop', [null]);
  reaches(bench, 'initNop', 'body');
  step(bench, 'makeCall', callsite.makeCall(rig.site(), caller));
  describes(bench, 'makeCall', [caller]);
  reaches(bench, 'makeCall', 'callback');
  const called = bytes(bench);
  // Where the callee is chosen per site by data, every call goes to the entry trampoline.
  step(bench, 'modifyCall', callsite.modifyCall(rig.site(), caller, other));
  describes(bench, 'modifyCall', [other, caller]);
  step(bench, 'modifyCall', callsite.modifyCall(rig.site(), other, caller));
  if (!equal(bytes(bench), called)) report('callsite.modifyCall', 'there and back is not the same bytes');
  step(bench, 'makeNop', callsite.makeNop(rig.site(rig.nopOps), caller));
  describes(bench, 'makeNop', [null]);
  reaches(bench, 'makeNop', 'body');
  if (!equal(bytes(bench), disabled)) {
    report(
      'callsite.makeNop',
      `after makeCall leaves ${dump(bytes(bench))}, before it was ${dump(disabled)}`,
    );
  }
}

/** Makes the stores of a patch one by one, running through the site after each. */
function step(bench: Bench, what: keyof CallSite, patch: Patch): void {
  const { rig, report, backend, modelled } = bench;
  if ('error' in patch) {
    report(`callsite.${what}`, `is refused with ${patch.error}`);
    return;
  }
  const { before } = backend.callsite.shape(rig.config);
  const { stub } = rig.site();
  const own = [
    [rig.f - BigInt(before), rig.resume],
    [stub, stub + 64n],
  ] as const;
  for (const { address, bytes: stored } of patch.stores) {
    if (!own.some(([from, to]) => address >= from && address + BigInt(stored.length) <= to)) {
      report(`callsite.${what}`, `stores at ${hex(address)}, outside the site and its stub`);
    }
    rig.machine.store(address, stored);
    if (!modelled) continue;
    rig.enter();
    const { kind, pc, why } = rig.machine.run();
    if (kind !== 'callout' && kind !== 'trap') {
      report(`callsite.${what}`, `leaves text that cannot run: ${kind} at ${rig.name(pc)}: ${why}`);
    }
  }
  understood(bench, `after ${what}`);
}

/** Running the site from F comes out at this callout. */
function reaches({ rig, report, modelled }: Bench, what: string, due: string): void {
  if (!modelled) return;
  rig.enter();
  const { kind, pc } = rig.machine.run();
  const got = kind === 'callout' ? rig.name(pc) : kind;
  if (got !== due) report(`callsite.${what}`, `the function then runs to ${got}, not to ${due}`);
}

/** decode() understands the bytes from F on, and its text assembles to the same length. */
function understood({ backend, rig, report }: Bench, when: string): void {
  for (let at = rig.f; at < rig.resume; ) {
    const rest = rig.machine.load(at, Number(rig.resume - at));
    const decoded = backend.instructions.decode(rest, at);
    if (decoded === undefined) {
      report('instructions.decode', `does not know ${dump(rest)} at F+${at - rig.f}, ${when}`);
      return;
    }
    try {
      const { length } = rig.program.parse(decoded.text, at);
      if (length !== decoded.length) {
        report(
          'instructions.decode',
          `"${decoded.text}" is ${decoded.length} bytes, the table says ${length}`,
        );
      }
    } catch (error) {
      report('instructions.decode', `"${decoded.text}" does not assemble ${when}: ${reason(error)}`);
    }
    if (decoded.length <= 0) return;
    at += BigInt(decoded.length);
  }
}

function describes({ backend, rig, report }: Bench, when: string, due: readonly (bigint | null)[]): void {
  const { target } = backend.callsite.describe(rig.machine, rig.ip, rig.config);
  if (due.includes(target)) return;
  const name = (address: bigint | null | undefined) =>
    address === null || address === undefined ? 'no call' : `a call of ${rig.name(address)}`;
  report('callsite.describe', `sees ${name(target)} after ${when}, not ${name(due[0])}`);
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

/** Over bytes that no state has, a patch is refused with a negative errno, or stores what decode() knows. */
function checkCorrupt(bench: Bench, what: string, act: Act): void {
  const { backend, rig, report } = bench;
  const { callsite } = backend;
  rig.apply(callsite.initNop(rig.site(rig.nopOps)));
  if (what !== 'makeCall') rig.apply(callsite.makeCall(rig.site(), rig.symbol('ftrace_caller')));
  const corrupt = rig.machine.load(rig.ip, Number(rig.resume - rig.ip)).fill(0xff);
  rig.machine.store(rig.ip, corrupt);
  const patch = act(callsite, rig);
  if ('error' in patch) {
    if (!(patch.error < 0))
      report(`callsite.${what}`, `refuses foreign bytes with ${patch.error}, no -errno`);
    return;
  }
  rig.apply(patch);
  // A change may be all in the site's stub.
  if (patch.stores.length > 0 && patch.stores.every(({ address }) => address >= rig.resume)) return;
  if (equal(rig.machine.load(rig.ip, corrupt.length), corrupt)) {
    report(`callsite.${what}`, 'accepts foreign bytes and leaves them as they are');
  }
}

function bytes({ backend, rig }: Bench): Uint8Array {
  const { before, resume } = backend.callsite.shape(rig.config);
  return rig.machine.load(rig.f - BigInt(before), before + resume);
}

const equal = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);
const dump = (list: Uint8Array) => [...list].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
