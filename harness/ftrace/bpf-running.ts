// SPDX-License-Identifier: MIT
/**
 * BPF trampolines at work: which programs a trampoline runs, one after another, and what its helpers tell it. linux 7.2
 * kernel/bpf/trampoline.c: __bpf_prog_enter_recur, __bpf_prog_exit_recur.
 */
import {
  type BpfProgram,
  type Image,
  NO_START_TIME,
  type Sequence,
  START_TIME,
  type Trampoline,
} from './bpf-trampoline.js';
import type { Environment } from './types.js';

export class BpfRunning {
  /** Images that have called a body, by the context of the call. */
  readonly inFlight = new Map<bigint, Image>();
  /** Where each trampoline is in the programs of a place, by context. */
  readonly #sequences = new Map<bigint, Sequence>();

  /** `called`: an image is about to call the body of its function. */
  constructor(
    readonly env: Environment,
    readonly called: () => void,
  ) {}

  get stubs() {
    return this.env.backend.layouts.stubs(this.env.config).bpf;
  }

  /** __bpf_prog_enter_recur: the start time, 0 where the program is passed over. */
  enter(trampoline: Trampoline, context: bigint): bigint {
    const sequence = this.#sequences.get(context) ?? this.#begin(trampoline, context);
    const program = sequence?.programs[sequence.at];
    if (!sequence || !program || sequence.image.skipped.has(program)) return 0n;
    if (program.active.current) {
      program.misses++;
      return 0n;
    }
    program.active.current = true;
    sequence.entered = program;
    return START_TIME;
  }

  #begin(trampoline: Trampoline, context: bigint): Sequence | null {
    const behind = this.env.machine.loadWord(context + BigInt(this.stubs.isReturn), 8) !== 0n;
    const image = behind ? this.#last(context) : this.#first(trampoline, context);
    if (!image) return null;
    const programs = behind ? image.programs.fexit : image.programs.fentry;
    const sequence = { image, programs, at: 0, entered: null };
    this.#sequences.set(context, sequence);
    return sequence;
  }

  /** __bpf_prog_exit_recur, which takes the start time as it is told. Gives whether another program follows. */
  leave(context: bigint, start: bigint): bigint {
    const sequence = this.#sequences.get(context);
    if (!sequence) return 0n;
    const program = sequence.programs[sequence.at];
    if (sequence.entered) sequence.entered.active.current = false;
    sequence.entered = null;
    if (program && start > NO_START_TIME) program.runCount++;
    sequence.at++;
    if (sequence.at < sequence.programs.length) return 1n;
    this.#sequences.delete(context);
    return 0n;
  }

  /** The program between the helpers. Where the trampoline calls none, all of its place. */
  #entered(context: bigint): boolean {
    const sequence = this.#sequences.get(context);
    if (!sequence) return false;
    sequence.entered?.run(sequence.image.rec, context);
    return true;
  }

  entry(trampoline: Trampoline, context: bigint): void {
    if (this.#entered(context)) return;
    const image = this.#first(trampoline, context);
    for (const program of image?.programs.fentry ?? []) this.#run(image as Image, program, context);
  }

  /** The image that has been called. */
  #first(trampoline: Trampoline, context: bigint): Image | null {
    const image = trampoline.images.get(this.env.calledFrom() ?? '') ?? trampoline.image;
    if (image?.callsOriginal) {
      this.inFlight.set(context, image);
      this.called();
    }
    return image ?? null;
  }

  /** `left`: modify-return programs that have not run, this one included. */
  modify(context: bigint, left: number): bigint {
    const image = this.inFlight.get(context);
    const program = image?.programs.fmod_ret.at(-left);
    const result = image && program ? this.#run(image, program, context) : null;
    // Passed over: what is stored stays.
    return result ?? this.env.machine.loadWord(context + BigInt(this.stubs.result), 8);
  }

  exit(context: bigint): void {
    if (this.#entered(context)) return;
    const image = this.#last(context);
    for (const program of image?.programs.fexit ?? []) this.#run(image as Image, program, context);
  }

  /** The image whose body has returned, unless the rest of it is jumped over. */
  #last(context: bigint): Image | null {
    const image = this.inFlight.get(context);
    this.inFlight.delete(context);
    return !image || image.bypassed ? null : image;
  }

  /** __bpf_prog_enter_recur, the program, __bpf_prog_exit_recur; `null`: it did not run. */
  #run(image: Image, program: BpfProgram, context: bigint): bigint | null {
    if (image.skipped.has(program)) return null;
    if (program.active.current) {
      program.misses++;
      return null;
    }
    program.active.current = true;
    program.runCount++;
    try {
      return program.run(image.rec, context);
    } finally {
      program.active.current = false;
    }
  }
}
