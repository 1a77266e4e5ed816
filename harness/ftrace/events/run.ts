// SPDX-License-Identifier: MIT
/**
 * Runs a fetch program: linux 7.2 kernel/trace/trace_probe_tmpl.h process_fetch_insn_bottom, trace_fprobe.c
 * process_fetch_insn, trace_probe_kernel.h. A read that faults ends the program; what was to be stored is then not.
 */
import { type Machine, MachineFault } from '../../machine/types.js';
import type { Argument } from './argument.js';
import type { FetchStep } from './fetch-code.js';

const WORD = 8;
/** Longest text that is stored: MAX_STRING_SIZE, PATH_MAX. */
const MAX_TEXT = 4096;

/** Where values come from: the registers of the handler that runs. */
export interface FetchSource {
  stackPointer(): bigint;
  stackNth(index: number): bigint;
  argument(index: number): bigint;
  returnValue(): bigint;
  register(name: string): bigint;
  /** A word that was saved at entry. */
  entryData(offset: number): bigint;
  /** Resolved when the event was registered. */
  symbol(name: string): bigint;
  readonly comm: string;
}

export type FetchedValue =
  /** Of the type's size, without sign. */
  | { readonly word: bigint }
  | { readonly text: string }
  /** The place in the buffer keeps what it held. */
  | 'fault';

/** A value that lies in memory, or in the kernel's own. */
type Value = bigint | { readonly own: string };

export function fetchValue(machine: Machine, source: FetchSource, { code, type }: Argument): FetchedValue[] {
  try {
    return new Run(machine, source, code, type.size).values();
  } catch (problem) {
    if (problem instanceof MachineFault) return ['fault'];
    throw problem;
  }
}

class Run {
  readonly #derefs: readonly bigint[];
  readonly #rest: readonly FetchStep[];
  readonly #start: Value;

  constructor(
    readonly machine: Machine,
    readonly source: FetchSource,
    code: readonly FetchStep[],
    readonly bytes: number,
  ) {
    const derefs: bigint[] = [];
    let value: Value = 0n;
    let at = 0;
    for (; at < code.length; at++) {
      const step = code[at];
      if (step?.op === 'DEREF') derefs.push(step.offset);
      else if (!step || /^(ST_|MOD_|LP_)/.test(step.op)) break;
      else if (step.op === 'IMM' && code[at - 1]?.op === 'SYMBOL') continue;
      else value = this.#value(step);
    }
    this.#start = value;
    this.#derefs = derefs;
    this.#rest = code.slice(at);
  }

  #value(step: FetchStep): Value {
    const { source } = this;
    switch (step.op) {
      case 'STACKP':
        return source.stackPointer();
      case 'STACK':
        return source.stackNth(step.index);
      case 'ARG':
        return source.argument(step.index);
      case 'RETVAL':
        return source.returnValue();
      case 'EDATA':
        return source.entryData(step.offset);
      case 'REG':
        return source.register(step.name);
      case 'IMM':
        return step.value;
      case 'SYMBOL':
        return source.symbol(step.symbol);
      case 'COMM':
        return { own: source.comm };
      case 'DATA':
        return { own: step.text };
      default:
        throw new RangeError(`a fetch program begins with ${step.op}`);
    }
  }

  values(): FetchedValue[] {
    const array = this.#rest.find((step) => step.op === 'LP_ARRAY');
    const count = array?.op === 'LP_ARRAY' ? array.count : 1;
    return Array.from({ length: count }, (_, index) => this.#stored(index));
  }

  /** An element: of an array of texts the last pointer is taken one further, of others the address. */
  #stored(index: number): FetchedValue {
    const [store] = this.#rest;
    if (!store || typeof this.#start !== 'bigint')
      return { text: typeof this.#start === 'bigint' ? '' : this.#start.own };
    const last = this.#derefs.length - 1;
    let value = this.#start;
    for (const [at, offset] of this.#derefs.entries()) {
      const step = store.op === 'ST_STRING' && at === last ? BigInt(index * WORD) : 0n;
      value = this.machine.loadWord(address(value + offset + step), WORD);
    }
    switch (store.op) {
      case 'ST_RAW':
        return { word: this.#bits(BigInt.asUintN(8 * this.bytes, value)) };
      case 'ST_MEM': {
        const at = address(value + store.offset + BigInt(index * this.bytes));
        return { word: this.#bits(this.machine.loadWord(at, this.bytes as 1)) };
      }
      case 'ST_STRING':
        return this.#text(address(value + store.offset));
      case 'ST_SYMSTR':
        return { word: value };
      default:
        throw new RangeError(`a fetch program stores by ${store.op}`);
    }
  }

  #bits(value: bigint): bigint {
    const step = this.#rest.find((candidate) => candidate.op === 'MOD_BF');
    if (step?.op !== 'MOD_BF') return value;
    const moved = BigInt.asUintN(8 * step.bytes, value << BigInt(step.lshift));
    return moved >> BigInt(step.rshift);
  }

  /** Up to the NUL. A read that faults stores the empty text, which prints as `(fault)`. */
  #text(from: bigint): FetchedValue {
    let text = '';
    try {
      for (let at = 0; at < MAX_TEXT; at++) {
        const [byte = 0] = this.machine.load(from + BigInt(at), 1);
        if (byte === 0) return { text };
        text += String.fromCharCode(byte);
      }
    } catch (problem) {
      if (!(problem instanceof MachineFault)) throw problem;
      return { text: FAULT };
    }
    return { text };
  }
}

/** FAULT_STRING. */
export const FAULT = '(fault)';

function address(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
