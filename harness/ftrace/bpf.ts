// SPDX-License-Identifier: MIT
/**
 * BPF trampolines: fentry, modify-return, fexit and session programs on direct calls. One trampoline per function; each
 * change of its programs makes a new image, which has exit code only where somebody needs it. Inside each place the
 * newest attached program runs first. linux 6.1, 6.12, 7.2 kernel/bpf/trampoline.c.
 */
import { ERRNO } from '../backend/errno.js';
import { MOD_LINKS, STUB_IMAGES } from '../backend/externals.js';
import { apiExists } from './api.js';
import type { DirectCalls } from './direct.js';
import type { DynFtrace, FtraceOps, OpsCommand, Result } from './types.js';

export type BpfKind = 'fentry' | 'fmod_ret' | 'fexit' | 'fsession';

/** Where a program runs. A session has two places: before the body and behind it. */
type Place = 'fentry' | 'fmod_ret' | 'fexit';

/** A loaded program. */
export interface BpfProgram {
  readonly kind: BpfKind;
  /** `context`: address of the argument words. Gives what the program ends with, 64 bits. */
  run(rec: DynFtrace, context: bigint): bigint;
  /** prog->active on this CPU. */
  running: boolean;
  /** recursion_misses. */
  misses: number;
}

type Programs = Readonly<Record<Place, readonly BpfProgram[]>>;

/** struct bpf_tramp_image. */
interface Image {
  readonly rec: DynFtrace;
  /** Symbol of its code. */
  readonly stub: string;
  readonly address: bigint;
  /** As attached when it was made, newest first. */
  readonly programs: Programs;
  readonly callsOriginal: boolean;
  /** Programs detached since: calls in flight jump over them. */
  readonly skipped: Set<BpfProgram>;
  /** Replaced: calls in flight jump from the body to the epilogue. */
  bypassed: boolean;
}

/** BPF_TRAMP_F_*: what the image calls, and what an IPMODIFY ops on the function asked for. */
interface Flags {
  readonly callOrig: boolean;
  readonly origStack: boolean;
  readonly skipFrame: boolean;
  readonly shareIpmodify: boolean;
}

interface Trampoline {
  readonly rec: DynFtrace;
  readonly slot: number;
  readonly ops: FtraceOps;
  readonly words: number;
  programs: Programs;
  flags: Flags;
  image: Image | null;
  /** The last image of each code: while one takes the place of another, both run. */
  readonly images: Map<string, Image>;
}

const NOTHING: Flags = { callOrig: false, origStack: false, skipFrame: false, shareIpmodify: false };

/** The generic BPF_MAX_TRAMP_LINKS; some architectures have a lower one. */
const MAX_LINKS = 38;

export class BpfTrampolines {
  readonly #slots: (Trampoline | null)[] = Array.from({ length: STUB_IMAGES }, () => null);
  /** Images that have called a body, by the context of the call. */
  readonly #inFlight = new Map<bigint, Image>();
  /** The only ops of all trampolines (HAVE_SINGLE_FTRACE_DIRECT_OPS). */
  #single: FtraceOps | null = null;

  /** `called`: an image is about to call the body of its function. */
  constructor(
    readonly direct: DirectCalls,
    readonly called: () => void,
  ) {}

  /** `words`: 8-byte words that the arguments of the function fill. */
  attach(rec: DynFtrace | undefined, program: BpfProgram, words: number): Result {
    const { config } = this.#env;
    if (!config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS') || !config.has('BPF_TRAMPOLINE'))
      return -ERRNO.ENOTSUPP;
    // Not managed by ftrace: the JIT patches the function itself, or refuses to.
    if (!rec) return -ERRNO[this.#env.backend.layouts.stubs(config).untraced ?? 'ENOTSUPP'];
    const trampoline = this.#of(rec) ?? this.#create(rec, words);
    const refused = this.#add(trampoline, program);
    if (refused !== 0) return refused;
    const result = this.#update(trampoline);
    if (result !== 0) this.#remove(trampoline, program);
    this.#free(trampoline);
    return result;
  }

  /** The program is off the list even where the trampoline cannot be rebuilt. */
  detach(rec: DynFtrace, program: BpfProgram): Result {
    const trampoline = this.#of(rec);
    if (!trampoline || !attached(trampoline, program)) return -ERRNO.EINVAL;
    this.#remove(trampoline, program);
    const result = this.#update(trampoline);
    this.#free(trampoline);
    return result;
  }

  /** Whether the model has a trampoline for the function, or one left. */
  hasRoom(rec: DynFtrace | undefined): boolean {
    return rec === undefined || this.#of(rec) !== null || this.#slots.includes(null);
  }

  // ------------------------------------------------------------------------------------------ programs

  /** bpf_trampoline_add_prog. */
  #add(trampoline: Trampoline, program: BpfProgram): Result {
    const { fentry, fmod_ret, fexit } = trampoline.programs;
    const count = fentry.length + fmod_ret.length + fexit.length + (program.kind === 'fsession' ? 1 : 0);
    if (count >= (this.#stubs.maxLinks ?? MAX_LINKS)) return -ERRNO.E2BIG;
    if (attached(trampoline, program)) return -ERRNO.EBUSY;
    for (const place of placesOf(program)) {
      trampoline.programs = { ...trampoline.programs, [place]: [program, ...trampoline.programs[place]] };
    }
    return 0;
  }

  #remove(trampoline: Trampoline, program: BpfProgram): void {
    for (const place of placesOf(program)) {
      const left = trampoline.programs[place].filter((other) => other !== program);
      trampoline.programs = { ...trampoline.programs, [place]: left };
    }
    if (!apiExists('bpf_trampoline_skip_prog', this.#env.config.revision)) return;
    for (const image of [...this.#inFlight.values(), trampoline.image]) {
      if (image?.rec === trampoline.rec) image.skipped.add(program);
    }
  }

  // ------------------------------------------------------------------------------------------ images

  /** bpf_trampoline_update: a new image for the programs there are now. */
  #update(trampoline: Trampoline): Result {
    const { fentry, fmod_ret, fexit } = trampoline.programs;
    if (fentry.length + fmod_ret.length + fexit.length === 0) return this.#unregister(trampoline);
    const before = trampoline.flags;
    const callOrig = fmod_ret.length + fexit.length > 0;
    const jumps = this.#env.config.has('DYNAMIC_FTRACE_WITH_JMP');
    let result: Result;
    for (;;) {
      const { shareIpmodify } = trampoline.flags;
      const origStack = callOrig && shareIpmodify;
      const skipFrame = callOrig && (shareIpmodify || !jumps);
      trampoline.flags = { callOrig, origStack, skipFrame, shareIpmodify };
      result = this.#prepare(trampoline) || this.#install(trampoline, this.#image(trampoline));
      // The ops beside asked to share: once more, with what it asked for.
      if (result !== -ERRNO.EAGAIN) break;
      // Where a refused registration leaves its function and trampoline, they are cleared here: of a registered ops, too.
      if (!apiExists('reset_direct', this.#env.config.revision)) this.direct.clear(trampoline.ops);
    }
    if (result !== 0) trampoline.flags = before;
    return result;
  }

  /** arch_bpf_trampoline_size(): what the JIT cannot build. */
  #prepare({ words, flags }: Trampoline): Result {
    const stubs = this.#stubs;
    if (words > (stubs.words ?? words)) return -ERRNO.ENOTSUPP;
    const shared = flags.origStack || flags.shareIpmodify;
    return stubs.origStack === 'refused' && shared ? -ERRNO.ENOTSUPP : 0;
  }

  #image({ rec, slot, programs, flags }: Trampoline): Image {
    const { machine, config, backend, symbol } = this.#env;
    const { body } = this.#stubs;
    if (body !== undefined) {
      const resume = rec.symbol + BigInt(backend.callsite.shape(config).resume);
      machine.storeWord(symbol(`${body}${slot}`), 8, resume);
    }
    machine.storeWord(symbol(`${MOD_LINKS}${slot}`), 8, BigInt(programs.fmod_ret.length));
    const kind = programs.fmod_ret.length > 0 ? 'fmod' : flags.callOrig ? 'fexit' : 'fentry';
    const jumped = flags.callOrig && !flags.skipFrame;
    const stub = `bpf_${kind}_${slot}${this.#suffix(flags, jumped)}`;
    const address = symbol(stub) | (jumped ? 1n : 0n);
    const { callOrig: callsOriginal } = flags;
    return { rec, stub, address, programs, callsOriginal, skipped: new Set(), bypassed: false };
  }

  #suffix({ origStack }: Flags, jumped: boolean): string {
    const { backend, config } = this.#env;
    if (jumped) return backend.layouts.stubs(config).jump?.suffix ?? '';
    const form = this.#stubs.origStack;
    return origStack && typeof form === 'object' ? form.suffix : '';
  }

  #install(trampoline: Trampoline, image: Image): Result {
    const { ops, rec, image: old } = trampoline;
    const hash = new Map([[rec.ip, image.address]]);
    if (old?.stub !== image.stub) trampoline.images.set(image.stub, image);
    let result: Result;
    if (ops === this.#single) result = old ? this.direct.mod(ops, hash) : this.direct.add(ops, hash);
    else if (old) result = this.direct.modify(ops, image.address);
    else
      result =
        this.direct.ftrace.setHash(ops, new Set([rec.ip]), new Set()) ||
        this.direct.register(ops, image.address);
    if (result !== 0) return result;
    this.#put(old);
    trampoline.image = image;
    trampoline.images.set(image.stub, image);
    return 0;
  }

  #unregister(trampoline: Trampoline): Result {
    const { ops, rec, image } = trampoline;
    if (!image) return 0;
    const hash = new Map([[rec.ip, image.address]]);
    const result = ops === this.#single ? this.direct.del(ops, hash) : this.direct.unregister(ops);
    this.#put(image);
    trampoline.image = null;
    return result;
  }

  /** bpf_tramp_image_put: older kernels patch a jump to the epilogue behind the call of the body. */
  #put(image: Image | null): void {
    const skips = apiExists('bpf_trampoline_skip_prog', this.#env.config.revision);
    if (image && !skips) image.bypassed = image.callsOriginal;
  }

  // ------------------------------------------------------------------------------------------ sharing

  /** bpf_tramp_ftrace_ops_func. */
  #share(ip: bigint, command: OpsCommand): Result {
    const trampoline = this.#slots.find((candidate) => candidate?.rec.ip === ip);
    if (!trampoline) return -ERRNO.EINVAL;
    const { callOrig, origStack, shareIpmodify } = trampoline.flags;
    const set = (share: boolean) => {
      trampoline.flags = { ...trampoline.flags, shareIpmodify: share };
    };
    switch (command) {
      case 'ENABLE_SHARE_IPMODIFY_SELF':
        if (!callOrig || origStack) return 0;
        if (shareIpmodify) return -ERRNO.EBUSY;
        set(true);
        return -ERRNO.EAGAIN;
      case 'ENABLE_SHARE_IPMODIFY_PEER':
        set(true);
        return callOrig && !origStack ? this.#update(trampoline) : 0;
      default:
        set(false);
        return origStack ? this.#update(trampoline) : 0;
    }
  }

  // ------------------------------------------------------------------------------------------ running

  #entry(slot: number, context: bigint): void {
    const trampoline = this.#slots[slot];
    const image = trampoline?.images.get(this.#env.calledFrom() ?? '') ?? trampoline?.image;
    if (!image) return;
    if (image.callsOriginal) {
      this.#inFlight.set(context, image);
      this.called();
    }
    for (const program of image.programs.fentry) this.#run(image, program, context);
  }

  /** `left`: modify-return programs that have not run, this one included. */
  #modify(context: bigint, left: number): bigint {
    const image = this.#inFlight.get(context);
    const program = image?.programs.fmod_ret.at(-left);
    const result = image && program ? this.#run(image, program, context) : null;
    // Passed over: what is stored stays.
    return result ?? this.#env.machine.loadWord(context + BigInt(this.#stubs.result), 8);
  }

  #exit(context: bigint): void {
    const image = this.#inFlight.get(context);
    this.#inFlight.delete(context);
    if (!image || image.bypassed) return;
    for (const program of image.programs.fexit) this.#run(image, program, context);
  }

  /** __bpf_prog_enter_recur, the program, __bpf_prog_exit_recur; `null`: it did not run. */
  #run(image: Image, program: BpfProgram, context: bigint): bigint | null {
    if (image.skipped.has(program)) return null;
    if (program.running) {
      program.misses++;
      return null;
    }
    program.running = true;
    try {
      return program.run(image.rec, context);
    } finally {
      program.running = false;
    }
  }

  // ------------------------------------------------------------------------------------------ trampolines

  get #env() {
    return this.direct.ftrace.env;
  }

  get #stubs() {
    const { backend, config } = this.#env;
    return backend.layouts.stubs(config).bpf;
  }

  #of(rec: DynFtrace): Trampoline | null {
    return this.#slots.find((trampoline) => trampoline?.rec === rec) ?? null;
  }

  #create(rec: DynFtrace, words: number): Trampoline {
    const slot = this.#slots.indexOf(null);
    if (slot < 0) throw new RangeError(`more than ${STUB_IMAGES} functions with BPF trampolines`);
    const programs: Programs = { fentry: [], fmod_ret: [], fexit: [] };
    const made = {
      rec,
      slot,
      ops: this.#ops(rec),
      words,
      programs,
      flags: NOTHING,
      image: null,
      images: new Map<string, Image>(),
    };
    this.#slots[slot] = made;
    const c = (name: string, body: (args: readonly bigint[]) => bigint | undefined) =>
      this.#env.cFunction(`bpf_${name}_func_${slot}`, body);
    c('entry', ([context = 0n]) => void this.#entry(slot, context));
    c('mod', ([context = 0n, left = 0n]) => this.#modify(context, Number(left)));
    c('exit', ([context = 0n]) => void this.#exit(context));
    return made;
  }

  #ops(rec: DynFtrace): FtraceOps {
    if (this.#single) return this.#single;
    const single = this.#env.config.has('HAVE_SINGLE_FTRACE_DIRECT_OPS');
    const ops = this.direct.createOps(single ? 'direct_ops' : `bpf_trampoline_${rec.function}`);
    ops.opsFunc = (ip, command) => this.#share(ip, command);
    if (single) this.#single = ops;
    return ops;
  }

  #free(trampoline: Trampoline): void {
    if (trampoline.image === null && !attachedAny(trampoline)) this.#slots[trampoline.slot] = null;
  }
}

function placesOf({ kind }: BpfProgram): readonly Place[] {
  return kind === 'fsession' ? ['fentry', 'fexit'] : [kind];
}

function attached({ programs }: Trampoline, program: BpfProgram): boolean {
  return placesOf(program).some((place) => programs[place].includes(program));
}

function attachedAny({ programs: { fentry, fmod_ret, fexit } }: Trampoline): boolean {
  return fentry.length + fmod_ret.length + fexit.length > 0;
}
