// SPDX-License-Identifier: MIT
/**
 * The instructions that a back-end makes as bytes: those of a call site in each of its states, and every one that
 * is executed from bytes while a call goes through site, stub and trampoline to the body.
 */
import { type Build, CALLBACK } from '../../harness/backend/smoke/build.js';
import { Rig } from '../../harness/backend/smoke/rig.js';

export interface Word {
  readonly bytes: Uint8Array;
  /** As `decode()` has it, but for the target of a branch, which is relative to the instruction: `bl .+0x100`. */
  readonly text: string;
}

/** Text with an address of more than 32 bits, as branches have it, made relative. */
export function relativeText(text: string, here: bigint): string {
  return text.replace(/\b0x[0-9a-f]{9,16}\b/, (address) => {
    const distance = BigInt.asIntN(64, BigInt(address) - here);
    return `.${distance < 0n ? '-' : '+'}0x${(distance < 0n ? -distance : distance).toString(16)}`;
  });
}

/** C functions called until a call must have come through. */
const CALLOUTS = 8;

/** Each once, in order of appearance. @throws Error for bytes that `decode()` does not know */
export function wordsOf(build: Build): Word[] {
  const { callsite, instructions } = build.loaded.backend;
  const rig = new Rig(build);
  const found = new Map<string, Word>();

  const look = (at: bigint, when: string): number => {
    const bytes = rig.machine.load(at, 16);
    const decoded = instructions.decode(bytes, at);
    if (decoded === undefined) throw new Error(`unknown bytes at ${rig.name(at)}, ${when}`);
    const { length } = rig.program.parse(decoded.text, at);
    if (length !== decoded.length) throw new Error(`"${decoded.text}" is ${length} bytes, ${when}`);
    const word = { bytes: bytes.slice(0, decoded.length), text: relativeText(decoded.text, at) };
    const key = `${word.text} ${word.bytes.join()}`;
    if (!found.has(key)) found.set(key, word);
    return decoded.length;
  };
  const site = (when: string) => {
    for (let at = rig.f; at < rig.resume; ) at += BigInt(look(at, when));
  };
  const call = (when: string) => {
    rig.machine.trace(({ where, pc }) => {
      if (where === '') look(pc, when);
    });
    rig.enter();
    let reached = rig.run();
    for (let left = CALLOUTS; left > 0 && reached !== 'body'; left--) {
      rig.returnFromC();
      reached = rig.run();
    }
    rig.machine.trace(null);
    if (reached !== 'body') throw new Error(`a call ends up at ${reached}, ${when}`);
  };
  const state = (when: string, patch: Parameters<Rig['apply']>[0]) => {
    if ('error' in patch) throw new Error(`refused with ${patch.error}: ${when}`);
    for (const { address, bytes } of patch.stores) {
      rig.machine.store(address, bytes);
      look(rig.ip, `between the stores of ${when}`);
    }
    site(`after ${when}`);
    call(`after ${when}`);
  };

  site('as compiled');
  rig.apply(callsite.updateFtraceFunc(rig.site(), rig.symbol(CALLBACK)));
  const quiet = rig.site(rig.nopOps);
  const callers = ['ftrace_caller', 'ftrace_regs_caller'].filter((name) => rig.has(name));
  const [first = 0n, last = first] = callers.map((name) => rig.symbol(name));
  state('initNop', callsite.initNop(quiet));
  state('makeCall', callsite.makeCall(rig.site(), first));
  if (first !== last) state('modifyCall', callsite.modifyCall(rig.site(), first, last));
  state('makeNop', callsite.makeNop(quiet, last));
  if (callsite.opsTrampoline === null) return [...found.values()];
  for (const saveRegs of [false, true]) {
    const ops = { address: rig.ops, func: rig.symbol(CALLBACK), saveRegs, at: rig.f + 2048n };
    const { entry } = callsite.opsTrampoline(rig.site(), ops);
    state('makeCall of an ops trampoline', callsite.makeCall(rig.site(), entry));
    state('makeNop of an ops trampoline', callsite.makeNop(quiet, entry));
  }
  return [...found.values()];
}
