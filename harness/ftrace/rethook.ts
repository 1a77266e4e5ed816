// SPDX-License-Identifier: MIT
/**
 * rethook: return hooks with nodes from a pool, the engine of fprobe exit handlers before 7.2 and of kretprobes, whose own
 * list of instances on architectures without rethook is the same. linux 6.12 kernel/trace/rethook.c. The hooked return address is replaced by the architecture's trampoline,
 * which builds a pt_regs and calls back; nodes of a task form a list, newest first.
 */
import type { Rethook as ArchRethook, Fregs } from '../backend/contract.js';
import { MachineFault } from '../machine/types.js';
import { DataWords } from './data-words.js';
import { createKprobe } from './kprobes/kprobe.js';
import type { Kprobes } from './kprobes/kprobes.js';
import type { PerTask } from './tasks.js';
import type { Environment } from './types.js';

/** Called with the node's data, the real return address, and the trampoline's pt_regs. */
export type RethookHandler = (data: DataWords, retAddr: bigint, regs: Fregs) => void;

/** struct rethook: a pool and its owner's handler. */
export interface Rethook {
  readonly handler: RethookHandler;
  /** Nodes left. */
  free: number;
  /** rethook_stop(): no node is given any more, and outstanding ones are not delivered. */
  stopped: boolean;
}

export interface RethookNode {
  readonly rethook: Rethook;
  readonly data: DataWords;
  retAddr: bigint;
  frame: bigint;
}

export class Rethooks {
  readonly #nodes: PerTask<RethookNode[]>;
  readonly #trampoline: bigint | null;
  readonly env: Environment;

  constructor(readonly kprobes: Kprobes) {
    this.env = kprobes.ftrace.env;
    this.#nodes = this.env.tasks.field(() => []);
    const { backend, config, symbol } = this.env;
    const arch = backend.rethook;
    const trampoline = arch?.trampoline(config) ?? null;
    this.#trampoline = trampoline === null ? null : symbol(trampoline);
    if (arch && this.#trampoline !== null) this.#listen(arch, this.#trampoline);
  }

  /** How the trampoline gets to C. */
  #listen(arch: ArchRethook, trampoline: bigint): void {
    const { env } = this;
    switch (arch.by(env.config)) {
      case 'call':
        env.cFunction(arch.handler, ([regs = 0n]) =>
          this.#handle({ machine: env.machine, config: env.config, address: regs }),
        );
        return;
      case 'trap':
        env.addTrapHandler({ owns: (pc) => pc === trampoline, handle: (regs) => void this.#handle(regs) });
        return;
      case 'kprobe':
        this.kprobes.register(
          createKprobe(
            'trampoline_p',
            { symbol: trampoline, offset: 0 },
            (_kprobe, regs) => {
              this.#handle(regs);
              return false;
            },
            null,
          ),
        );
    }
  }

  /** current->rethooks. */
  get #task(): RethookNode[] {
    return this.#nodes.current;
  }

  /** From 6.12 on only builds with FTRACE_VALIDATE_RCU_IS_WATCHING look; kretprobes without rethook never do. */
  get #needsRcu(): boolean {
    const { config } = this.env;
    return config.has('RETHOOK') && config.revision === '6.1';
  }

  create(handler: RethookHandler, nodes: number): Rethook {
    return { handler, free: nodes, stopped: false };
  }

  /** rethook_try_get: `null` when stopped or empty, or where its node could not be given back for want of RCU. */
  tryGet(rethook: Rethook, dataBytes: number): RethookNode | null {
    if (rethook.stopped || rethook.free === 0) return null;
    if (this.#needsRcu && !this.kprobes.ftrace.rcuIsWatching) return null;
    rethook.free--;
    return { rethook, data: DataWords.own(Math.ceil(dataBytes / 8)), retAddr: 0n, frame: 0n };
  }

  recycle(node: RethookNode): void {
    node.rethook.free++;
  }

  /** rethook_hook. `mcount`: from an ftrace trampoline, the return address still in its entry place. */
  hook(node: RethookNode, regs: Fregs, mcount: boolean): void {
    const arch = this.env.backend.rethook;
    if (!arch || this.#trampoline === null) throw new RangeError('the architecture has no rethook');
    const { slot, frame } = arch.prepare(regs, mcount);
    node.retAddr = this.env.machine.loadWord(slot, 8);
    node.frame = frame;
    this.env.machine.storeWord(slot, 8, this.#trampoline);
    this.#task.unshift(node);
  }

  /** rethook_trampoline_handler: every node up to the one with the real address, newest first. */
  #handle(regs: Fregs): bigint {
    const arch = this.env.backend.rethook;
    const last = this.#task.findIndex((node) => node.retAddr !== this.#trampoline);
    const real = this.#task[last];
    if (!arch || !real) throw new MachineFault('fault', 'the rethook trampoline found no node: kernel BUG');
    this.env.sawFtraceRegs(regs.address);
    arch.enter?.(regs);
    this.env.backend.kprobes.regs.setInstructionPointer(regs, real.retAddr);
    const frame = arch.frame(regs);
    const nodes = this.#task.slice(0, last + 1);
    for (const node of nodes) {
      if (node.frame !== frame) {
        this.env.event('rethook frame mismatch', '');
        break;
      }
      if (!node.rethook.stopped) node.rethook.handler(node.data, real.retAddr, regs);
    }
    this.#task.splice(0, last + 1);
    for (const node of nodes) this.recycle(node);
    return arch.finish(regs, real.retAddr);
  }

  /** rethook_find_ret_addr with a cursor, for unwinders that know the trampoline. */
  cursor(): (address: bigint) => bigint {
    let at = 0;
    const { rethook } = this.env.backend;
    return (address) => {
      if (address !== this.#trampoline || !rethook?.unwinds) return address;
      const found = this.#task.findIndex((node, index) => index >= at && node.retAddr !== this.#trampoline);
      if (found < 0) return address;
      at = found + 1;
      return this.#task[found]?.retAddr ?? address;
    };
  }
}
