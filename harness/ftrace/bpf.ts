// SPDX-License-Identifier: MIT
/**
 * BPF trampolines: fentry and fexit programs on direct calls. linux 7.2 kernel/bpf/trampoline.c. One trampoline
 * per function; its image has exit code only when an exit program is attached. Inside each kind the newest
 * attached program runs first.
 */
import { ERRNO } from '../backend/errno.js';
import { STUB_IMAGES } from '../backend/externals.js';
import type { DirectCalls } from './direct.js';
import type { DynFtrace, FtraceOps, Result } from './types.js';

/** Address of the program context (argument words and return value). */
export type BpfProgram = (rec: DynFtrace, context: bigint) => void;

export interface BpfLink {
  readonly kind: 'fentry' | 'fexit';
  readonly run: BpfProgram;
  /** prog->active: whether the program runs on this CPU. */
  active: boolean;
  /** recursion_misses */
  misses: number;
}

interface Trampoline {
  readonly rec: DynFtrace;
  readonly slot: number;
  readonly ops: FtraceOps;
  /** Newest first. */
  links: BpfLink[];
}

/** The generic BPF_MAX_TRAMP_LINKS; some architectures have a lower one. */
const MAX_LINKS = 38;

export class BpfTrampolines {
  readonly #byRecord = new Map<DynFtrace, Trampoline>();

  constructor(readonly direct: DirectCalls) {}

  /** `words`: 8-byte words that the arguments of the function fill. */
  attach(rec: DynFtrace, link: BpfLink, words: number): Result {
    const { env } = this.direct.ftrace;
    if (!env.config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS') || !env.config.has('BPF_TRAMPOLINE'))
      return -ERRNO.ENOTSUPP;
    const existing = this.#byRecord.get(rec);
    const trampoline = existing ?? this.#create(rec);
    if (trampoline.links.includes(link)) return -ERRNO.EBUSY;
    if (trampoline.links.length >= this.#maxLinks()) return -ERRNO.E2BIG;
    // arch_prepare_bpf_trampoline() of a JIT that has no room for them.
    if (words > (env.backend.layouts.stubs(env.config).bpf.words ?? words)) return -ERRNO.ENOTSUPP;
    trampoline.links.unshift(link);
    const image = this.#image(trampoline);
    const result = existing
      ? this.direct.modify(trampoline.ops, image)
      : this.direct.register(trampoline.ops, image);
    if (result !== 0) trampoline.links.shift();
    else this.#byRecord.set(rec, trampoline);
    return result;
  }

  detach(rec: DynFtrace, link: BpfLink): Result {
    const trampoline = this.#byRecord.get(rec);
    if (!trampoline?.links.includes(link)) return -ERRNO.EINVAL;
    trampoline.links = trampoline.links.filter((other) => other !== link);
    if (trampoline.links.length > 0) return this.direct.modify(trampoline.ops, this.#image(trampoline));
    this.#byRecord.delete(rec);
    return this.direct.unregister(trampoline.ops);
  }

  #maxLinks(): number {
    const { backend, config } = this.direct.ftrace.env;
    return backend.layouts.stubs(config).bpf.maxLinks ?? MAX_LINKS;
  }

  #create(rec: DynFtrace): Trampoline {
    const used = new Set([...this.#byRecord.values()].map(({ slot }) => slot));
    const slot = Array.from({ length: STUB_IMAGES }, (_, index) => index).find((index) => !used.has(index));
    if (slot === undefined) throw new RangeError(`more than ${STUB_IMAGES} functions with BPF trampolines`);
    const ops = this.direct.createOps(`bpf_trampoline_${rec.function}`);
    ops.filter = new Set([rec.ip]);
    const trampoline: Trampoline = { rec, slot, ops, links: [] };
    const run = (kind: BpfLink['kind']) => (args: readonly bigint[]) => {
      for (const link of trampoline.links) if (link.kind === kind) runProgram(link, rec, args[0] ?? 0n);
      return undefined;
    };
    const { env } = this.direct.ftrace;
    env.cFunction(`bpf_entry_func_${slot}`, run('fentry'));
    env.cFunction(`bpf_exit_func_${slot}`, run('fexit'));
    this.#buildIn(rec, slot);
    return trampoline;
  }

  /** The address of the body, where an image has it as a constant. */
  #buildIn(rec: DynFtrace, slot: number): void {
    const { machine, config, backend, symbol } = this.direct.ftrace.env;
    const { body } = backend.layouts.stubs(config).bpf;
    if (body === undefined) return;
    const resume = rec.symbol + BigInt(backend.callsite.shape(config).resume);
    machine.storeWord(symbol(`bpf_fentry_${slot}${body}`), 8, resume);
  }

  #image({ slot, links, rec }: Trampoline): bigint {
    const { env } = this.direct.ftrace;
    if (!links.some(({ kind }) => kind === 'fexit')) return env.symbol(`bpf_fentry_${slot}`);
    const stub = `bpf_fexit_${slot}`;
    const { jump } = env.backend.layouts.stubs(env.config);
    if (!jump) return env.symbol(stub);
    // bpf_trampoline_use_jmp(): what calls the original itself is jumped to, and has its address as a constant.
    const { resume } = env.backend.callsite.shape(env.config);
    env.machine.storeWord(env.symbol(`${stub}${jump.body}`), 8, rec.symbol + BigInt(resume));
    return env.symbol(`${stub}${jump.suffix}`) | 1n;
  }
}

/** __bpf_prog_enter_recur, __bpf_prog_exit_recur: a program met inside of itself is passed over and counted. */
function runProgram(link: BpfLink, rec: DynFtrace, context: bigint): void {
  if (link.active) {
    link.misses++;
    return;
  }
  link.active = true;
  try {
    link.run(rec, context);
  } finally {
    link.active = false;
  }
}
