// SPDX-License-Identifier: MIT
/**
 * Livepatches: an IPMODIFY ops per patched function, the stack of its replacements, and the consistency model task by
 * task. linux 6.1, 6.12, 7.2 kernel/livepatch/patch.c (klp_ftrace_handler, klp_patch_func), core.c (klp_enable_patch,
 * enabled_store), transition.c.
 */
import { ERRNO } from '../backend/errno.js';
import { OPS } from './flags.js';
import type { Ftrace } from './ftrace.js';
import type { DynFtrace, FtraceOps, Result } from './types.js';

/** A patch as loaded. */
export interface Patch {
  readonly name: string;
  readonly functions: readonly {
    /** `undefined`: no call site. */
    readonly rec: DynFtrace | undefined;
    /** Address of the function that runs instead. */
    readonly to: bigint;
  }[];
  /** Atomic replace: the others go. */
  readonly replace: boolean;
}

/** struct klp_func on the stack of a function; `to` is `null` for a NOP, which gives the original back. */
interface Replacement {
  readonly patch: Patch;
  readonly to: bigint | null;
}

/** struct klp_ops. */
interface Patched {
  readonly rec: DynFtrace;
  readonly ops: FtraceOps;
  /** Newest first. */
  stack: Replacement[];
}

type PatchState = 'patched' | 'unpatched';

interface Transition {
  readonly patch: Patch;
  target: PatchState;
  /** task->patch_state, by number. */
  readonly states: PatchState[];
}

/** What a task has on its stack. */
export interface TaskStack {
  /** Whether the function at an address is on it. */
  runs(symbol: bigint): boolean;
  /** It is in the middle of nothing. */
  readonly idle: boolean;
}

export class Livepatches {
  readonly #patched = new Map<DynFtrace, Patched>();
  readonly #enabled = new Set<Patch>();
  #transition: Transition | null = null;

  /** `stacks`: of all tasks, by number. */
  constructor(
    readonly ftrace: Ftrace,
    readonly stacks: () => readonly TaskStack[],
  ) {}

  /** Loads the module, whose init function is klp_enable_patch(). */
  enable(patch: Patch): Result {
    if (!this.ftrace.env.config.has('LIVEPATCH')) return -ERRNO.ENOENT;
    if (this.#enabled.has(patch)) return -ERRNO.EEXIST;
    if (this.#transition) return -ERRNO.EBUSY;
    this.#transition = { patch, target: 'patched', states: this.stacks().map(() => 'unpatched') };
    for (const { rec, to } of this.#functionsOf(patch)) {
      const result = rec ? this.#push(rec, { patch, to }) : -ERRNO.EINVAL;
      if (result === 0) continue;
      this.#remove((replacement) => replacement.patch === patch);
      this.#transition = null;
      return result;
    }
    this.#enabled.add(patch);
    this.#tryComplete();
    return 0;
  }

  /** Writes 0 to `enabled`, which it must not be already. A transition that enables the patch is turned round. */
  disable(patch: Patch): Result {
    if (!this.#enabled.has(patch)) return -ERRNO.EINVAL;
    const under = this.#transition;
    if (under && under.patch !== patch) return -ERRNO.EBUSY;
    // patch->enabled is cleared as soon as disabling begins.
    if (under?.target === 'unpatched') return -ERRNO.EINVAL;
    if (under) under.target = 'unpatched';
    else this.#transition = { patch, target: 'unpatched', states: this.stacks().map(() => 'patched') };
    this.#tryComplete();
    return 0;
  }

  /**
   * Tasks are back in user space, where they can be switched whatever their stacks were; for those that sleep,
   * klp_transition_work() tries again.
   */
  leaveKernel(): void {
    this.#tryComplete(({ idle }) => idle);
  }

  // ------------------------------------------------------------------------------------------ transition

  /** klp_try_complete_transition: when all tasks are switched. */
  #tryComplete(leaves: (stack: TaskStack) => boolean = () => false): void {
    const under = this.#transition;
    if (!under) return;
    const stacks = this.stacks();
    for (const [task, stack] of stacks.entries()) {
      if (this.#stateOf(under, task) === under.target) continue;
      if (leaves(stack) || this.#canSwitch(under, stack)) under.states[task] = under.target;
    }
    if (stacks.every((_, task) => under.states[task] === under.target)) this.#complete(under);
  }

  /** klp_copy_process: one that has come to be meanwhile has it from its parent, for which the first task stands. */
  #stateOf({ states }: Transition, task: number): PatchState {
    states[task] ??= states[0] as PatchState;
    return states[task];
  }

  /** klp_check_stack: neither what the task would leave behind is on its stack, nor is that stack in doubt. */
  #canSwitch({ patch, target }: Transition, task: TaskStack): boolean {
    if (!this.ftrace.env.config.has('HAVE_RELIABLE_STACKTRACE')) return false;
    return [...this.#patched.values()].every(({ rec, stack }) => {
      const at = stack.findIndex((replacement) => replacement.patch === patch);
      if (at < 0) return true;
      // A NOP goes to the function itself (klp_init_object_loaded).
      const leaves = (target === 'unpatched' ? stack[at] : stack[at + 1])?.to ?? rec.symbol;
      return !task.runs(leaves);
    });
  }

  #complete({ patch, target }: Transition): void {
    this.#transition = null;
    if (target === 'unpatched') {
      this.#enabled.delete(patch);
      this.#remove((replacement) => replacement.patch === patch);
    } else if (patch.replace) {
      for (const other of this.#enabled) if (other !== patch) this.#enabled.delete(other);
      this.#remove((replacement) => replacement.patch !== patch || replacement.to === null);
    }
  }

  // ------------------------------------------------------------------------------------------ functions

  /** What a patch replaces; one that replaces all others has a NOP for each function it does not patch itself. */
  #functionsOf({ functions, replace }: Patch): { rec: DynFtrace | undefined; to: bigint | null }[] {
    if (!replace) return [...functions];
    const own = new Set(functions.map(({ rec }) => rec));
    const others = [...this.#patched.keys()].filter((rec) => !own.has(rec));
    return [...functions, ...others.map((rec) => ({ rec, to: null }))];
  }

  /** klp_patch_func. */
  #push(rec: DynFtrace, replacement: Replacement): Result {
    const known = this.#patched.get(rec);
    if (known) {
      known.stack.unshift(replacement);
      return 0;
    }
    // Without WITH_ARGS the registers are asked for, too (core.c of kernels that patch without it).
    const regs = this.ftrace.env.config.has('DYNAMIC_FTRACE_WITH_ARGS') ? 0 : OPS.SAVE_REGS;
    const ops = this.ftrace.createOps(
      `klp_ops_${rec.function}`,
      () => {},
      OPS.DYNAMIC | OPS.IPMODIFY | OPS.PERMANENT | regs,
    );
    const made: Patched = { rec, ops, stack: [replacement] };
    const func: FtraceOps['func'] = (_ip, _parentIp, _op, fregs) => {
      const bit = this.ftrace.recursion.trylock('FTRACE');
      if (bit === null) return;
      const to = this.#chosen(made);
      if (to !== null) this.ftrace.env.backend.accessors.setInstructionPointer(fregs, to);
      this.ftrace.recursion.unlock(bit);
    };
    ops.func = func;
    this.#patched.set(rec, made);
    const result = this.ftrace.setHash(ops, new Set([rec.ip]), new Set()) || this.ftrace.register(ops);
    if (result !== 0) this.#patched.delete(rec);
    return result;
  }

  /** klp_ftrace_handler: the newest, or the one below while the task has not switched. */
  #chosen({ stack }: Patched): bigint | null {
    const [newest, previous] = stack;
    const under = this.#transition;
    if (!newest || newest.patch !== under?.patch) return newest?.to ?? null;
    const state = this.#stateOf(under, this.ftrace.env.tasks.running);
    if (state === 'unpatched') return previous?.to ?? null;
    return newest.to;
  }

  /** klp_unpatch_func, for those that are to go. */
  #remove(goes: (replacement: Replacement) => boolean): void {
    for (const [rec, patched] of this.#patched) {
      const left = patched.stack.filter((replacement) => !goes(replacement));
      if (left.length > 0) {
        patched.stack = left;
        continue;
      }
      this.ftrace.unregister(patched.ops);
      this.#patched.delete(rec);
    }
  }
}
