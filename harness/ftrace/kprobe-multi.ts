// SPDX-License-Identifier: MIT
/**
 * BPF programs on fprobes: kprobe.multi, kretprobe.multi and kprobe.session links. linux 7.2 kernel/trace/bpf_trace.c:
 * kprobe_multi_link_prog_run, kprobe_multi_link_handler, bpf_kprobe_multi_cookie; linux 6.1 and 6.12 the same file. A
 * program sees a pt_regs: until 6.12 that of the fprobe, in 7.2 what ftrace_partial_regs() makes of ftrace_regs.
 */
import type { Fregs } from '../backend/contract.js';
import { ERRNO } from '../backend/errno.js';
import { apiExists } from './api.js';
import type { DataWords } from './data-words.js';
import type { Fprobe, FprobeCall, FprobeEngine } from './fprobe.js';
import {
  checkAttach,
  loadProgram,
  MULTI_RETURN,
  type MultiAttach,
  type MultiProgramFacts,
  type MultiRequest,
  type MultiTargets,
} from './kprobe-multi-attach.js';
import type { ProgActive } from './prog-active.js';
import type { Result } from './types.js';

/** One run of a program. */
export interface MultiCall {
  readonly isReturn: boolean;
  /** rec->ip. */
  readonly ip: bigint;
  /** bpf_get_func_ip(). */
  readonly funcIp: bigint;
  /** bpf_get_attach_cookie(). */
  readonly cookie: bigint;
  /** The pt_regs that is the program's context. */
  readonly regs: Fregs;
  /** The context is a copy, of which the core takes back the instruction pointer and the return value. */
  readonly copied: boolean;
  /** bpf_session_cookie(). */
  readonly data: DataWords | null;
}

/** Returns what the program returns: for a session at entry, 1 for no run at the return. */
export type MultiRun = (call: MultiCall) => 0 | 1;

export interface MultiProgram extends MultiProgramFacts {
  readonly name: string;
  readonly run: MultiRun;
  /** bpf_prog_inc_misses_counter(). */
  misses: number;
}

/** struct bpf_kprobe_multi_link. */
export interface MultiLink extends MultiTargets {
  readonly program: MultiProgram;
  readonly flags: number;
  readonly fprobe: Fprobe;
}

export class KprobeMulti {
  /** bpf_kprobe_multi_pt_regs of this CPU, where ftrace_regs holds no pt_regs. */
  #buffer: bigint | null = null;

  constructor(
    readonly attachment: MultiAttach,
    readonly fprobes: FprobeEngine,
    readonly active: ProgActive,
  ) {}

  get #env() {
    return this.attachment.ftrace.env;
  }

  /** Loads the program and makes the link, or a negative errno. */
  attach(program: MultiProgram, request: MultiRequest): Result | MultiLink {
    const loaded = loadProgram(this.attachment.ftrace, program);
    if (loaded !== 0) return loaded;
    const targets = checkAttach(this.attachment, program, request);
    if (typeof targets === 'number') return targets;
    const { flags } = request;
    const returns = (flags & MULTI_RETURN) !== 0;
    const run = (isReturn: boolean) => (call: FprobeCall) => this.#run(link, call, isReturn);
    const enter = run(false);
    const fprobe = this.fprobes.create({
      name: program.name,
      entry: returns
        ? null
        : (call) => {
            const result = enter(call);
            return program.session ? result : 0;
          },
      exit: returns || program.session ? run(true) : null,
      dataSize: program.session ? 8 : 0,
      maxActive: 0,
      disabled: false,
      shared: false,
      // Links are allocated: their ops is none of the kernel image.
      dynamic: true,
    });
    const link: MultiLink = { ...targets, program, flags, fprobe };
    const result = this.#register(link);
    return result === 0 ? link : result;
  }

  /** The last reference to the link is gone. */
  detach(link: MultiLink): Result {
    return this.fprobes.unregister(link.fprobe);
  }

  /** register_fprobe_ips(). */
  #register({ fprobe, addresses }: MultiLink): Result {
    const { ftrace } = this.attachment;
    const ips = addresses.map((address) => ftrace.location(address)?.ip ?? ftrace.records.get(address)?.ip);
    if (!ips.every((ip) => ip !== undefined))
      return this.#env.config.revision === '7.2' ? -ERRNO.ENOENT : -ERRNO.EINVAL;
    return this.fprobes.registerNodes(fprobe, ips);
  }

  /** kprobe_multi_link_prog_run. A program that is met while another runs on this CPU is skipped. */
  #run(link: MultiLink, call: FprobeCall, isReturn: boolean): 0 | 1 {
    const { program } = link;
    const { revision } = this.#env.config;
    const result = this.active.run(() => this.#runAlone(link, call, isReturn));
    if (result !== null) return result;
    if (apiExists('bpf_prog_inc_misses_counter', revision)) program.misses++;
    this.#env.event(`${program.name} is skipped`, 'another program runs');
    // Until 6.12 the return of a session was hooked all the same, and skipped in its turn.
    return revision === '7.2' ? 1 : 0;
  }

  #runAlone(link: MultiLink, { ip, fregs, data }: FprobeCall, isReturn: boolean): 0 | 1 {
    const { program } = link;
    const { accessors, callsite } = this.#env.backend;
    const converts = apiExists('ftrace_partial_regs', this.#env.config.revision);
    const buffer = converts ? this.#ptRegs() : 0n;
    const address = converts ? accessors.partialRegs(fregs, buffer) : fregs.address;
    // Before 7.2 the symbol was found where a landing pad precedes the site; elsewhere these back-ends give 0, or ip itself.
    const funcIp = callsite.symbolAddress(this.#env.machine, ip, this.#env.config) || ip;
    const call: MultiCall = {
      isReturn,
      ip,
      funcIp,
      cookie: cookieOf(link, funcIp),
      regs: { ...fregs, address },
      copied: address !== fregs.address,
      data,
    };
    if (converts) this.#env.event('ftrace_partial_regs', call.copied ? 'a copy' : 'the block itself');
    const result = program.run(call);
    if (!converts) return result;
    accessors.partialRegsUpdate(fregs, buffer);
    if (call.copied) this.#env.event('ftrace_partial_regs_update', 'instruction pointer and return value');
    return result;
  }

  #ptRegs(): bigint {
    this.#buffer ??= this.#env.allocate(this.#env.backend.layouts.ptRegs(this.#env.config).size);
    return this.#buffer;
  }
}

/** By the address that bpf_get_func_ip() gives: where that is not the one attached to, there is no cookie. */
function cookieOf({ addresses, cookies }: MultiTargets, funcIp: bigint): bigint {
  return cookies?.[addresses.indexOf(funcIp)] ?? 0n;
}
