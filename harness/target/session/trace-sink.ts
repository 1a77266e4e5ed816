// SPDX-License-Identifier: MIT
/** What a tracer wrote, as observations: entries and exits with the fields that were saved, as the tracer prints them. */
import type { Fregs } from '../../backend/contract.js';
import type { ValueType } from '../../ctype/types.js';
import type { Saved, TraceSink } from '../../ftrace/tracers/records.js';
import { printedRetval } from '../../ftrace/tracers/retval.js';
import { isPoison } from '../../machine/poison.js';
import { absent, type FieldText } from '../outcome.js';
import { signatureOf } from './calls.js';
import type { Session } from './session.js';

const KRETPROBED = "[unknown/kretprobe'd]";
/** Printed where the words end. */
const MORE = '...';
const WORD = 8;

export function traceSink(session: Session, probe: string): TraceSink {
  const { normal, book, recorder } = session;
  const named = (ip: bigint) => {
    const fn = book.functionAt(ip);
    return fn !== undefined && fn.ip === ip ? fn.name : normal.code(ip);
  };
  return {
    entry: ({ ip, depth, parentIp, args }) => {
      recorder.observe('entry', {
        probe,
        function: named(ip),
        arguments: text(args, (fregs) => printedArguments(session, ip, fregs)),
        parent: text(parentIp, (address) => symbolPrinted(session, address)),
        depth: depth === undefined ? undefined : String(depth),
      });
    },
    exit: ({ ip, depth, retval, duration }) => {
      recorder.observe('exit', {
        probe,
        function: named(ip),
        return: text(retval, ({ word, hex }) => retvalText(session, word, hex)),
        depth: String(depth),
        duration: String(duration),
      });
    },
  };
}

function text<T>(saved: Saved<T>, print: (value: T) => FieldText): FieldText | undefined {
  if (saved === undefined) return undefined;
  return 'lacks' in saved ? absent(saved.lacks) : print(saved.value);
}

/** seq_print_ip_sym: the trampoline of kretprobes has no name of its own. linux 7.2 kernel/trace/trace_output.c kretprobed */
function symbolPrinted(session: Session, address: bigint): string {
  const { backend, config } = session.host;
  const trampoline = backend.rethook?.trampoline(config) ?? null;
  if (trampoline !== null && address === session.env.findSymbol(trampoline)) return KRETPROBED;
  return session.normal.code(address);
}

/** Addresses by name, numbers as the tracer prints them. */
function retvalText(session: Session, word: bigint, hex: boolean): string {
  return nameOf(session, word) ?? printedRetval(word, hex);
}

/** A word that is no number: poison, or an address that differs from subject to subject. */
function nameOf(session: Session, word: bigint): string | null {
  if (isPoison(word)) return 'stale';
  const shown = session.normal.word(word, session.processor.calls.innermost?.sp);
  return /^(0x)?[0-9a-f]+$/.test(shown) ? null : shown;
}

/**
 * print_function_args (linux 7.2 kernel/trace/trace_output.c): the words of the argument registers in order, by the
 * types that BTF gives. Numbers are printed as whole words, whatever their width; a struct takes a word for every
 * eight bytes, anything else one.
 */
function printedArguments(session: Session, ip: bigint, fregs: Fregs): readonly string[] {
  const fn = session.book.functionAt(ip);
  if (!fn?.spec) return [];
  const { accessors } = session.host.backend;
  const printed: string[] = [];
  let next = 0;
  for (const { type } of signatureOf(fn).parameters) {
    if (next >= accessors.maxArgs) return [...printed, MORE];
    const words: string[] = [];
    for (let at = 0; at === 0 || (type.kind === 'struct' && at < type.size); at += WORD) {
      words.push(
        next < accessors.maxArgs ? number(session, accessors.getArgument(fregs, next++), type) : MORE,
      );
      if (words.at(-1) === MORE) return [...printed, `{${words.join(', ')}}`];
    }
    printed.push(type.kind === 'struct' ? `{${words.join(', ')}}` : (words[0] ?? ''));
  }
  return printed;
}

/** `%ld` for a signed integer, else `0x%lx`. */
function number(session: Session, word: bigint, type: ValueType): string {
  const name = nameOf(session, word);
  if (name !== null) return name;
  if (type.kind === 'integer' && type.signed) return String(BigInt.asIntN(64, word));
  return `0x${word.toString(16)}`;
}
