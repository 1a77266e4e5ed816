// SPDX-License-Identifier: MIT
/**
 * A BPF program on a trampoline: fentry, fmod_ret, fexit, fsession. linux 7.2 kernel/bpf/trampoline.c
 * bpf_trampoline_link_prog; kernel/bpf/verifier.c check_attach_modify_return.
 */
import { ERRNO } from '../../../backend/errno.js';
import { STUB_IMAGES } from '../../../backend/externals.js';
import type { ProbeSpec } from '../../../case/types.js';
import type { BpfKind, BpfProgram } from '../../../ftrace/bpf.js';
import { verifyTarget } from '../../../ftrace/bpf-verifier.js';
import type { Result } from '../../../ftrace/types.js';
import type { Fn } from '../address-book.js';
import { signatureOf } from '../calls.js';
import { CaseProblem } from '../host.js';
import { programHandler } from '../program-handler.js';
import type { Session } from '../session.js';
import { evaluateIn } from '../steps.js';
import type { Maker } from './registration.js';

const program =
  (kind: BpfKind): Maker =>
  (session, spec) => {
    const loaded: BpfProgram = {
      kind,
      run: (rec, context) => programHandler(session, spec, rec, context, cookieOf(session, spec)),
      active: session.env.tasks.field(() => false),
      misses: 0,
      runCount: 0,
    };
    const functions = spec.on.map((name) => session.functionNamed(name));
    return {
      register: () => firstError(functions, (fn) => load(session, kind, fn) || attach(session, loaded, fn)),
      unregister: () =>
        firstError(functions, (fn) => {
          const rec = session.ftrace.records.get(fn.ip);
          return rec ? session.bpf.detach(rec, loaded) : -ERRNO.EINVAL;
        }),
      nmissed: () => loaded.misses,
      run_cnt: () => loaded.runCount,
    };
  };

export const fentry = program('fentry');
export const fmodRet = program('fmod_ret');
export const fexit = program('fexit');
export const fsession = program('fsession');

function firstError(functions: readonly Fn[], act: (fn: Fn) => Result): Result {
  for (const fn of functions) {
    const result = act(fn);
    if (result !== 0) return result;
  }
  return 0;
}

/** What the verifier refuses, before anything is attached. */
function load({ host }: Session, kind: BpfKind, { name, spec }: Fn): Result {
  return verifyTarget(kind, { name, errorInjection: spec?.errorInjection ?? false }, host.config);
}

/** @throws CaseProblem where the model has no trampoline left */
function attach(session: Session, loaded: BpfProgram, fn: Fn): Result {
  const rec = session.ftrace.records.get(fn.ip);
  if (!session.bpf.hasRoom(rec))
    throw new CaseProblem(`${STUB_IMAGES} functions at a time have BPF programs in the models, not more`);
  return session.bpf.attach(rec, loaded, argumentSizes(fn));
}

/** Sizes of the arguments of a function in bytes. Each begins with a new word of a program's context. */
export function argumentSizes(fn: Fn): number[] {
  return signatureOf(fn).parameters.map(({ type }) => type.size);
}

function cookieOf(session: Session, { cookie }: ProbeSpec): bigint {
  const value = cookie ? evaluateIn(session, cookie, new Map()) : 0n;
  if (typeof value !== 'bigint') throw new CaseProblem('a struct is no cookie');
  return BigInt.asUintN(64, value);
}
