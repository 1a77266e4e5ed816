// SPDX-License-Identifier: MIT
/** An event that fires: its fetched values, printed as `trace` prints them. linux 7.2 kernel/trace/trace_probe.c PRINT_TYPE_FUNC */
import type { Fregs, PtRegsApi } from '../../backend/contract.js';
import type { DataWords } from '../../ftrace/data-words.js';
import type { Argument } from '../../ftrace/events/argument.js';
import type { Definition } from '../../ftrace/events/definition.js';
import { FAULT, type FetchedValue, type FetchSource, fetchValue } from '../../ftrace/events/run.js';
import { splitSymbol } from './event-symbols.js';
import type { Session } from './session.js';

export interface Hit {
  readonly when: 'entry' | 'exit';
  readonly ip: bigint;
  readonly retIp: bigint;
  readonly fregs: Fregs;
  /** The functions that read them. */
  readonly api: PtRegsApi;
  /** `%REG`. */
  register(name: string): bigint;
  readonly data: DataWords | null;
}

/** current->comm of the modelled task. */
const COMM = 'kthread';

export function observeHit(session: Session, definition: Definition, hit: Hit): void {
  const { normal, book, recorder, host } = session;
  const fn = book.functionAt(hit.ip);
  // A kprobe may sit anywhere in a function.
  const isKprobe = definition.by === 'kprobe';
  const source = sourceOf(session, hit);
  recorder.observe(hit.when, {
    probe: session.probes.nameOf(definition),
    function: fn !== undefined && (fn.ip === hit.ip || isKprobe) ? fn.name : normal.code(hit.ip),
    // Only the events at return say where to: `(caller <- f)`.
    parent: hit.when === 'exit' ? normal.code(hit.retIp) : undefined,
    fetched: definition.arguments.map(
      (argument) =>
        `${argument.name}=${printed(session, argument, fetchValue(host.machine, source, argument))}`,
    ),
  });
}

function sourceOf(session: Session, { fregs, api, register, data }: Hit): FetchSource {
  return {
    stackPointer: () => api.getStackPointer(fregs),
    stackNth: (index) => api.getKernelStackNth(fregs, index),
    argument: (index) => api.getArgument(fregs, index),
    returnValue: () => api.getReturnValue(fregs),
    register,
    entryData: (offset) => data?.get(offset / 8) ?? 0n,
    symbol: (text) => {
      const { name, offset } = splitSymbol(text);
      return (session.events.kernel.address(name) ?? 0n) + offset;
    },
    comm: COMM,
  };
}

/** An array stands in braces. */
function printed(session: Session, argument: Argument, values: readonly FetchedValue[]): string {
  const texts = values.map((value) => one(session, argument, value));
  return argument.count === 0 ? (texts[0] ?? '') : `{${texts.join(',')}}`;
}

function one(session: Session, { type }: Argument, value: FetchedValue): string {
  if (value === 'fault') return 'stale';
  if ('text' in value) return value.text === FAULT ? FAULT : `"${value.text}"`;
  const { word } = value;
  const bits = 8 * type.size;
  const shown = type.size === 8 ? session.normal.word(word, session.processor.calls.innermost?.sp) : '';
  // What is no number is a name: an address, or a word that nobody wrote.
  if (shown !== '' && !/^(0x)?[0-9a-f]+$/.test(shown)) return shown;
  switch (type.print) {
    case 'decimal':
      return String(type.signed ? BigInt.asIntN(bits, word) : BigInt.asUintN(bits, word));
    case 'char':
      return `'${String.fromCharCode(Number(word))}'`;
    case 'symbol':
    case 'string':
      return session.normal.code(word);
    case 'hex':
      return `0x${BigInt.asUintN(bits, word).toString(16)}`;
  }
}
