// SPDX-License-Identifier: MIT
/** What one instruction did to registers and memory, for traces; slow, and never in the way of plain runs. */
import type { Cpu } from './instruction-set.js';
import type { Slot } from './slots.js';
import type { TraceStep, Width } from './types.js';

/** A processor that notes stores and register changes. */
export class Tracer implements Cpu {
  readonly x: BigUint64Array;
  private readonly before: BigUint64Array;
  private stores: [bigint, number, bigint][] = [];

  constructor(private readonly processor: Cpu) {
    this.x = processor.x;
    this.before = this.x.slice();
  }

  load(address: bigint, width: Width): bigint {
    return this.processor.load(address, width);
  }

  store(address: bigint, width: Width, value: bigint): void {
    this.processor.store(address, width, value);
    this.stores.push([BigInt.asUintN(64, address), width, BigInt.asUintN(width * 8, value)]);
  }

  jump(address: bigint): void {
    this.processor.jump(address);
  }

  instructionAt(address: bigint): ReturnType<Cpu['instructionAt']> {
    return this.processor.instructionAt(address);
  }

  land(address: bigint, pads: readonly string[]): void {
    this.processor.land(address, pads);
  }

  begin(): void {
    this.before.set(this.x);
    this.stores = [];
  }

  /** The step since {@link begin}. */
  step(pc: bigint, { text, where }: Slot, names: readonly string[]): TraceStep {
    const registers: [string, bigint][] = [];
    names.forEach((name, i) => {
      const value = this.x[i] as bigint;
      if (value !== this.before[i]) registers.push([name, value]);
    });
    return { pc, text, where, registers, stores: this.stores };
  }
}
