// SPDX-License-Identifier: MIT
/**
 * Which functions the verifier lets a tracing program be loaded for. linux 6.1, 6.12, 7.2 kernel/bpf/verifier.c:
 * check_attach_btf_id (btf_id_deny, noreturn_deny), check_attach_modify_return, bpf_check_attach_target.
 */
import type { Config } from '../backend/contract.js';
import { ERRNO } from '../backend/errno.js';
import { apiExists } from './api.js';
import type { BpfKind } from './bpf.js';
import type { Result } from './types.js';

/** btf_id_deny: what a program calls itself before it runs, and behind it. */
const DENIED: ReadonlySet<string> = new Set([
  'migrate_disable',
  'migrate_enable',
  '__rcu_read_lock',
  '__rcu_read_unlock',
]);

/** noreturn_deny: an image that calls one of them is never returned to, and cannot be freed. */
const NO_RETURN: ReadonlySet<string> = new Set([
  'do_exit',
  'do_group_exit',
  'kthread_complete_and_exit',
  'make_task_dead',
]);

/** SECURITY_PREFIX: hooks of security modules, which may all fail. */
const MAY_FAIL = 'security_';

/** What loading a program of this kind for a function gives. */
export function verifyTarget(
  kind: BpfKind,
  { name, errorInjection }: { readonly name: string; readonly errorInjection: boolean },
  config: Config,
): Result {
  // An attach type that the kernel does not know.
  if (kind === 'fsession' && !apiExists('BPF_TRACE_FSESSION', config.revision)) return -ERRNO.EINVAL;
  if (DENIED.has(name)) return -ERRNO.EINVAL;
  const callsOriginal = kind !== 'fentry';
  if (callsOriginal && NO_RETURN.has(name) && apiExists('noreturn_deny', config.revision))
    return -ERRNO.EINVAL;
  if (kind !== 'fmod_ret' || name.startsWith(MAY_FAIL)) return 0;
  return errorInjection && config.has('FUNCTION_ERROR_INJECTION') ? 0 : -ERRNO.EINVAL;
}
