// SPDX-License-Identifier: MIT
/**
 * Function graph: linux 7.2 kernel/trace/fgraph.c; older kernels by generation.ts. Entry replaces the traced
 * function's return address by return_to_handler and remembers the real one on the shadow stack; exit undoes it.
 */
import type { Fregs, GraphEntry, GraphHookCall } from '../../backend/contract.js';
import { ERRNO } from '../../backend/errno.js';
import type { Clock } from '../clock.js';
import { applyPatch } from '../code.js';
import { matches } from '../dispatch.js';
import { OPS } from '../flags.js';
import type { Ftrace } from '../ftrace.js';
import { callStub, type Stub } from '../kcfi.js';
import type { PerTask } from '../tasks.js';
import type { FtraceOps, Result } from '../types.js';
import { type GraphGeneration, graphGeneration } from './generation.js';
import { IndexAllocator } from './index-allocator.js';
import { type ReturnFrame, ShadowStack, USERS } from './shadow-stack.js';
import { SleepTime } from './sleep-time.js';
import { managerHashes } from './subops.js';

/** struct ftrace_graph_ent / ftrace_graph_ret as handlers see it. */
export interface GraphTrace {
  readonly func: bigint;
  readonly depth: number;
  readonly overrun: number;
  /** Exit with FUNCTION_GRAPH_RETVAL: the return register. */
  readonly retval: bigint | null;
  /** Exit, where frames have the time: when the call began and when it returned, ns. */
  readonly times: CallTimes | null;
}

/** Nanoseconds. */
export interface CallTimes {
  readonly call: bigint;
  readonly ret: bigint;
}

/** struct fgraph_ops. */
export interface GraphOps {
  readonly ops: FtraceOps;
  index: number;
  /** Truthy: call the exit handler for this call. */
  entry: (trace: GraphTrace, gops: GraphOps, fregs: Fregs | null) => boolean;
  /** `null`: ftrace_stub_graph. */
  exit: ((trace: GraphTrace, gops: GraphOps, fregs: Fregs | null) => void) | null;
}

export class FunctionGraph {
  readonly sleepTime: SleepTime;
  readonly #stack: PerTask<ShadowStack>;
  /** What an interrupt writes over before the pointer is moved is written once more after. */
  readonly #interruptible = () => this.ftrace.env.interruptible('ftrace_push_return_trace');
  readonly #pause: PerTask<number>;
  readonly #manager: FtraceOps;
  readonly #users: (GraphOps | null)[] = new Array<GraphOps | null>(USERS).fill(null);
  readonly #indices = new IndexAllocator();
  /** ftrace_graph_stop(): a corrupted stack ends graph tracing for good. */
  #dead = false;
  readonly #returnHandler: bigint;
  /** ftrace_graph_return where no exit handler is registered. */
  readonly #noExit: Stub = 'ftrace_stub_graph';
  readonly #generation: GraphGeneration;
  readonly #entry: GraphEntry;

  constructor(readonly ftrace: Ftrace) {
    const { env } = ftrace;
    const { graph } = env.backend;
    this.#generation = graphGeneration(env.config.revision);
    this.#entry = graph.entry(env.config);
    this.#stack = env.tasks.field(() => new ShadowStack(graph.fpTest(env.config), this.#generation));
    this.#pause = env.tasks.field(() => 0);
    const shift = this.#generation.timeWords === 1 ? (by: bigint) => this.stack.shiftTimes(by) : null;
    this.sleepTime = new SleepTime(this.clock, env.tasks, shift);
    const stub = this.#entry.by === 'trampoline' ? OPS.STUB : 0;
    this.#manager = ftrace.createOps(
      'ftrace_graph_func',
      (ip, parentIp, _op, fregs) => this.#opsHook(ip, parentIp, fregs),
      stub,
    );
    if (stub) ftrace.makeStub(this.#manager);
    this.#returnHandler = env.symbol('return_to_handler');
    this.#listen(this.#entry);
  }

  /** current->ret_stack. A new task begins with an empty one (ftrace_graph_init_task). */
  get stack(): ShadowStack {
    return this.#stack.current;
  }

  /** current->tracing_graph_pause. */
  get pause(): number {
    return this.#pause.current;
  }

  set pause(count: number) {
    this.#pause.current = count;
  }

  get clock(): Clock {
    return this.ftrace.env.clock;
  }

  /** sched_switch from the task that runs to the idle task of its CPU; the probe is there while there are users. */
  switchOut(): void {
    if (this.#active.length > 0) this.sleepTime.out();
  }

  /** And back. */
  switchIn(): void {
    if (this.#active.length > 0) this.sleepTime.in();
  }

  /** The C functions that trampolines call. */
  #listen(entry: GraphEntry): void {
    const { env } = this.ftrace;
    env.cFunction('ftrace_return_to_handler', ([argument = 0n]) => {
      if (env.backend.graph.returnArgument(env.config) === 'framePointer')
        return this.#return(null, argument);
      env.sawFtraceRegs(argument);
      const fregs = { machine: env.machine, config: env.config, address: argument };
      return this.#return(fregs, env.backend.accessors.getFramePointer(fregs));
    });
    if (entry.by !== 'trampoline') return;
    env.cFunction(entry.symbol, (args) => {
      const call = entry.decode(env.machine, args);
      const hooked = this.#hook(call, null);
      return call.slot === null ? (hooked ? this.#returnHandler : call.parent) : undefined;
    });
  }

  createOps(name: string, handlers: Pick<GraphOps, 'entry' | 'exit'>): GraphOps {
    return { ops: this.ftrace.createOps(name, () => {}, 0), index: -1, ...handlers };
  }

  // -------------------------------------------------------------------------------------- registering

  get #active(): GraphOps[] {
    return this.#users.filter((user) => user !== null);
  }

  register(gops: GraphOps): Result {
    if (gops.ops.flags & OPS.GRAPH) {
      if (this.#generation.forgetsIndex) gops.index = this.#indices.allocate() ?? -1;
      return -ERRNO.EBUSY;
    }
    if (this.#generation.users === 1 && this.#active.length > 0) return -ERRNO.EBUSY;
    const index = this.#indices.allocate();
    if (index === null) return -ERRNO.ENOSPC;
    gops.index = index;
    gops.ops.flags |= OPS.GRAPH | OPS.SUBOP;
    this.#users[index] = gops;
    for (const stack of this.#stack.all) stack.set(ShadowStack.variable(index), 0n);
    const result = this.#startup(gops);
    if (result !== 0) {
      // 7.2's GRAPH flag stays: the next register of this gops is refused. Older kernels have no such flag.
      if (!this.#generation.keepsFlag) gops.ops.flags &= ~(OPS.GRAPH | OPS.SUBOP | OPS.ENABLED);
      this.#users[index] = null;
      this.#indices.release(index);
    }
    return result;
  }

  /** Ignored, with a kernel warning, when not registered: 7.2 returns nothing. */
  unregister(asked: GraphOps): Result {
    // 6.1 does not look at what it is given: the one user there is goes.
    const gops = this.#generation.users === 1 ? this.#active[0] : asked;
    if (!gops || !(gops.ops.flags & OPS.GRAPH) || this.#users[gops.index] !== gops) return 0;
    this.#users[gops.index] = null;
    this.#indices.release(gops.index);
    gops.ops.flags &= ~(OPS.GRAPH | OPS.SUBOP | OPS.ENABLED);
    return this.#shutdown();
  }

  setHash(gops: GraphOps, filter: ReadonlySet<bigint>, notrace: ReadonlySet<bigint>): Result {
    gops.ops.filter = new Set(filter);
    gops.ops.notrace = new Set(notrace);
    return gops.ops.flags & OPS.GRAPH ? this.#rebuild() : 0;
  }

  /** ftrace_startup_subops: the first user registers the manager, later ones widen its filter. */
  #startup(gops: GraphOps): Result {
    gops.ops.flags |= OPS.ENABLED;
    if (this.#active.length > 1) return this.#rebuild();
    Object.assign(this.#manager, managerHashes(this.#active.map((user) => user.ops)));
    return this.ftrace.register(this.#manager, () => this.#toggle(true));
  }

  #shutdown(): Result {
    if (this.#active.length > 0) return this.#rebuild();
    return this.ftrace.unregister(this.#manager, () => this.#toggle(false));
  }

  /** ftrace_enable_ftrace_graph_caller, ftrace_disable_ftrace_graph_caller. */
  #toggle(on: boolean): void {
    const { env } = this.ftrace;
    if (this.#entry.by !== 'trampoline') return;
    const patch = this.#entry.toggle(env, on, env.symbol(this.#entry.symbol));
    applyPatch(env, `${on ? 'enable' : 'disable'} graph caller`, patch);
  }

  #rebuild(): Result {
    const { filter, notrace } = managerHashes(this.#active.map((user) => user.ops));
    return this.ftrace.setHash(this.#manager, filter, notrace);
  }

  // -------------------------------------------------------------------------------------------- entry

  /** ftrace_graph_func: the arch hook as an ops callback, by the back-end's slot, frame pointer and cookie. */
  #opsHook(ip: bigint, parentIp: bigint, fregs: Fregs): void {
    const { env } = this.ftrace;
    const { graph } = env.backend;
    const slot = graph.parentSlot(fregs);
    const given = graph.parentFrom === 'parent_ip';
    const parent = given ? parentIp : env.machine.loadWord(slot, 8);
    const framePointer = graph.framePointer(fregs);
    const hooked = this.#hook({ slot, parent, ip, framePointer, retp: graph.retp(fregs) }, fregs);
    if (given && !hooked) env.machine.storeWord(slot, 8, parent);
  }

  /** prepare_ftrace_return: true when the return is hooked. */
  #hook({ slot, parent, ip, framePointer, retp }: GraphHookCall, fregs: Fregs | null): boolean {
    if (this.pause > 0) return false;
    const { env } = this.ftrace;
    const handed = this.#generation.fregs ? fregs : null;
    const frame = { ret: parent, func: ip, calltime: this.clock.now, fp: framePointer, retp };
    // Before 7.2 the recursion lock, if any, is the architecture's.
    const locks = this.#entry.by === 'ops' && this.#entry.locks === true;
    if (this.#locked(locks, () => this.#enter(frame, handed)) !== 0) return false;
    if (slot !== null) env.machine.storeWord(slot, 8, this.#returnHandler);
    env.event('shadow stack push', `depth ${this.stack.depth}`);
    return true;
  }

  /** function_graph_enter_regs. */
  #enter(frame: ReturnFrame, fregs: Fregs | null): Result {
    return this.#locked(this.#generation.locks, () => {
      this.stack.depth++;
      const bits = this.#push(frame) ? this.#callEntries(frame.func, fregs) : 0;
      if (bits !== 0) return 0;
      this.stack.depth--;
      return -ERRNO.EBUSY;
    });
  }

  /** Under the recursion lock, where one is to be taken; -EBUSY without it. */
  #locked(locks: boolean, act: () => Result): Result {
    const bit = locks ? this.ftrace.recursion.trylock('FTRACE') : null;
    if (locks && bit === null) return -ERRNO.EBUSY;
    try {
      return act();
    } finally {
      if (bit !== null) this.ftrace.recursion.unlock(bit);
    }
  }

  #push(frame: ReturnFrame): boolean {
    if (this.#dead) return false;
    if (this.stack.push(frame, this.#interruptible)) return true;
    this.stack.overrun++;
    return false;
  }

  /** Calls entry handlers in ascending index; returns the bitmap, 0 when nobody wants the exit. */
  #callEntries(func: bigint, fregs: Fregs | null): number {
    const { stack } = this;
    const descriptorAt = stack.descriptorAt;
    const trace = { func, depth: stack.depth, overrun: stack.overrun, retval: null, times: null };
    let bits = 0;
    const single = this.#single();
    for (const gops of single ? [single] : this.#active) {
      // The single-user path does not test the filter of its gops: the manager's decides.
      if (!single && !matches(gops.ops, func)) continue;
      const mark = stack.current;
      if (gops.entry(trace, gops, fregs)) bits |= 1 << gops.index;
      else stack.rollback(mark);
    }
    if (bits === 0) {
      stack.rollback(descriptorAt + 1);
      stack.pop();
      return 0;
    }
    // Bit 0 is always set: it marks a live frame for tail calls.
    stack.setBitmap(descriptorAt, bits | 1);
    return bits;
  }

  /** The static-call fast path of a lone user. */
  #single(): GraphOps | null {
    const users = this.#active;
    // FGRAPH_NO_DIRECT where the hook sits in the trampoline: it sees calls of every ops.
    const fast =
      this.#generation.users > 1 &&
      this.#entry.by === 'ops' &&
      this.ftrace.env.config.has('HAVE_STATIC_CALL') &&
      users.length === 1;
    return fast ? (users[0] ?? null) : null;
  }

  // --------------------------------------------------------------------------------------------- exit

  /** __ftrace_return_to_handler: runs exit handlers, gives the real return address. */
  #return(fregs: Fregs | null, framePointer: bigint): bigint {
    const { env } = this.ftrace;
    const { stack } = this;
    const start = stack.frameStart();
    if (start < 0 || this.#dead) return this.#stop('return_to_handler without a frame on the shadow stack');
    const frame = stack.frame(start);
    const descriptorAt = stack.descriptorAt;
    if (stack.fpTest && frame.fp !== framePointer) return this.#stop('Bad frame pointer');
    const { fregs: handed, locks } = this.#generation;
    const retval = fregs && env.config.has('FUNCTION_GRAPH_RETVAL');
    const trace = {
      func: frame.func,
      depth: stack.depth,
      overrun: stack.overrun,
      retval: retval ? env.backend.accessors.getReturnValue(fregs) : null,
      times: frame.calltime === undefined ? null : { call: frame.calltime, ret: this.clock.now },
    };
    if (handed && fregs) env.backend.accessors.setInstructionPointer(fregs, frame.ret);
    const bit = locks ? this.ftrace.recursion.trylock('FTRACE') : null;
    try {
      if (!locks || bit !== null) this.#callExits(stack.bitmap(descriptorAt), trace, handed ? fregs : null);
    } finally {
      if (bit !== null) this.ftrace.recursion.unlock(bit);
    }
    stack.pop();
    stack.depth--;
    env.event('shadow stack pop', `depth ${trace.depth}`);
    return frame.ret;
  }

  #callExits(bits: number, trace: GraphTrace, fregs: Fregs | null): void {
    const single = this.#single();
    const users = single ? [single] : this.#active;
    // With a single user there is one pointer, called in any case.
    if (this.#generation.users === 1 && !users[0]?.exit)
      callStub(this.ftrace.env, 'ftrace_return_to_handler', this.#noExit, 'trace_func_graph_ret_t');
    for (const gops of users) {
      if ((bits & (1 << gops.index)) !== 0) gops.exit?.(trace, gops, fregs);
    }
  }

  #stop(why: string): bigint {
    this.#dead = true;
    return this.ftrace.env.cFunction('panic', () => {
      throw new GraphStopped(why);
    });
  }

  // ---------------------------------------------------------------------------------------- unwinding

  /** ftrace_graph_top_ret_addr: where the innermost frame that is no tail call returns to; 0: no frame. */
  topReturnAddress(): bigint {
    for (let at = this.stack.current; at > 0; at = this.stack.frameStart(at)) {
      const { ret } = this.stack.frame(this.stack.frameStart(at));
      if (ret !== this.#returnHandler) return ret;
    }
    return 0n;
  }

  /** 6.1: the oldest frame with that cookie. */
  #fromBottom(retp: bigint): bigint | undefined {
    let found: bigint | undefined;
    for (let at = this.stack.current; at > 0; ) {
      const start = this.stack.frameStart(at);
      const frame = this.stack.frame(start);
      if (frame.retp === retp) found = frame.ret;
      at = start;
    }
    return found;
  }

  /**
   * ftrace_graph_ret_addr with a cursor: the real return address behind a return_to_handler whose cookie
   * is `retp`; frames that themselves return to the handler (tail calls) are passed over.
   */
  cursor(): (address: bigint, retp: bigint) => bigint {
    let end = this.stack.current;
    return (address, retp) => {
      if (address !== this.#returnHandler) return address;
      if (this.#generation.searches === 'bottom') return this.#fromBottom(retp) ?? address;
      for (let at = end; at > 0; ) {
        const start = this.stack.frameStart(at);
        const frame = this.stack.frame(start);
        at = start;
        if (frame.retp !== retp || frame.ret === this.#returnHandler) continue;
        end = start;
        return frame.ret;
      }
      return address;
    };
  }
}

/** The kernel would have returned to panic(). */
export class GraphStopped extends Error {
  override readonly name = 'GraphStopped';
}
