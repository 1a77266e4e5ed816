// SPDX-License-Identifier: MIT
/**
 * The trace behind `explain`: instructions with the registers and fields they changed, and what the C side did
 * in between. Stores into a trampoline's frame are named by the field once a callback has been given its address.
 */

import { isPoison } from '../../machine/poison.js';
import type { TraceStep } from '../../machine/types.js';
import type { Host } from '../session/host.js';
import type { TraceEvent } from '../target.js';

export class Tracing {
  constructor(
    readonly host: Host,
    readonly trace: TraceEvent[],
  ) {}

  instruction(step: TraceStep): void {
    const at = this.host.symbolOf(step.pc);
    this.trace.push({
      kind: 'instruction',
      at: at ? `${at.name}+0x${at.offset.toString(16)}` : `0x${step.pc.toString(16)}`,
      where: step.where,
      text: step.text,
      registers: step.registers.map(([name, value]) => [name, word(value)] as const),
      stores: step.stores.map(([address, , value]) => [`0x${address.toString(16)}`, word(value)] as const),
    });
  }

  event(name: string, detail: string): void {
    this.trace.push({ kind: 'event', name, detail });
  }
}

function word(value: bigint): string {
  return isPoison(value) ? 'poison' : `0x${value.toString(16)}`;
}
