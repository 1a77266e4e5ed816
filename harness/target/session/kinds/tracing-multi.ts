// SPDX-License-Identifier: MIT
/**
 * A BPF program on trampolines of many functions: fentry_multi, fexit_multi, fsession_multi. Registering makes a link,
 * unregistering closes the last one made. linux 7.2 kernel/trace/bpf_trace.c: bpf_tracing_multi_attach; before it the user's
 * library: tools/lib/bpf/libbpf.c bpf_program__attach_tracing_multi.
 */
import { ERRNO } from '../../../backend/errno.js';
import type { ProbeSpec } from '../../../case/types.js';
import type { BpfProgram } from '../../../ftrace/bpf.js';
import { matches } from '../../../ftrace/kprobe-multi-pattern.js';
import {
  type Candidate,
  checkTracing,
  idsByPattern,
  type TracingProgram,
  type TracingRequest,
  type TracingTarget,
} from '../../../ftrace/tracing-multi.js';
import type { DynFtrace, Result } from '../../../ftrace/types.js';
import { signatureOf } from '../calls.js';
import { CaseProblem } from '../host.js';
import { programHandler } from '../program-handler.js';
import type { Session } from '../session.js';
import { evaluateIn } from '../steps.js';
import { argumentSizes } from './program.js';
import type { Maker } from './registration.js';

/** BTF_KIND_VOID: the id of nothing. */
const NO_ID = 0;

const tracingMulti =
  (kind: TracingProgram['kind']): Maker =>
  (session, spec) => {
    const cookies = new Map<DynFtrace, bigint>();
    const program: BpfProgram = {
      kind,
      run: (rec, context) => programHandler(session, spec, rec, context, cookies.get(rec) ?? 0n),
      active: session.env.tasks.field(() => false),
      misses: 0,
      runCount: 0,
    };
    const links: (readonly TracingTarget[])[] = [];
    return {
      register: () => {
        const btf = btfOf(session);
        const request = requestOf(session, spec, btf);
        if (typeof request === 'number') return request;
        const targets = checkTracing(
          session.host.config,
          { kind, sleepable: spec.attach.sleepable },
          request,
          btf,
        );
        if (typeof targets === 'number') return targets;
        const result = session.bpf.attachMulti(targets, program);
        if (result !== 0) return result;
        for (const { rec, cookie } of targets) cookies.set(rec, cookie);
        links.push(targets);
        return 0;
      },
      unregister: () => {
        const link = links.pop();
        if (!link) return -ERRNO.EBADF;
        session.bpf.detachMulti(link, program);
        return 0;
      },
      nmissed: () => program.misses,
    };
  };

export const fentryMulti = tracingMulti('fentry');
export const fexitMulti = tracingMulti('fexit');
export const fsessionMulti = tracingMulti('fsession');

/** The functions of a case by id, in their order. */
function btfOf(session: Session): Candidate[] {
  return session.spec.functions.map(({ name, errorInjection }, index) => {
    const fn = session.functionNamed(name);
    return {
      id: index + 1,
      name,
      rec: session.ftrace.records.get(fn.ip),
      sizes: argumentSizes(fn),
      resultSize: signatureOf(fn).result.size,
      errorInjection,
    };
  });
}

/** What the library makes of the probe. `symbols` stand for their ids, a name of nothing for id 0. */
function requestOf(
  session: Session,
  { on, attach, cookies }: ProbeSpec,
  btf: readonly Candidate[],
): TracingRequest | Result {
  const { pattern } = attach;
  const flags = attach.flags ?? 0;
  if (pattern !== null) {
    const others = attach.symbols !== null || attach.count !== null || cookies !== null;
    const ids = idsByPattern((name) => matches(pattern, name), others, btf);
    return typeof ids === 'number' ? ids : { flags, ids, cookies: null, count: ids.length };
  }
  if (attach.by === 'addresses' || attach.by === 'both')
    throw new CaseProblem('programs on trampolines are attached by ids, not by addresses');
  const names = attach.symbols ?? (on.length > 0 ? on : btf.map(({ name }) => name));
  const ids = names.map((name) => btf.find((one) => one.name === name)?.id ?? NO_ID);
  const words = cookies?.map((cookie) => {
    const value = evaluateIn(session, cookie, new Map());
    if (typeof value !== 'bigint') throw new CaseProblem('a struct is no cookie');
    return BigInt.asUintN(64, value);
  });
  const given = attach.by === 'nothing' ? null : ids;
  return { flags, ids: given, cookies: words ?? null, count: attach.count ?? given?.length ?? 0 };
}
