// SPDX-License-Identifier: MIT
/**
 * What of the kernel's tracing stands on ftrace. Each part is made when a case first uses it: most cases use one or two,
 * and making all took a tenth of a run.
 */
import { BpfTrampolines } from '../../ftrace/bpf.js';
import { DirectCalls } from '../../ftrace/direct.js';
import type { FprobeEngine } from '../../ftrace/fprobe.js';
import { GraphFprobes } from '../../ftrace/fprobe-fgraph.js';
import { RethookFprobes } from '../../ftrace/fprobe-rethook.js';
import type { Ftrace } from '../../ftrace/ftrace.js';
import { FunctionGraph } from '../../ftrace/graph/fgraph.js';
import { Kprobes } from '../../ftrace/kprobes/kprobes.js';
import { Kretprobes } from '../../ftrace/kprobes/kretprobe.js';
import { Livepatches, type TaskStack } from '../../ftrace/livepatch.js';
import { PerfFunctionEvents } from '../../ftrace/perf.js';
import { ProgActive } from '../../ftrace/prog-active.js';
import { Rethooks } from '../../ftrace/rethook.js';
import { Tracefs } from '../../ftrace/tracers/trace-array.js';
import type { FtraceOps } from '../../ftrace/types.js';
import type { Processor } from './processor.js';

export abstract class Subsystems {
  abstract readonly ftrace: Ftrace;
  abstract readonly processor: Processor;
  #graph: FunctionGraph | null = null;
  #direct: DirectCalls | null = null;
  #directOps: FtraceOps | null = null;
  #kprobes: Kprobes | null = null;
  #rethooks: Rethooks | null = null;
  #kretprobes: Kretprobes | null = null;
  #fprobes: FprobeEngine | null = null;
  #bpf: BpfTrampolines | null = null;
  #livepatches: Livepatches | null = null;
  #tracefs: Tracefs | null = null;
  #progActive: ProgActive | null = null;
  #perf: PerfFunctionEvents | null = null;

  /** Of all tasks, by number. */
  protected abstract stacks(): readonly TaskStack[];

  get graph(): FunctionGraph {
    this.#graph ??= new FunctionGraph(this.ftrace);
    return this.#graph;
  }

  get direct(): DirectCalls {
    this.#direct ??= new DirectCalls(this.ftrace);
    return this.#direct;
  }

  /** The ops of direct calls by hash. */
  directOps(): FtraceOps {
    this.#directOps ??= this.direct.createOps('direct_hash_ops');
    return this.#directOps;
  }

  get kprobes(): Kprobes {
    this.#kprobes ??= new Kprobes(this.ftrace);
    return this.#kprobes;
  }

  get rethooks(): Rethooks {
    this.#rethooks ??= new Rethooks(this.kprobes);
    return this.#rethooks;
  }

  get kretprobes(): Kretprobes {
    this.#kretprobes ??= new Kretprobes(this.kprobes, this.rethooks);
    return this.#kretprobes;
  }

  get fprobes(): FprobeEngine {
    this.#fprobes ??=
      this.ftrace.env.config.revision === '7.2'
        ? new GraphFprobes(this.ftrace, this.graph, this.kprobes)
        : new RethookFprobes(this.ftrace, this.rethooks);
    return this.#fprobes;
  }

  get bpf(): BpfTrampolines {
    // An image that calls the body gives it a stack of its own.
    this.#bpf ??= new BpfTrampolines(this.direct, () => {
      const { innermost } = this.processor.calls;
      if (innermost) innermost.touched.stack = true;
    });
    return this.#bpf;
  }

  get livepatches(): Livepatches {
    this.#livepatches ??= new Livepatches(this.ftrace, () => this.stacks());
    return this.#livepatches;
  }

  /** The first task returns to user space between the steps of a case. */
  protected leaveKernel(): void {
    this.#livepatches?.leaveKernel();
  }

  /** The task that runs is switched out, or is back. */
  switchOut(): void {
    this.#graph?.switchOut();
  }

  switchIn(): void {
    this.#graph?.switchIn();
  }

  get tracefs(): Tracefs {
    this.#tracefs ??= new Tracefs(this.ftrace.env.config, this.graph.sleepTime);
    return this.#tracefs;
  }

  get progActive(): ProgActive {
    this.#progActive ??= new ProgActive();
    return this.#progActive;
  }

  get perf(): PerfFunctionEvents {
    this.#perf ??= new PerfFunctionEvents(this.ftrace);
    return this.#perf;
  }
}
