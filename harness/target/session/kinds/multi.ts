// SPDX-License-Identifier: MIT
/**
 * A BPF program on fprobes: kprobe_multi, kretprobe_multi, kprobe_session. Registering makes a link, unregistering closes
 * the last one made. linux 7.2 kernel/trace/bpf_trace.c: bpf_kprobe_multi_link_attach.
 */
import { ERRNO } from '../../../backend/errno.js';
import type { Expression, ProbeSpec } from '../../../case/types.js';
import { apiExists } from '../../../ftrace/api.js';
import type { MultiLink, MultiProgram } from '../../../ftrace/kprobe-multi.js';
import { MULTI_RETURN, type MultiRequest } from '../../../ftrace/kprobe-multi-attach.js';
import { requestByPattern } from '../../../ftrace/kprobe-multi-pattern.js';
import type { Result } from '../../../ftrace/types.js';
import { absent } from '../../outcome.js';
import { CaseProblem } from '../host.js';
import { availableFunctions } from '../kallsyms.js';
import { runProgram } from '../programs.js';
import type { Session } from '../session.js';
import { evaluateIn } from '../steps.js';
import type { LinkInfo, Maker } from './registration.js';

const multi =
  (session_: boolean, flags: number): Maker =>
  (session, spec) => {
    const { revision } = session.host.config;
    const actions = [...(spec.entry ?? []), ...(spec.exit ?? [])];
    const program: MultiProgram = {
      name: spec.name,
      session: session_,
      sleepable: spec.attach.sleepable,
      writesContext: actions.some((action) => action.do === 'set'),
      overrides: actions.some((action) => action.do === 'override'),
      returns: spec.attach.returns,
      misses: 0,
      run: (call) => {
        const own = call.isReturn ? spec.exit : spec.entry;
        const skips = own !== null && runProgram(session, spec, own, call);
        return skips || spec.attach.returns === 1 ? 1 : 0;
      },
    };
    const links: MultiLink[] = [];
    const without = (api: string) => (apiExists(api, revision) ? null : absent(api));
    return {
      register: () => {
        const request = requestOf(session, spec, spec.attach.flags ?? flags);
        if (typeof request === 'number') return request;
        const made = session.multi.attach(program, request);
        if (typeof made === 'number') return made;
        links.push(made);
        return 0;
      },
      unregister: () => {
        const link = links.pop();
        return link ? session.multi.detach(link) : -ERRNO.EBADF;
      },
      nmissed: () => without('bpf_link_info.kprobe_multi') ?? links.at(-1)?.fprobe.nmissed ?? 0,
      misses: () => without('bpf_prog_inc_misses_counter') ?? program.misses,
      linkInfo: () => infoOf(session, links.at(-1), without('bpf_link_info.kprobe_multi')),
    };
  };

export const kprobeMulti = multi(false, 0);
export const kretprobeMulti = multi(false, MULTI_RETURN);
export const kprobeSession = multi(true, 0);

/** bpf_kprobe_multi_link_fill_link_info. */
function infoOf(session: Session, link: MultiLink | undefined, lack: string | null): LinkInfo | Result {
  if (!link) return -ERRNO.EBADF;
  if (lack !== null) return { count: lack, link_flags: lack, targets: lack, cookies: lack, missed: lack };
  const { addresses, cookies, flags, fprobe } = link;
  return {
    count: String(addresses.length),
    link_flags: String(flags),
    targets: addresses.map((address) => session.normal.code(address)),
    cookies: addresses.map((_address, index) => String(cookies?.[index] ?? 0n)),
    missed: String(fprobe.nmissed),
  };
}

/** union bpf_attr as the case has it. */
function requestOf(session: Session, spec: ProbeSpec, flags: number): MultiRequest | Result {
  const { attach } = spec;
  const words = (list: readonly Expression[]) =>
    list.map((expression) => BigInt.asUintN(64, wordOf(evaluateIn(session, expression, new Map()))));
  const cookies = spec.cookies && words(spec.cookies);
  if (attach.pattern !== null) {
    const others = [attach.symbols, attach.addresses, attach.count, cookies].some((other) => other !== null);
    const { pattern, uniqueMatch } = attach;
    return requestByPattern({ pattern, others, uniqueMatch, flags }, availableFunctions(session));
  }
  const functions = spec.on.length > 0 ? spec.on : session.spec.functions.map(({ name }) => name);
  const named = functions.map((name) => session.functionNamed(name));
  const by = (what: 'symbols' | 'addresses') => attach.by === what || attach.by === 'both';
  const symbols = by('symbols')
    ? (attach.symbols ?? named.map(({ spec: fn, name }) => fn?.symbol ?? name))
    : null;
  const addresses = by('addresses')
    ? attach.addresses
      ? words(attach.addresses)
      : named.map(({ symbol }) => symbol)
    : null;
  const count = attach.count ?? (symbols ?? addresses)?.length ?? 0;
  return { flags, symbols, addresses, cookies, count };
}

function wordOf(value: bigint | readonly bigint[]): bigint {
  if (typeof value !== 'bigint') throw new CaseProblem('a struct is no address and no cookie');
  return value;
}
