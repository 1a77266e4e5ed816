// SPDX-License-Identifier: MIT
/**
 * Patching of call sites: which address a site should call, whether it must change, and the change itself
 * through the architecture's patch functions. linux 7.2 kernel/trace/ftrace.c: ftrace_check_record,
 * ftrace_get_addr_new, ftrace_get_addr_curr, __ftrace_replace_code, ftrace_bug.
 */
import type { Patch, Site } from '../backend/contract.js';
import { errnoName } from '../backend/errno.js';
import { MODIFY, REC } from './flags.js';
import type { DynFtrace, Environment, FtraceOps } from './types.js';

/** What the patching code asks of the ops list. */
export interface CodeOwner {
  readonly env: Environment;
  /** Ops on the list that trace this record, newest first. */
  opsOf(rec: DynFtrace): readonly FtraceOps[];
  /** The literal of a site: the only ops, or the list ops. */
  readonly listOps: FtraceOps;
  readonly nopOps: FtraceOps;
  /** FTRACE_WARN_ON: ftrace_kill(). */
  kill(why: string, rec: DynFtrace): void;
  /** Direct trampoline of a record, by its address. */
  readonly directAt: (ip: bigint) => bigint | undefined;
}

type Verdict = 'IGNORE' | 'MAKE_CALL' | 'MODIFY_CALL' | 'MAKE_NOP';

/** Flag pairs: wanted state, state in the text. */
const PAIRS = [
  [REC.REGS, REC.REGS_EN],
  [REC.TRAMP, REC.TRAMP_EN],
  [REC.DIRECT, REC.DIRECT_EN],
  [REC.CALL_OPS, REC.CALL_OPS_EN],
] as const;

const EN = PAIRS.reduce((bits, [, enabled]) => bits | enabled, REC.ENABLED);

/** The wanted state of a flag: a direct site calls the trampoline itself only when nobody else is there. */
function wants(rec: DynFtrace, flag: number): boolean {
  return (rec.flags & flag) !== 0 && (flag !== REC.DIRECT || rec.count === 1);
}

function check(rec: DynFtrace, enable: boolean): Verdict {
  if ((rec.flags & REC.DISABLED) !== 0) return 'IGNORE';
  const enabled = (rec.flags & REC.ENABLED) !== 0;
  if (!enable || rec.count === 0) return enabled ? 'MAKE_NOP' : 'IGNORE';
  const changed = PAIRS.some(([wanted, inText]) => wants(rec, wanted) !== ((rec.flags & inText) !== 0));
  if (!enabled) return 'MAKE_CALL';
  return changed ? 'MODIFY_CALL' : 'IGNORE';
}

/** Target by wanted or by patched state, in order of precedence. */
function target(owner: CodeOwner, rec: DynFtrace, state: (index: 0 | 1 | 2) => boolean): bigint {
  const { env } = owner;
  const ops = owner.opsOf(rec);
  if (state(2)) {
    const direct = owner.directAt(rec.ip);
    if (direct !== undefined) return direct;
  }
  if (state(1)) {
    const own = ops.find((candidate) => candidate.trampoline !== 0n);
    if (own) return own.trampoline;
    owner.kill('bad trampoline accounting', rec);
    return env.symbol('ftrace_caller');
  }
  if (state(0))
    return env.symbol(env.config.has('DYNAMIC_FTRACE_WITH_REGS') ? 'ftrace_regs_caller' : 'ftrace_caller');
  return env.symbol('ftrace_caller');
}

/** Applies the stores of a patch, or gives its error. */
export function applyPatch(env: Environment, what: string, patch: Patch): number {
  const made = patch.stores ?? [];
  for (const { address, bytes, instead } of made) {
    env.machine.store(address, bytes);
    env.breakpoint(address, instead ?? null);
    env.stored();
  }
  if ('error' in patch) {
    env.event(what, `refused: ${errnoName(patch.error)}`);
    return patch.error;
  }
  env.event(what, () => made.map(storeText).join(',') || 'nothing');
  return 0;
}

/** Whether ftrace_modify_all_code() has sites enabled, as the function that replaces their code understands it. */
export function enablesSites({ config, backend }: Environment, enabled: boolean): boolean {
  const { maySleep, enables } = backend.callsite;
  const flags = (enabled ? MODIFY.ENABLE : 0) | (maySleep?.(config) ? MODIFY.MAY_SLEEP : 0);
  return enables ? enables(flags) : (flags & MODIFY.ENABLE) !== 0;
}

function storeText({ address, bytes }: { readonly address: bigint; readonly bytes: Uint8Array }): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex}@0x${address.toString(16)}`;
}

export class CodePatcher {
  readonly #owner: CodeOwner;
  /** What each enabled site calls now: the old target of the next change. */
  readonly #current = new Map<bigint, bigint>();

  constructor(owner: CodeOwner) {
    this.#owner = owner;
  }

  /** Brings one site to its wanted state. Returns 0 or the error of the patch function. */
  update(rec: DynFtrace, enable: boolean): number {
    const verdict = check(rec, enable);
    const { env } = this.#owner;
    const { callsite } = env.backend;
    const old = this.#current.get(rec.ip) ?? 0n;
    switch (verdict) {
      case 'IGNORE':
        return 0;
      case 'MAKE_NOP': {
        const error = applyPatch(
          env,
          `make_nop ${rec.function}`,
          callsite.makeNop(this.#site(rec, true), old),
        );
        if (error === 0) {
          rec.flags &= ~EN;
          this.#current.delete(rec.ip);
        }
        return error;
      }
      default: {
        for (const [wanted, inText] of PAIRS) {
          if (wants(rec, wanted)) rec.flags |= inText;
          else rec.flags &= ~inText;
        }
        rec.flags |= REC.ENABLED;
        const to = target(this.#owner, rec, (index) => (rec.flags & PAIRS[index][1]) !== 0);
        const site = this.#site(rec, false);
        const patch =
          verdict === 'MAKE_CALL' ? callsite.makeCall(site, to) : callsite.modifyCall(site, old, to);
        const verb = verdict === 'MAKE_CALL' ? 'make_call' : 'modify_call';
        const error = applyPatch(env, `${verb} ${rec.function}`, patch);
        if (error === 0) this.#current.set(rec.ip, to);
        return error;
      }
    }
  }

  /** ftrace_init_nop at boot. */
  init(rec: DynFtrace): number {
    return applyPatch(
      this.#owner.env,
      `init_nop ${rec.function}`,
      this.#owner.env.backend.callsite.initNop(this.#site(rec, true)),
    );
  }

  #site(rec: DynFtrace, quiet: boolean): Site {
    const { env, listOps, nopOps } = this.#owner;
    const unique = (rec.flags & REC.CALL_OPS_EN) !== 0 ? this.#owner.opsOf(rec)[0] : undefined;
    return {
      machine: env.machine,
      config: env.config,
      ip: rec.ip,
      symbol: env.symbol,
      ops: quiet ? nopOps.address : (unique ?? listOps).address,
      stub: rec.stub,
      module: rec.module,
      fixed: env.fixedTrampolines(),
    };
  }
}
