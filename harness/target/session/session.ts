// SPDX-License-Identifier: MIT
/**
 * One case on one subject, from a pristine machine to its outcome. The session is the kernel's C side and the
 * compiler at once: it lays out the functions, boots ftrace over them, does the steps, and plays every C
 * function the machine enters.
 */

import type { CallSiteShape } from '../../backend/contract.js';
import { C_FUNCTIONS } from '../../backend/externals.js';
import { CaseError } from '../../case/error.js';
import { outermost } from '../../case/expectation-kinds.js';
import type { Runnable } from '../../case/runnable.js';
import type { Value } from '../../ctype/types.js';
import { Clock } from '../../ftrace/clock.js';
import { DynamicEvents } from '../../ftrace/events/dynamic-events.js';
import { Ftrace } from '../../ftrace/ftrace.js';
import { KprobeMulti } from '../../ftrace/kprobe-multi.js';
import type { TaskStack } from '../../ftrace/livepatch.js';
import { Tasks } from '../../ftrace/tasks.js';
import type { Environment } from '../../ftrace/types.js';
import type { Observation, Outcome, OutcomeEnd, SubjectId } from '../outcome.js';
import { AddressBook, type Fn } from './address-book.js';
import { playBody } from './body.js';
import { signatureOf } from './calls.js';
import { asCrash } from './crash.js';
import { eventEngine } from './event-engines.js';
import { eventKernel } from './event-kernel.js';
import type { Frame } from './frames.js';
import { CaseProblem, type Detail, type Explainer, FAR_BYTES, type Host } from './host.js';
import type { Interrupting } from './interrupts.js';
import { kallsyms } from './kallsyms.js';
import { layApart, loadModule } from './module.js';
import { NormalForm } from './normal.js';
import { OtherCpus } from './other-cpus.js';
import { Probes } from './probes.js';
import { Processor } from './processor.js';
import { type OpenObservation, Recorder } from './recorder.js';
import { runStep } from './steps.js';
import { inOrderOfRecords, stubsOf } from './stubs.js';
import { Subsystems } from './subsystems.js';
import { type Activity, Threads, withoutSleep } from './threads.js';
import { TrampolineRoom } from './trampoline-room.js';

/** Bytes between two C functions: the entry, and the place its calls return to. */
export const C_FUNCTION_BYTES = 16n;
const DATA_ALIGN = 16n;
const FAR_IMAGE_BYTES = 0x400n;
/** The section of a module that has its PLT entries, which lead to the trampolines. */
const PLT = '.ftrace_trampoline';
/** Return address of the outermost function. */
const THREAD = 'kthread';

export class Session extends Subsystems {
  readonly recorder: Recorder;
  readonly book: AddressBook;
  readonly normal: NormalForm;
  readonly processor: Processor;
  readonly threads: Threads;
  readonly otherCpus: OtherCpus;
  readonly env: Environment;
  readonly ftrace: Ftrace;
  readonly probes: Probes;
  readonly #cFunctions = new Map<string, bigint>();
  readonly #cNames = new Map<bigint, string>();
  /** Of C code that is only called from: see {@link placeIn}. */
  readonly #places = new Map<string, bigint>();
  readonly #buffers = new Map<string, bigint>();
  /** Text that was copied to the far text. */
  readonly #far: { readonly name: string; readonly start: bigint; readonly end: bigint }[] = [];
  /** Where an interrupt could come in the interrupted calls, in order. */
  readonly moments: bigint[] = [];
  /** What was observed in the interrupted calls, without what the interrupts saw. */
  readonly interrupted: OpenObservation[] = [];
  #nextData: bigint;
  #events: DynamicEvents | null = null;
  #multi: KprobeMulti | null = null;
  readonly #trampolines: TrampolineRoom;

  constructor(
    readonly host: Host,
    readonly spec: Runnable,
    readonly explain: Explainer,
    /** Which interrupts come. */
    readonly interrupting: Interrupting = 'none',
  ) {
    super();
    const tasks = new Tasks();
    this.recorder = new Recorder((observation) => explain.observed(observation));
    this.otherCpus = new OtherCpus(this.recorder, explain);
    const { backend, config, machine } = host;
    this.#trampolines = new TrampolineRoom(this.#symbol('__ops_trampolines'));
    this.book = new AddressBook(
      backend,
      config,
      (name) => this.#symbol(name),
      (address) => this.#symbolOf(address),
    );
    explain.begin((address) => this.book.codeName(address, 'site') ?? `0x${address.toString(16)}`);
    this.normal = new NormalForm(this.book, backend.abi.memory);
    this.processor = new Processor(host, this.book, explain, tasks);
    this.threads = new Threads(
      tasks,
      this.processor,
      (name) => this.#outermost(name),
      () => this.#cFunction(THREAD, () => undefined),
      outermost,
    );
    this.#nextData = host.endOfCells;
    this.env = {
      machine,
      config,
      backend,
      symbol: (name) => this.#symbol(name),
      findSymbol: (name) => host.symbols.get(name),
      cFunction: (name, body) => this.#cFunction(name, body),
      call: (by, name, args) => this.#kernelCall(by, name, args),
      calledFrom: () => this.#symbolOf(this.processor.frames.innermost?.returnAddress ?? 0n)?.name,
      allocate: (bytes) => this.#allocate(bytes),
      allocateText: (name) => this.#trampolines.take(name),
      freeText: (address) => this.#trampolines.give(address),
      addTrapHandler: (handler) => this.processor.exceptions.add(handler),
      sawFtraceRegs: (address) => explain.sawFtraceRegs(address),
      event: (name, detail) => explain.event(name, detail),
      tasks,
      clock: new Clock(),
      stored: () => this.otherCpus.look(),
      stopMachine: (update) => this.otherCpus.stop(update),
      breakpoint: (address, instead) => this.processor.breakpoints.set(address, instead),
      fixedTrampolines: () => this.book.large?.fixed ?? [],
      interruptible: () => this.processor.moments.come('in_callback'),
    };
    this.ftrace = new Ftrace(this.env);
    this.probes = new Probes(this);
  }

  // ------------------------------------------------------------------------------------------ addresses

  #symbol(name: string): bigint {
    const address = this.host.symbols.get(name) ?? this.#cFunctions.get(name);
    if (address === undefined) throw new CaseProblem(`the trampoline source does not define ${name}`);
    return address;
  }

  #symbolOf(address: bigint): { readonly name: string; readonly offset: number } | undefined {
    const c = this.#cNames.get(address & ~(C_FUNCTION_BYTES - 1n));
    if (c) return { name: c, offset: 0 };
    const far = this.#far.find(({ start, end }) => address >= start && address < end);
    if (far) return { name: far.name, offset: Number(address - far.start) };
    const plt = this.book.pltAt(address);
    if (plt !== undefined) return { name: PLT, offset: plt };
    const found = this.host.symbolOf(address);
    if (found?.name !== '__ops_trampolines') return found;
    return this.#trampolines.symbolOf(address) ?? found;
  }

  #cFunction(name: string, body: (args: readonly bigint[]) => bigint | undefined): bigint {
    const index = this.#cFunctions.size + C_FUNCTIONS.length + 1;
    const address =
      this.host.symbols.get(name) ??
      this.#cFunctions.get(name) ??
      this.host.backend.abi.memory.c + BigInt(index) * C_FUNCTION_BYTES;
    this.#cFunctions.set(name, address);
    const place = this.#placeOf(address);
    this.#cNames.set(place, name);
    this.#places.delete(name);
    this.processor.callouts.cFunction(name, address, body, place);
    return address;
  }

  /** Where that C function is as one of ours. */
  #placeOf(address: bigint): bigint {
    return this.host.places?.get(address) ?? address;
  }

  /**
   * A direct trampoline and its C function as a module far away has them. Gives the trampoline's address: the one asked
   * for, or one in the far text.
   */
  farDirect(image: number, body: () => undefined, at?: bigint): bigint {
    const { machine, farText, symbols } = this.host;
    const [name, func] = [`direct_tramp_${image}`, `direct_func_${image}`];
    const from = this.#symbol(name);
    const behind = [...symbols.values()].filter((address) => address > from);
    const to = behind.reduce((first, address) => (address < first ? address : first));
    const start = at ?? farText + BigInt(image) * FAR_IMAGE_BYTES;
    const c =
      at === undefined
        ? farText + BigInt(FAR_BYTES) - BigInt(image + 1) * C_FUNCTION_BYTES
        : (at + FAR_IMAGE_BYTES) & ~(C_FUNCTION_BYTES - 1n);
    const size = machine.copyText(from, to, start, new Map([[func, c]]));
    this.#far.push({ name, start, end: start + BigInt(size) });
    this.#cNames.set(c, func);
    this.processor.callouts.cFunction(func, c, body);
    return start;
  }

  /**
   * Plays a handler's code in the frame of whoever called it, as if inlined there, but under the handler's own
   * name: whether the list function or a trampoline called it is no business of those it calls.
   */
  inHandler(probe: string, frame: Frame, act: () => void): void {
    const { name, afterCall } = frame;
    const address = this.#cFunctions.get(probe) ?? this.#cFunction(probe, () => undefined);
    frame.name = probe;
    frame.afterCall = this.#placeOf(address) + C_FUNCTION_BYTES / 2n;
    this.processor.callouts.returnPlace(frame.afterCall);
    try {
      act();
    } finally {
      frame.name = name;
      frame.afterCall = afterCall;
    }
  }

  /** C code of the tracers calls a function of the case, if there is one of that name. */
  #kernelCall(by: string, name: string, args: readonly bigint[]): void {
    const fn = this.book.functionNamed(name);
    const frame = this.processor.frames.innermost;
    if (!fn || !frame) return;
    this.inHandler(by, frame, () => {
      const { violations } = withoutSleep(this.processor.calls.call(fn, args, frame));
      for (const what of violations) this.recorder.observe('transparency', { function: name, what });
    });
  }

  /** @throws CaseProblem when the data region is full: that is no fault of the subject */
  #allocate(bytes: number): bigint {
    const address = this.#nextData;
    const end = address + BigInt(bytes);
    if (end > this.host.endOfData) throw new CaseProblem('the case needs more kernel data than there is');
    this.#nextData = (end + DATA_ALIGN - 1n) & ~(DATA_ALIGN - 1n);
    return address;
  }

  event(name: string, detail: Detail): void {
    this.explain.event(name, detail);
  }

  /** Address of a named object or function, for `&name`. */
  addressOf(name: string): bigint {
    const address = this.book.objectAddress(name) ?? this.book.functionNamed(name)?.symbol;
    if (address === undefined) throw new CaseProblem(`nothing is called ${name}`);
    return address;
  }

  functionNamed(name: string): Fn {
    const fn = this.book.functionNamed(name);
    if (!fn) throw new CaseProblem(`no function ${name}`);
    return fn;
  }

  get events(): DynamicEvents {
    this.#events ??= new DynamicEvents(eventKernel(this), (definition) => eventEngine(this, definition));
    return this.#events;
  }

  get multi(): KprobeMulti {
    const attachment = { ftrace: this.ftrace, kallsyms: () => kallsyms(this) };
    this.#multi ??= new KprobeMulti(attachment, this.fprobes, this.progActive);
    return this.#multi;
  }

  /** A zeroed pt_regs of this CPU per kind of conversion; what a conversion leaves out stays zero. */
  ptRegsBuffer(kind: string): bigint {
    const made = this.#buffers.get(kind);
    if (made !== undefined) return made;
    const address = this.#allocate(this.host.backend.layouts.ptRegs(this.host.config).size);
    this.#buffers.set(kind, address);
    return address;
  }

  /** What a site calls, in words that all architectures share. */
  trampolineKind(target: bigint): string {
    const name = this.book.codeName(target) ?? 'unknown';
    return /^ftrace_(regs_)?caller$|^ftrace_trampoline$|^\.ftrace_trampoline(\+0x[0-9a-f]+)?$/.test(name)
      ? 'trampoline'
      : name;
  }

  // ------------------------------------------------------------------------------------------- running

  /** Runs the case; never throws for what the case or the trampolines do. */
  run(subject: SubjectId): Outcome {
    const end = this.#guarded(() => {
      this.#boot();
      const frame = this.threads.begin(outermost);
      for (const step of this.spec.steps) {
        runStep(this, step, frame, new Map());
        this.leaveKernel();
      }
    });
    this.explain.end();
    return {
      case: this.spec.id,
      subject,
      end,
      observations: this.recorder.observations.map(({ kind, fields }): Observation => ({ kind, fields })),
      instructions: this.host.steps(),
    };
  }

  #guarded(act: () => void): OutcomeEnd {
    try {
      act();
      return { kind: 'completed' };
    } catch (problem) {
      if (problem instanceof CaseProblem || problem instanceof CaseError) {
        return { kind: 'error', why: problem.message };
      }
      const crash = asCrash(problem, this.book);
      if (!crash) throw problem;
      const why = this.normal.text(crash.why);
      this.recorder.observe('fault', { at: this.normal.text(crash.at), why });
      return { kind: 'crashed', why };
    }
  }

  #linked(fn: Fn, { compiled }: CallSiteShape): Uint8Array {
    const { backend, config } = this.host;
    const { large } = this.book;
    const near = large && fn.spec?.kernelText ? large.fixed[fn.spec.kernelText === 'end' ? 0 : 1] : null;
    return backend.callsite.link?.(fn.symbol, config, (name) => this.#symbol(name), near) ?? compiled;
  }

  /** By task: which calls are open, whose frame, or a return into it, is on the stack. */
  protected override stacks(): TaskStack[] {
    return this.processor.frames.stacks.map((open) => ({
      runs: (symbol) => open.some(({ name }) => this.book.functionNamed(name)?.symbol === symbol),
      idle: open.length <= 1,
    }));
  }

  /** Lays out functions and objects and lets ftrace turn the compiled sites into NOPs. */
  #boot(): void {
    const { machine } = this.host;
    const functions = this.spec.functions.map((spec) => this.book.addFunction(spec.name, spec));
    this.#layLongBranches();
    const stubs = stubsOf(this);
    for (const fn of inOrderOfRecords(functions)) {
      if (fn.shape) machine.store(fn.symbol - BigInt(fn.shape.before), this.#linked(fn, fn.shape));
      this.processor.callouts.onBody(fn.body, () => playBody(this, fn));
      this.processor.callouts.returnPlace(fn.afterCall);
      if (this.book.isApart(fn)) layApart(this, fn);
      if (fn.module) loadModule(this, fn.module);
      if (!fn.shape) continue;
      const entry = fn.symbol + BigInt(fn.shape.table);
      this.ftrace.addRecord(fn.name, fn.symbol, entry, () => stubs.take(fn), fn.module);
    }
    for (const { name, size } of this.spec.objects) this.book.addObject(name, this.#allocate(size), size);
  }

  /** ftrace_dyn_arch_init() for text out of reach. */
  #layLongBranches(): void {
    const { machine, config, backend } = this.host;
    for (const room of this.book.large?.fixed ?? []) {
      const site = { machine, config, symbol: (name: string) => this.#symbol(name) };
      for (const { address, bytes } of backend.callsite.longBranches?.(site, room) ?? [])
        machine.store(address, bytes);
    }
  }

  /** The function at the top of a task's stack. */
  #outermost(name: string): Fn {
    const fn = this.book.addFunction(name, null);
    this.processor.callouts.returnPlace(fn.afterCall);
    return fn;
  }

  /** Where calls made by C code of that name return to. */
  placeIn(name: string): bigint {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const place = this.#placeOf(this.#cFunction(name, () => undefined)) + C_FUNCTION_BYTES / 2n;
    this.#places.set(name, place);
    return place;
  }

  /** A call by C code in `frame`: observes the result the caller gets, and what it could notice. */
  *call(fn: Fn, args: readonly Value[], frame: Frame): Activity<Value | null> {
    const { value, violations } = yield* this.processor.calls.call(fn, args, frame);
    const { result } = signatureOf(fn);
    for (const what of violations) this.recorder.observe('transparency', { function: fn.name, what });
    this.recorder.observe('result', {
      function: fn.name,
      value: value === null || result.kind === 'void' ? 'void' : this.normal.value(value, result),
    });
    return value;
  }

  /** What a stack trace shows of an address. */
  frameName(address: bigint): string {
    const fn = this.book.functionAt(address);
    return fn ? fn.name : (this.#symbolOf(address)?.name ?? this.normal.code(address));
  }
}
