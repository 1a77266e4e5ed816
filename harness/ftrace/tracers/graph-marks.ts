// SPDX-License-Identifier: MIT
/**
 * The marks of set_graph_function and set_graph_notrace: "inside a root", the root's depth, "inside what is not to
 * be traced". linux 7.2 kernel/trace/trace.h: ftrace_graph_addr, ftrace_graph_addr_finish, ftrace_graph_set_depth. From
 * 6.12 on they are bits of the task variable of each user, before of the recursion word of the task.
 */

const INSIDE = 1n << 0n;
/** Two bits are kept of the root's depth: it was meant to count contexts (task, softirq, irq, NMI). */
const DEPTH_SHIFT = 2n;
const DEPTH_MASK = 3n;
const NOTRACE = 1n << 4n;

/** Where the word lives. */
export interface MarkWord {
  get(): bigint;
  set(value: bigint): void;
}

export class GraphMarks {
  constructor(readonly word: MarkWord) {}

  get inside(): boolean {
    return (this.word.get() & INSIDE) !== 0n;
  }

  get notrace(): boolean {
    return (this.word.get() & NOTRACE) !== 0n;
  }

  set notrace(on: boolean) {
    const others = this.word.get() & ~NOTRACE;
    this.word.set(on ? others | NOTRACE : others);
  }

  /** A root is entered. */
  enter(depth: number): void {
    const others = this.word.get() & ~(DEPTH_MASK << DEPTH_SHIFT);
    this.word.set(others | INSIDE | ((BigInt(depth) & DEPTH_MASK) << DEPTH_SHIFT));
  }

  /** A recorded function returns: the mark goes if it has the depth that was kept of the root's. */
  finish(depth: number): void {
    const word = this.word.get();
    const root = (word >> DEPTH_SHIFT) & DEPTH_MASK;
    if ((word & INSIDE) !== 0n && BigInt(depth) === root) this.word.set(word & ~INSIDE);
  }
}
