// SPDX-License-Identifier: MIT
/**
 * fentry.multi, fexit.multi and fsession.multi: what the kernel asks of a request, in its order. linux 7.2
 * kernel/trace/bpf_trace.c: bpf_tracing_multi_attach, check_dup_ids; kernel/bpf/verifier.c: bpf_check_attach_btf_id_multi.
 */
import type { Config } from '../backend/contract.js';
import { ERRNO } from '../backend/errno.js';
import { apiExists } from './api.js';
import type { BpfKind, MultiTarget } from './bpf.js';
import { verifyTarget } from './bpf-verifier.js';
import type { DynFtrace, Result } from './types.js';

/** MAX_TRACING_MULTI_CNT. */
const MAX_COUNT = 1 << 20;
/** Bytes of a result that a trampoline keeps. */
const MAX_RESULT = 8;

/** A function by its BTF id. */
export interface Candidate {
  readonly id: number;
  readonly name: string;
  /** `undefined`: no call site. */
  readonly rec: DynFtrace | undefined;
  /** Of its arguments and its result, in bytes. */
  readonly sizes: readonly number[];
  readonly resultSize: number;
  readonly errorInjection: boolean;
}

/** link_create.tracing_multi of union bpf_attr; `null` is a NULL pointer. */
export interface TracingRequest {
  readonly flags: number;
  readonly ids: readonly number[] | null;
  readonly cookies: readonly bigint[] | null;
  /** Entries that the arrays are said to have. */
  readonly count: number;
}

/** A function that the link will hold, with its cookie. */
export interface TracingTarget extends MultiTarget {
  readonly cookie: bigint;
}

export interface TracingProgram {
  readonly kind: Exclude<BpfKind, 'fmod_ret'>;
  readonly sleepable: boolean;
}

/** A negative errno, or the functions in the order of their ids. */
export function checkTracing(
  config: Config,
  { kind, sleepable }: TracingProgram,
  request: TracingRequest,
  btf: readonly Candidate[],
): Result | readonly TracingTarget[] {
  // An attach type that the kernel does not know: the program is not loaded.
  if (!apiExists('bpf_tracing_multi_attach', config.revision)) return -ERRNO.EINVAL;
  if (!config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS') || !config.has('HAVE_SINGLE_FTRACE_DIRECT_OPS'))
    return -ERRNO.EOPNOTSUPP;
  const { flags, ids, cookies, count } = request;
  if (count === 0 || ids === null) return -ERRNO.EINVAL;
  if (count > MAX_COUNT) return -ERRNO.E2BIG;
  if (flags !== 0) return -ERRNO.EINVAL;
  if (ids.length < count || (cookies && cookies.length < count)) return -ERRNO.EFAULT;
  const sorted = ids
    .slice(0, count)
    .map((id, index) => ({ id, cookie: cookies?.[index] ?? 0n }))
    .sort((a, b) => a.id - b.id);
  if (sorted.some(({ id }, index) => id === sorted[index - 1]?.id)) return -ERRNO.EINVAL;
  const targets: TracingTarget[] = [];
  for (const { id, cookie } of sorted) {
    const candidate = btf.find((one) => one.id === id);
    if (!candidate) return -ERRNO.EINVAL;
    const refused = verifyTarget(kind, candidate, config);
    if (refused !== 0) return refused;
    if (kind !== 'fentry' && candidate.resultSize > MAX_RESULT) return -ERRNO.EOPNOTSUPP;
    const { rec, sizes } = candidate;
    if (!rec) return -ERRNO.ENOENT;
    if (sleepable && !candidate.errorInjection) return -ERRNO.EINVAL;
    targets.push({ rec, sizes, cookie });
  }
  return targets;
}

/** What the user's library does of a pattern: ids of the functions whose names match; bad options and no match are one error. */
export function idsByPattern(
  matches: (name: string) => boolean,
  others: boolean,
  btf: readonly Candidate[],
): Result | readonly number[] {
  if (others) return -ERRNO.EINVAL;
  const ids = btf.filter(({ name, rec }) => rec !== undefined && matches(name)).map(({ id }) => id);
  return ids.length === 0 ? -ERRNO.EINVAL : ids;
}
