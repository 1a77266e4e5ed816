// SPDX-License-Identifier: MIT
/**
 * What the kernel asks of a program and of an attach request before it makes a kprobe.multi link, in its order. linux 7.2
 * kernel/trace/bpf_trace.c: kprobe_prog_is_valid_access, bpf_kprobe_multi_link_attach; linux 6.1 and 6.12 the same file;
 * kernel/trace/ftrace.c: ftrace_lookup_symbols.
 */
import type { Revision } from '../backend/contract.js';
import { ERRNO } from '../backend/errno.js';
import type { Ftrace } from './ftrace.js';
import type { Result } from './types.js';

/** BPF_F_KPROBE_MULTI_RETURN. */
export const MULTI_RETURN = 1;
/** MAX_KPROBE_MULTI_CNT, since 6.12. */
const MAX_COUNT = 1 << 20;
/** Beyond this many bytes kvmalloc_array() gives NULL. */
const MAX_BYTES = 2 ** 31 - 1;

/** What the verifier finds out about a program. */
export interface MultiProgramFacts {
  readonly session: boolean;
  readonly sleepable: boolean;
  /** It stores to its pt_regs. */
  readonly writesContext: boolean;
  /** It calls bpf_override_return(). */
  readonly overrides: boolean;
  /** It returns this constant; `null`: 0 or 1, as it decides. */
  readonly returns: number | null;
}

/** link_create.kprobe_multi of union bpf_attr; `null` is a NULL pointer. */
export interface MultiRequest {
  readonly flags: number;
  readonly symbols: readonly string[] | null;
  readonly addresses: readonly bigint[] | null;
  readonly cookies: readonly bigint[] | null;
  /** Entries that the arrays are said to have. */
  readonly count: number;
}

/** A function as kallsyms knows it. */
export interface Kallsym {
  readonly name: string;
  readonly address: bigint;
  /** Of a module. */
  readonly module: boolean;
  /** On the list of functions whose errors may be injected. */
  readonly errorInjection: boolean;
}

/** What a link holds. `cookies`, where there are some, belong to the addresses one by one. */
export interface MultiTargets {
  readonly addresses: readonly bigint[];
  readonly cookies: readonly bigint[] | null;
}

export interface MultiAttach {
  readonly ftrace: Ftrace;
  readonly kallsyms: () => readonly Kallsym[];
}

/** BPF_PROG_LOAD: 0, or why the verifier refuses the program. Before 7.2 nothing may be stored to a pt_regs. */
export function loadProgram({ env }: Ftrace, program: MultiProgramFacts): Result {
  const { session, writesContext, overrides, returns } = program;
  if (writesContext && env.config.revision !== '7.2') return -ERRNO.EACCES;
  // Without CONFIG_BPF_KPROBE_OVERRIDE there is no such helper.
  if (overrides && !env.config.has('FUNCTION_ERROR_INJECTION')) return -ERRNO.EINVAL;
  // check_return_code(): a session tells by it whether it wants to run at the return.
  if (session && returns !== null && returns !== 0 && returns !== 1) return -ERRNO.EINVAL;
  return 0;
}

/** The tests of the attach in their order, up to the registration of the fprobe: a negative errno, or what to attach to. */
export function checkAttach(
  { ftrace, kallsyms }: MultiAttach,
  program: MultiProgramFacts,
  request: MultiRequest,
): Result | MultiTargets {
  const { revision } = ftrace.env.config;
  const { flags, symbols, addresses, count } = request;
  if (!ftrace.env.config.has('FPROBE')) return -ERRNO.EOPNOTSUPP;
  if (program.session && revision === '6.1') return -ERRNO.EINVAL;
  if (program.sleepable || program.writesContext) return -ERRNO.EINVAL;
  if ((flags & ~MULTI_RETURN) !== 0) return -ERRNO.EINVAL;
  if ((symbols === null) === (addresses === null)) return -ERRNO.EINVAL;
  if (count === 0) return -ERRNO.EINVAL;
  if (revision !== '6.1' && count > MAX_COUNT) return -ERRNO.E2BIG;
  if (count * 8 > MAX_BYTES) return -ERRNO.ENOMEM;
  const given = symbols ?? addresses ?? [];
  if ((request.cookies && request.cookies.length < count) || given.length < count) return -ERRNO.EFAULT;

  const cookies = request.cookies?.slice(0, count) ?? null;
  const targets = symbols
    ? lookupSymbols(kallsyms(), ftrace, revision, symbols.slice(0, count), cookies)
    : { addresses: (addresses ?? []).slice(0, count), cookies };
  if (targets === null) return -ERRNO.ESRCH;
  const injectable = (address: bigint) =>
    kallsyms().some((symbol) => symbol.address === address && symbol.errorInjection);
  if (program.overrides && !targets.addresses.every(injectable)) return -ERRNO.EINVAL;
  return targets.cookies === null ? targets : sorted(targets.addresses, targets.cookies);
}

/**
 * Symbols sorted by name, cookies with them, then the addresses of those that are traceable; `null` unless all are found.
 * A name that stands twice is found once, so it never is. Of several functions of one name the first in kallsyms is taken,
 * modules last; 6.1 does not look in modules.
 */
function lookupSymbols(
  kallsyms: readonly Kallsym[],
  ftrace: Ftrace,
  revision: Revision,
  symbols: readonly string[],
  cookies: readonly bigint[] | null,
): MultiTargets | null {
  const order = symbols
    .map((name, index) => ({ name, cookie: cookies?.[index] ?? 0n }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  if (new Set(symbols).size < symbols.length) return null;
  const known = [
    ...kallsyms.filter(({ module }) => !module),
    ...(revision === '6.1' ? [] : kallsyms.filter(({ module }) => module)),
  ];
  const found = order.map(({ name }) =>
    known.find((symbol) => symbol.name === name && ftrace.location(symbol.address) !== undefined),
  );
  if (!found.every((symbol) => symbol !== undefined)) return null;
  return {
    addresses: found.map(({ address }) => address),
    cookies: cookies && order.map(({ cookie }) => cookie),
  };
}

/** sort_r() by address; cookies go along. */
function sorted(addresses: readonly bigint[], cookies: readonly bigint[]): MultiTargets {
  const pairs = addresses.map((address, index) => ({ address, cookie: cookies[index] ?? 0n }));
  pairs.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  return { addresses: pairs.map(({ address }) => address), cookies: pairs.map(({ cookie }) => cookie) };
}
