// SPDX-License-Identifier: MIT
/**
 * ftrace_ops: registration, filters, and who calls the callback. linux 7.2 kernel/trace/ftrace.c:
 * register_ftrace_function, ftrace_startup, ftrace_shutdown, __ftrace_hash_rec_update,
 * update_ftrace_function, __ftrace_ops_list_func, ftrace_ops_assist_func.
 */
import type { ModuleText } from '../backend/contract.js';
import { ERRNO } from '../backend/errno.js';
import { MachineFault } from '../machine/types.js';
import { applyPatch, CodePatcher, enablesSites } from './code.js';
import { callAssisted, callList, matches, needsAssist } from './dispatch.js';
import { OPS, REC } from './flags.js';
import { buildTrampoline, type OpsTrampoline, opsTrampoline } from './ops-trampoline.js';
import { TraceRecursion } from './recursion.js';
import type { PerTask } from './tasks.js';
import type { DynFtrace, Environment, FtraceFunc, FtraceOps, Result } from './types.js';

const err = (name: keyof typeof ERRNO): Result => -ERRNO[name];

export class Ftrace {
  readonly #recursion: PerTask<TraceRecursion>;
  /** By rec->ip. */
  readonly records = new Map<bigint, DynFtrace>();
  /** ftrace_ops_list: newest first. */
  readonly #list: FtraceOps[] = [];
  readonly #byAddress = new Map<bigint, FtraceOps>();
  readonly #patcher: CodePatcher;
  readonly listOps: FtraceOps;
  readonly nopOps: FtraceOps;
  readonly #listFunc: bigint;
  readonly #assistFunc: bigint;
  /** Whether the CPU of the task is in the idle loop. */
  readonly #idle: PerTask<boolean>;
  /** kernel.ftrace_enabled. */
  #enabled = true;
  /** Set for good by ftrace_bug(). */
  #dead = false;
  /** saved_ftrace_func: what the trampolines were last made to call. */
  #called: bigint | null;
  /** ftrace_find_rec_direct: address of the direct call of a record, with its low bit. Set by who keeps the table. */
  directAt: (ip: bigint) => bigint | undefined = () => undefined;

  constructor(readonly env: Environment) {
    this.#recursion = env.tasks.field(() => new TraceRecursion());
    this.#idle = env.tasks.field(() => false);
    this.#called = env.symbol('ftrace_stub');
    this.#listFunc = this.#callback('arch_ftrace_ops_list_func', (ip, parentIp, _op, fregs) =>
      callList(this, this.#list, ip, parentIp, fregs),
    );
    this.#assistFunc = this.#callback('ftrace_ops_assist_func', (ip, parentIp, op, fregs) =>
      callAssisted(this, ip, parentIp, op, fregs),
    );
    this.listOps = this.createOps('ftrace_list_ops', () => {}, OPS.STUB, this.#listFunc);
    this.nopOps = this.createOps('ftrace_nop_ops', () => {}, OPS.STUB, env.symbol('ftrace_stub'));
    env.machine.storeWord(env.symbol('function_trace_op'), 8, this.listOps.address);
    this.#patcher = new CodePatcher(this);
  }

  /** rcu_is_watching(): not in the idle loop, but in what interrupts it. */
  get rcuIsWatching(): boolean {
    return !this.#idle.current || this.recursion.context !== 'NORMAL';
  }

  /** What happens in the idle loop between ct_idle_enter() and ct_idle_exit(). */
  *withoutRcu<Y, R>(act: Generator<Y, R, void>): Generator<Y, R, void> {
    const before = this.#idle.current;
    this.#idle.current = true;
    try {
      return yield* act;
    } finally {
      this.#idle.current = before;
    }
  }

  // ------------------------------------------------------------------------------------------ records

  /**
   * ftrace_process_locs for one entry of the table: creates the record, makes the site a NOP. Behind one that could not be
   * made a NOP, sites stay as they are, and nobody looks for a stub.
   */
  addRecord(
    name: string,
    symbol: bigint,
    tableEntry: bigint,
    takeStub: () => bigint,
    module: ModuleText | null = null,
  ): void {
    const { machine, config, backend, symbol: symbolNamed } = this.env;
    const ip = backend.callsite.callAdjust(machine, tableEntry, config, symbolNamed);
    const stub = this.#dead ? 0n : takeStub();
    const rec: DynFtrace = { function: name, symbol, ip, stub, module, flags: 0, count: 0 };
    this.records.set(ip, rec);
    if (!this.#dead && this.#patcher.init(rec) !== 0) this.#dead = true;
  }

  /** ftrace_release_mod for one function: its record goes; filters that hold its address keep it. */
  releaseRecord(symbol: bigint): void {
    const rec = this.location(symbol);
    if (rec) this.records.delete(rec.ip);
  }

  /** ftrace_location: the record inside the function at that symbol address. */
  location(symbol: bigint): DynFtrace | undefined {
    for (const rec of this.records.values()) if (rec.symbol === symbol) return rec;
    return undefined;
  }

  opsOf(rec: DynFtrace): readonly FtraceOps[] {
    return this.#list.filter((ops) => matches(ops, rec.ip));
  }

  /** current->trace_recursion. */
  get recursion(): TraceRecursion {
    return this.#recursion.current;
  }

  get dead(): boolean {
    return this.#dead;
  }

  /** ftrace_kill(): whatever is registered stays as it is, for good. */
  kill(why: string, at: Pick<DynFtrace, 'function'>): void {
    this.env.event(why, at.function);
    this.#dead = true;
  }

  // -------------------------------------------------------------------------------------------- ops

  /** A structure in kernel data with its C function, or one that is there already; not registered. */
  createOps(name: string, func: FtraceFunc, flags: number, at?: bigint): FtraceOps {
    const { env } = this;
    const layout = env.backend.layouts.ftraceOps(env.config);
    const ops: FtraceOps = {
      name,
      address: env.allocate(layout.size),
      funcAddress: 0n,
      func,
      flags: flags | OPS.INITIALIZED,
      filter: new Set(),
      notrace: new Set(),
      trampoline: 0n,
      trampolineSize: 0,
      directCall: 0n,
    };
    this.#byAddress.set(ops.address, ops);
    this.#setFunc(
      ops,
      at ?? this.#callback(name, (ip, parentIp, op, fregs) => ops.func?.(ip, parentIp, op, fregs)),
    );
    return ops;
  }

  /** An ops that only patches sites: its function is the assembler stub. */
  makeStub(ops: FtraceOps): void {
    this.#setFunc(ops, this.env.symbol('ftrace_stub'));
  }

  /** Name of the ops at an address of kernel data. */
  opsName(address: bigint): string | undefined {
    return this.#byAddress.get(address)?.name;
  }

  setDirectCall(ops: FtraceOps, address: bigint): void {
    ops.directCall = address;
    const { directCall } = this.env.backend.layouts.ftraceOps(this.env.config);
    if (directCall === null) return;
    this.env.machine.storeWord(ops.address + BigInt(directCall), 8, address);
  }

  #setFunc(ops: FtraceOps, address: bigint): void {
    ops.funcAddress = address;
    const { func } = this.env.backend.layouts.ftraceOps(this.env.config);
    this.env.machine.storeWord(ops.address + BigInt(func), 8, address);
  }

  /** A C function with the signature of ftrace_func_t. */
  #callback(name: string, body: FtraceFunc): bigint {
    return this.env.cFunction(name, ([ip = 0n, parentIp = 0n, op = 0n, fregs = 0n]) => {
      this.env.sawFtraceRegs(fregs);
      const ops = this.#byAddress.get(op);
      if (!ops) {
        throw new MachineFault('fault', `${name} was entered with 0x${op.toString(16)} as its ftrace_ops`);
      }
      body(ip, parentIp, ops, { machine: this.env.machine, config: this.env.config, address: fregs });
      return undefined;
    });
  }

  /**
   * register_ftrace_function(): direct ops make room for one that changes where the function goes. `last`: what the code
   * update does after everything else.
   */
  register(ops: FtraceOps, last?: () => void): Result {
    return this.#prepareDirect(ops) || this.registerAlone(ops, last);
  }

  /**
   * register_ftrace_function_nolock(), which asks no direct ops. The order of the tests is the kernel's; the first that
   * fails decides.
   */
  registerAlone(ops: FtraceOps, last?: () => void): Result {
    const withRegs = this.env.config.has('DYNAMIC_FTRACE_WITH_REGS');
    if (this.#dead) return err('ENODEV');
    if (ops.flags & OPS.DELETED) return err('EINVAL');
    if (ops.flags & OPS.ENABLED) return err('EBUSY');
    if (!withRegs && ops.flags & OPS.SAVE_REGS && !(ops.flags & OPS.SAVE_REGS_IF_SUPPORTED)) {
      return err('EINVAL');
    }
    if (!withRegs && ops.flags & OPS.SAVE_REGS_IF_SUPPORTED) ops.flags |= OPS.SAVE_REGS;
    if (ops.flags & OPS.PERMANENT && !this.#enabled) return err('EBUSY');
    const conflict = this.ipmodifyUpdate(ops, new Set(), ops.filter);
    if (conflict !== 0) return conflict;

    this.#list.unshift(ops);
    ops.flags |= OPS.ENABLED;
    buildTrampoline(this.env, ops, needsAssist(ops) ? this.#assistFunc : ops.funcAddress);
    this.#updateRecords(ops, +1);
    this.#run(last);
    if (!this.#dead) return 0;
    // Nothing is rolled back but the list: further changes could do more damage.
    this.#list.splice(this.#list.indexOf(ops), 1);
    return err('ENODEV');
  }

  unregister(ops: FtraceOps, last?: () => void): Result {
    if (!(ops.flags & OPS.ENABLED)) return err('EBUSY');
    if (this.#dead) return err('ENODEV');
    this.#list.splice(this.#list.indexOf(ops), 1);
    ops.flags &= ~OPS.ENABLED;
    this.#updateRecords(ops, -1);
    this.#run(last);
    if (ops.flags & OPS.ALLOC_TRAMP) {
      this.env.freeText(ops.trampoline);
      ops.trampoline = 0n;
      ops.trampolineSize = 0;
      ops.flags &= ~OPS.ALLOC_TRAMP;
    }
    if (ops.flags & OPS.IPMODIFY) {
      for (const [ip, direct] of this.#directOn(ops)) direct.opsFunc?.(ip, 'DISABLE_SHARE_IPMODIFY_PEER');
    }
    return 0;
  }

  /** ftrace_set_hash(): replaces the filters; on a live ops only the difference is repatched. */
  setHash(ops: FtraceOps, filter: ReadonlySet<bigint>, notrace: ReadonlySet<bigint>): Result {
    if (this.#dead) return err('ENODEV');
    const live = (ops.flags & OPS.ENABLED) !== 0 && !(ops.flags & OPS.SUBOP);
    if (ops.flags & OPS.IPMODIFY && notrace.size > 0) return err('EINVAL');
    if (live) this.#updateRecords(ops, -1);
    const before = { filter: ops.filter, notrace: ops.notrace };
    ops.filter = new Set(filter);
    ops.notrace = new Set(notrace);
    const conflict = live ? this.ipmodifyUpdate(ops, before.filter, ops.filter) : 0;
    if (conflict !== 0) Object.assign(ops, before);
    if (!live) return conflict;
    this.#updateRecords(ops, +1);
    this.#run();
    return conflict;
  }

  /** The ftrace_enabled sysctl. */
  setEnabled(value: boolean): Result {
    if (this.#dead) return err('ENODEV');
    if (value === this.#enabled) return 0;
    if (!value && this.#list.some((ops) => ops.flags & OPS.PERMANENT)) return err('EBUSY');
    this.#enabled = value;
    this.#run();
    return 0;
  }

  /** The direct ops on each function of a filter. */
  #directOn(ops: FtraceOps): [ip: bigint, direct: FtraceOps][] {
    return [...ops.filter].flatMap((ip): [bigint, FtraceOps][] => {
      const direct = this.#list.find((other) => other.flags & OPS.DIRECT && matches(other, ip));
      return direct ? [[ip, direct]] : [];
    });
  }

  /** prepare_direct_functions_for_ipmodify: what was granted before a refusal is not taken back. */
  #prepareDirect(ops: FtraceOps): Result {
    if (!(ops.flags & OPS.IPMODIFY)) return 0;
    for (const [ip, direct] of this.#directOn(ops)) {
      const result = direct.opsFunc?.(ip, 'ENABLE_SHARE_IPMODIFY_PEER') ?? err('EBUSY');
      if (result !== 0) return result;
    }
    return 0;
  }

  /**
   * __ftrace_hash_update_ipmodify: one IPMODIFY ops on a function; a direct ops beside one is asked whether it can
   * share. `all`: not only what is new in the filter (a direct ops that changes where it goes).
   */
  ipmodifyUpdate(
    ops: FtraceOps,
    from: ReadonlySet<bigint>,
    to: ReadonlySet<bigint>,
    all: 'all' | 'new' = 'new',
  ): Result {
    const ipmodify = (ops.flags & OPS.IPMODIFY) !== 0;
    const direct = (ops.flags & OPS.DIRECT) !== 0;
    if (ipmodify === direct) return 0;
    if (to.size === 0) return err('EINVAL');
    for (const rec of this.records.values()) {
      if (rec.flags & REC.DISABLED || !to.has(rec.ip) || (all === 'new' && from.has(rec.ip))) continue;
      if (!this.opsOf(rec).some((other) => other !== ops && other.flags & OPS.IPMODIFY)) continue;
      if (ipmodify) return err('EBUSY');
      const result = ops.opsFunc?.(rec.ip, 'ENABLE_SHARE_IPMODIFY_SELF') ?? err('EBUSY');
      if (result !== 0) return result;
    }
    return 0;
  }

  // ---------------------------------------------------------------------------------------- records

  /** __ftrace_hash_rec_update: counts and flags of every record the ops traces. */
  #updateRecords(ops: FtraceOps, delta: 1 | -1): void {
    for (const rec of this.records.values()) {
      if (!matches(ops, rec.ip)) continue;
      rec.count += delta;
      // Taken out of a live ops' filter, it is none of its records any more; those that stay are counted again.
      const others = this.opsOf(rec).filter((other) => delta > 0 || other !== ops);
      const some = (flag: number) => others.some((other) => other.flags & flag);
      set(rec, REC.REGS, some(OPS.SAVE_REGS));
      set(rec, REC.DIRECT, some(OPS.DIRECT));
      set(rec, REC.IPMODIFY, some(OPS.IPMODIFY));
      const only = rec.count === 1 ? others[0] : undefined;
      set(rec, REC.TRAMP, only !== undefined && only.trampoline !== 0n);
      set(rec, REC.CALL_OPS, this.#callOps() && only !== undefined && !needsAssist(only));
      if (delta > 0) {
        rec.flags |= REC.TOUCHED;
        if (ops.flags & (OPS.DIRECT | OPS.IPMODIFY)) rec.flags |= REC.MODIFIED;
      }
    }
  }

  #callOps(): boolean {
    return this.env.config.has('DYNAMIC_FTRACE_WITH_CALL_OPS');
  }

  opsTrampoline(address: bigint): OpsTrampoline | undefined {
    return opsTrampoline(this.#list, address);
  }

  // ------------------------------------------------------------------------------------------ update

  /** ftrace_run_update_code: one code update, during which some architectures stop all other CPUs. */
  #run(last?: () => void): void {
    const { env } = this;
    const stops = env.backend.callsite.stopsMachine?.(env.config) ?? false;
    if (stops) env.stopMachine(() => this.#modifyAllCode(last));
    else this.#modifyAllCode(last);
  }

  /**
   * ftrace_modify_all_code: the list function first if another is called than now, then the sites, then the final
   * function; function_trace_op changes only with it, since the list function does not look at it.
   */
  #modifyAllCode(last: (() => void) | undefined): void {
    const { env } = this;
    const [op, func] = this.#choose();
    const update = func !== this.#called;
    this.#called = func;
    if (update) this.#setFunction(this.#listFunc);
    const enable = enablesSites(env, this.#enabled);
    for (const rec of this.records.values()) {
      if (this.#patcher.update(rec, enable) !== 0) this.kill('ftrace_bug', rec);
      if (this.#dead) return;
    }
    if (update && func !== this.#listFunc) {
      env.machine.storeWord(env.symbol('function_trace_op'), 8, op.address);
      env.stored();
      this.#setFunction(func);
    }
    last?.();
  }

  /** update_ftrace_function: what the common trampoline calls. */
  #choose(): [op: FtraceOps, func: bigint] {
    const [first, second] = this.#list;
    if (!first || !this.#enabled) return [this.listOps, this.env.symbol('ftrace_stub')];
    if (second || first.flags & (OPS.DYNAMIC | OPS.RCU)) return [this.listOps, this.#listFunc];
    return [first, needsAssist(first) ? this.#assistFunc : first.funcAddress];
  }

  #setFunction(func: bigint): void {
    const { env } = this;
    applyPatch(env, 'update_ftrace_func', env.backend.callsite.updateFtraceFunc(env, func));
  }
}

function set(rec: DynFtrace, flag: number, on: boolean): void {
  if (on) rec.flags |= flag;
  else rec.flags &= ~flag;
}
