// SPDX-License-Identifier: MIT
/** What the steps of a case may do with a probe, whatever its kind. One file per kind implements it. */
import type { ProbeSpec } from '../../../case/types.js';
import type { DynFtrace, Result } from '../../../ftrace/types.js';
import type { FieldText } from '../../outcome.js';
import type { Session } from '../session.js';

/** Addresses of records: the two hashes of an ops. */
export interface Hashes {
  readonly filter: ReadonlySet<bigint>;
  readonly notrace: ReadonlySet<bigint>;
}

/** Fields of struct bpf_link_info in normal form. */
export type LinkInfo = Readonly<Record<'count' | 'link_flags' | 'targets' | 'cookies' | 'missed', FieldText>>;

/** A probe of a case as this kernel's API holds it. What a kind lacks, no step asks of it: the case is refused. */
export interface Registration {
  register(): Result;
  unregister(): Result;
  /** enable_fprobe() and its like, and their opposites. */
  setDisabled?(disabled: boolean): Result;
  /** The filter as it is now. */
  hashes?(): Hashes;
  /** ftrace_set_filter_ip() and ftrace_set_notrace(). */
  setHashes?(hashes: Hashes): Result;
  /** Calls that were not delivered; a text where this kernel does not tell. */
  nmissed?(): number | string;
  /** Runs of a program on a trampoline. */
  run_cnt?(): number;
  /** Runs of a program that were skipped; a text where this kernel does not count them. */
  misses?(): number | string;
  /** bpf_link_get_info_by_fd(). */
  linkInfo?(): LinkInfo | Result;
  /** Entry of the trampoline of a direct probe, and modify_ftrace_direct() to that of another. */
  readonly trampoline?: bigint;
  modify?(to: Registration): Result;
}

/** Makes a probe of one kind; nothing is registered yet. */
export type Maker = (session: Session, spec: ProbeSpec) => Registration;

/** Records of the named functions; `null` when one has no call site. */
export function recordsOf(session: Session, functions: readonly string[]): DynFtrace[] | null {
  const found = functions.map((name) => session.ftrace.records.get(session.functionNamed(name).ip));
  return found.every((rec) => rec !== undefined) ? found : null;
}

export function ipsOf(records: readonly DynFtrace[]): Set<bigint> {
  return new Set(records.map(({ ip }) => ip));
}

/** The hashes a probe is declared with; `null` when a function has no call site. */
export function declaredHashes(session: Session, spec: ProbeSpec): Hashes | null {
  const filter = recordsOf(session, spec.on);
  const notrace = recordsOf(session, spec.notrace);
  return filter && notrace && { filter: ipsOf(filter), notrace: ipsOf(notrace) };
}
