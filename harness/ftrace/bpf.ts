// SPDX-License-Identifier: MIT
/**
 * BPF trampolines: fentry, modify-return, fexit and session programs on direct calls. One trampoline per function; each
 * change of its programs makes a new image, which has exit code only where somebody needs it. Inside each place the
 * newest attached program runs first. linux 6.1, 6.12, 7.2 kernel/bpf/trampoline.c.
 */
import { ERRNO } from '../backend/errno.js';
import { ARGUMENT_SLOTS, MOD_LINKS, STUB_IMAGES } from '../backend/externals.js';
import { apiExists } from './api.js';
import { BpfRunning } from './bpf-running.js';
import {
  argumentWords,
  attached,
  attachedAny,
  type Batch,
  type BpfProgram,
  type Flags,
  type Image,
  type MultiTarget,
  NOTHING,
  newBatch,
  type Programs,
  placesOf,
  type Trampoline,
} from './bpf-trampoline.js';
import type { DirectCalls } from './direct.js';
import type { DynFtrace, FtraceOps, OpsCommand, Result } from './types.js';

export type { BpfKind, BpfProgram, MultiTarget } from './bpf-trampoline.js';

/** The generic BPF_MAX_TRAMP_LINKS; some architectures have a lower one. */
const MAX_LINKS = 38;

export class BpfTrampolines {
  readonly #slots: (Trampoline | null)[] = Array.from({ length: STUB_IMAGES }, () => null);
  readonly #running: BpfRunning;
  /** The only ops of all trampolines (HAVE_SINGLE_FTRACE_DIRECT_OPS). */
  #single: FtraceOps | null = null;

  /** `called`: an image is about to call the body of its function. */
  constructor(
    readonly direct: DirectCalls,
    called: () => void,
  ) {
    this.#running = new BpfRunning(direct.ftrace.env, called);
  }

  /** `sizes`: of the arguments of the function, in bytes. */
  attach(rec: DynFtrace | undefined, program: BpfProgram, sizes: readonly number[]): Result {
    const { config } = this.#env;
    if (!config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS') || !config.has('BPF_TRAMPOLINE'))
      return -ERRNO.ENOTSUPP;
    // Not managed by ftrace: the JIT patches the function itself, or refuses to.
    if (!rec) return -ERRNO[this.#env.backend.layouts.stubs(config).untraced ?? 'ENOTSUPP'];
    const trampoline = this.#of(rec) ?? this.#create(rec, sizes);
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

  // ---------------------------------------------------------------------------------- many functions

  /** bpf_trampoline_multi_attach: all functions, or none. */
  attachMulti(targets: readonly MultiTarget[], program: BpfProgram): Result {
    const batch = newBatch();
    let result: Result = 0;
    for (const { rec, sizes } of targets) {
      const trampoline = this.#of(rec) ?? this.#create(rec, sizes);
      const { image, flags } = trampoline;
      result = this.#add(trampoline, program);
      if (result !== 0) break;
      result = this.#update(trampoline, batch);
      if (result === 0) batch.before.push({ trampoline, image, flags });
      else {
        this.#remove(trampoline, program);
        break;
      }
    }
    result ||= this.#apply(batch);
    if (result === 0) this.#settle(batch);
    else this.#rollBack(batch, program);
    for (const { rec } of targets) this.#freeAt(rec);
    return result;
  }

  /** bpf_trampoline_multi_detach. */
  detachMulti(targets: readonly MultiTarget[], program: BpfProgram): void {
    const batch = newBatch();
    for (const { rec } of targets) {
      const trampoline = this.#of(rec);
      if (!trampoline) continue;
      const { image, flags } = trampoline;
      this.#remove(trampoline, program);
      if (this.#update(trampoline, batch) === 0) batch.before.push({ trampoline, image, flags });
    }
    this.#apply(batch);
    this.#settle(batch);
    for (const { rec } of targets) this.#freeAt(rec);
  }

  /** One change of the ops for all functions of a kind. An ops beside that asks to share is not heard: it is an error. */
  #apply({ add, modify, remove }: Batch): Result {
    const ops = this.#single;
    if (!ops) return 0;
    const { direct } = this;
    const gone = remove.size > 0 ? direct.del(ops, remove) : 0;
    const added = gone || (add.size > 0 ? direct.add(ops, add) : 0);
    if (added !== 0 || modify.size === 0) return added;
    const modified = direct.mod(ops, modify);
    if (modified !== 0 && add.size > 0) direct.del(ops, add);
    return modified;
  }

  /** bpf_trampoline_multi_attach_free. */
  #settle({ before }: Batch): void {
    for (const { trampoline, image } of before) {
      this.#put(image);
      if (trampoline.image) trampoline.images.set(trampoline.image.stub, trampoline.image);
    }
  }

  /** bpf_trampoline_multi_attach_rollback. */
  #rollBack({ before }: Batch, program: BpfProgram): void {
    for (const { trampoline, image, flags } of before) {
      this.#remove(trampoline, program);
      trampoline.image = image;
      trampoline.flags = flags;
      if (image) trampoline.images.set(image.stub, image);
    }
  }

  #freeAt(rec: DynFtrace): void {
    const trampoline = this.#of(rec);
    if (trampoline) this.#free(trampoline);
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
    for (const image of [...this.#running.inFlight.values(), trampoline.image]) {
      if (image?.rec === trampoline.rec) image.skipped.add(program);
    }
  }

  // ------------------------------------------------------------------------------------------ images

  /** bpf_trampoline_update: a new image for the programs there are now; with a batch it is installed later. */
  #update(trampoline: Trampoline, batch?: Batch): Result {
    const { fentry, fmod_ret, fexit } = trampoline.programs;
    if (fentry.length + fmod_ret.length + fexit.length === 0) return this.#unregister(trampoline, batch);
    const before = trampoline.flags;
    const callOrig = fmod_ret.length + fexit.length > 0;
    const jumps = this.#env.config.has('DYNAMIC_FTRACE_WITH_JMP');
    let result: Result;
    for (;;) {
      const { shareIpmodify } = trampoline.flags;
      const origStack = callOrig && shareIpmodify;
      const skipFrame = callOrig && (shareIpmodify || !jumps);
      trampoline.flags = { callOrig, origStack, skipFrame, shareIpmodify };
      result = this.#prepare(trampoline) || this.#install(trampoline, this.#image(trampoline), batch);
      // The ops beside asked to share: once more, with what it asked for.
      if (result !== -ERRNO.EAGAIN) break;
      // Where a refused registration leaves its function and trampoline, they are cleared here: of a registered ops, too.
      if (!apiExists('reset_direct', this.#env.config.revision)) this.direct.clear(trampoline.ops);
    }
    if (result !== 0) trampoline.flags = before;
    return result;
  }

  /** arch_bpf_trampoline_size(): what the JIT cannot build. */
  #prepare({ sizes, flags }: Trampoline): Result {
    const stubs = this.#stubs;
    const words = argumentWords(sizes);
    if (words > (stubs.words ?? words)) return -ERRNO.ENOTSUPP;
    const shared = flags.origStack || flags.shareIpmodify;
    return stubs.origStack === 'refused' && shared ? -ERRNO.ENOTSUPP : 0;
  }

  #image({ rec, slot, sizes, programs, flags }: Trampoline): Image {
    const { machine, config, backend, symbol } = this.#env;
    const { body, argumentSlots } = this.#stubs;
    if (argumentSlots) machine.storeWord(symbol(`${ARGUMENT_SLOTS}${slot}`), 8, BigInt(argumentSlots(sizes)));
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

  #install(trampoline: Trampoline, image: Image, batch?: Batch): Result {
    const { ops, rec, image: old } = trampoline;
    const hash = new Map([[rec.ip, image.address]]);
    if (old?.stub !== image.stub) trampoline.images.set(image.stub, image);
    if (batch) {
      (old ? batch.modify : batch.add).set(rec.ip, image.address);
      trampoline.image = image;
      return 0;
    }
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

  #unregister(trampoline: Trampoline, batch?: Batch): Result {
    const { ops, rec, image } = trampoline;
    if (!image) return 0;
    if (batch) {
      batch.remove.set(rec.ip, image.address);
      trampoline.image = null;
      return 0;
    }
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

  #create(rec: DynFtrace, sizes: readonly number[]): Trampoline {
    const slot = this.#slots.indexOf(null);
    if (slot < 0) throw new RangeError(`more than ${STUB_IMAGES} functions with BPF trampolines`);
    const programs: Programs = { fentry: [], fmod_ret: [], fexit: [] };
    const made: Trampoline = {
      rec,
      slot,
      ops: this.#ops(rec),
      sizes,
      programs,
      flags: NOTHING,
      image: null,
      images: new Map<string, Image>(),
    };
    this.#slots[slot] = made;
    const c = (name: string, body: (args: readonly bigint[]) => bigint | undefined) =>
      this.#env.cFunction(`bpf_${name}_func_${slot}`, body);
    c('enter', ([context = 0n]) => this.#running.enter(made, context));
    c('leave', ([context = 0n, start = 0n]) => this.#running.leave(context, start));
    c('entry', ([context = 0n]) => void this.#running.entry(made, context));
    c('mod', ([context = 0n, left = 0n]) => this.#running.modify(context, Number(left)));
    c('exit', ([context = 0n]) => void this.#running.exit(context));
    return made;
  }

  #ops(rec: DynFtrace): FtraceOps {
    if (this.#single) return this.#single;
    const single = this.#env.config.has('HAVE_SINGLE_FTRACE_DIRECT_OPS');
    const ops = this.direct.createOps(single ? 'direct_ops' : `bpf_trampoline_${rec.function}`);
    const share: FtraceOps['opsFunc'] = (ip, command) => this.#share(ip, command);
    ops.opsFunc = share;
    if (single) this.#single = ops;
    return ops;
  }

  #free(trampoline: Trampoline): void {
    if (trampoline.image === null && !attachedAny(trampoline)) this.#slots[trampoline.slot] = null;
  }
}
