// SPDX-License-Identifier: MIT
/**
 * Assembler macros: the `.macro` head, the arguments of an invocation, and the substitution of a body
 * (GNU as manual, ".macro").
 */
import { AsmError } from './error.js';
import { type Invocation, stringEnd, type Text, TextBuilder } from './text.js';

interface Parameter {
  readonly name: string;
  readonly fallback: Text | null;
  readonly kind: 'plain' | 'req' | 'vararg';
}

export interface Macro {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Text[];
}

/** Bound on the text of one statement, so that arguments cannot grow for ever. */
const MAX_STATEMENT = 1 << 16;
const OPERATORS = '+-*/<>&|^=:';
const NAME = /^[A-Za-z_.$][\w.$]*/;

/** Parses what follows `.macro`. @throws AsmError */
export function parseMacro(head: Text, body: readonly Text[]): Macro {
  const name = NAME.exec(head.text)?.[0];
  if (name === undefined)
    throw AsmError.at(head, 0, '`.macro` needs a name', 'write .macro NAME arg, arg=default');
  const parameters: Parameter[] = [];
  for (const piece of words(head.slice(name.length).trim().afterComma())) {
    const match = /^([A-Za-z_$][\w.$]*)\s*(?::\s*(req|vararg)\b)?\s*(?:=\s*)?/.exec(piece.text);
    const equals = match?.[0].trimEnd().endsWith('=') === true;
    if (match === null || (!equals && match[0].length !== piece.length)) {
      throw AsmError.at(
        piece,
        0,
        `malformed macro parameter \`${piece.text}\``,
        'write name, name=default, name:req',
      );
    }
    const fallback = equals ? unquote(piece.slice(match[0].length)) : null;
    parameters.push({ name: match[1] as string, fallback, kind: (match[2] ?? 'plain') as Parameter['kind'] });
  }
  return { name, parameters, body };
}

/** Arguments of an invocation by parameter. @throws AsmError for missing, unknown or surplus ones. */
export function bindArguments(macro: Macro, statement: Text, rest: Text): Map<string, Text> {
  const bound = new Map<string, Text>();
  const usage = `.macro ${macro.name} ${macro.parameters.map(describe).join(', ')}`.trimEnd();
  let position = 0;
  const last = macro.parameters.at(-1);
  const plain = last?.kind === 'vararg' ? macro.parameters.length - 1 : Number.POSITIVE_INFINITY;
  const { pieces, tail } = wordsUpTo(rest, plain);
  let keyword = false;
  for (const piece of pieces) {
    const named = /^([A-Za-z_$][\w.$]*)\s*=(?!=)\s*/.exec(piece.text);
    if (named !== null && macro.parameters.some((p) => p.name === named[1])) {
      bound.set(named[1] as string, unquote(piece.slice(named[0].length)));
      keyword = true;
      continue;
    }
    if (keyword)
      throw AsmError.at(piece, 0, 'positional macro argument after a named one', 'name this one too');
    const parameter = macro.parameters[position++];
    if (parameter === undefined) {
      throw AsmError.at(
        piece,
        0,
        `macro \`${macro.name}\` takes no argument here`,
        `it is declared ${usage}`,
      );
    }
    bound.set(parameter.name, unquote(piece));
  }
  if (tail !== null && last !== undefined) bound.set(last.name, tail);
  for (const { name, fallback, kind } of macro.parameters) {
    const given = bound.get(name);
    if (given !== undefined && given.length > 0) continue;
    if (kind === 'req') {
      throw AsmError.at(
        statement,
        0,
        `macro \`${macro.name}\` needs a value for \`${name}\``,
        `it is declared ${usage}`,
      );
    }
    if (given === undefined || fallback !== null) bound.set(name, fallback ?? rest.slice(rest.length));
  }
  return bound;
}

/** A body statement with `\name`, `\@` and `\()` replaced. */
export function substitute(
  body: Text,
  values: ReadonlyMap<string, Text>,
  count: number,
  via: Invocation | null,
): Text {
  if (!body.text.includes('\\')) return body.withVia(via);
  const builder = new TextBuilder();
  const names = [...values.keys()].sort((a, b) => b.length - a.length);
  let from = 0;
  for (let i = body.text.indexOf('\\'); i >= 0; i = body.text.indexOf('\\', i)) {
    const next = body.text.slice(i + 1);
    const offset = body.offset(i);
    let text: string | undefined;
    let length = 0;
    if (next.startsWith('@')) [text, length] = [String(count), 2];
    else if (next.startsWith('()')) [text, length] = ['', 3];
    else {
      const word = /^[A-Za-z_$][\w$]*/.exec(next)?.[0] ?? '';
      const name = names.includes(word) ? word : names.find((n) => next.startsWith(n) && n.includes('.'));
      if (name !== undefined) [text, length] = [(values.get(name) as Text).text, name.length + 1];
    }
    if (text === undefined) {
      i++;
      continue;
    }
    builder.copy(body, from, i);
    builder.substitute(text, offset);
    if (builder.length > MAX_STATEMENT) {
      const whole = body.withVia(via);
      throw AsmError.at(
        whole,
        i,
        'macro argument grows without end',
        'does the macro call itself with more each time?',
      );
    }
    from = i + length;
    i = from;
  }
  builder.copy(body, from);
  return builder.finish(body.source, body.offset(body.length), via);
}

/** Words separated by commas or blanks; blanks around an operator belong to the word. */
export function words(text: Text): Text[] {
  return wordsUpTo(text, Number.POSITIVE_INFINITY).pieces;
}

/** At most `limit` words, and what follows them untouched (`null` if nothing does). */
function wordsUpTo(text: Text, limit: number): { pieces: Text[]; tail: Text | null } {
  const pieces: Text[] = [];
  const trimmed = text.trim();
  let from = 0;
  while (from < trimmed.length) {
    if (pieces.length >= limit) return { pieces, tail: trimmed.slice(from) };
    const end = wordEnd(trimmed, from);
    pieces.push(trimmed.slice(from, end).trim());
    const after = /^\s*,?\s*/.exec(trimmed.text.slice(end))?.[0].length ?? 0;
    from = end + after;
    if (from >= trimmed.length && trimmed.text.endsWith(',')) pieces.push(trimmed.slice(trimmed.length));
  }
  return { pieces, tail: null };
}

/**
 * End of the word that starts at `from`. Only parentheses and quotes protect, as in both GNU as and LLVM;
 * where these two disagree about a blank, it is an error.
 */
function wordEnd(words: Text, from: number): number {
  const { text } = words;
  if (text[from] === '"') return stringEnd(text, from);
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '"') i = stringEnd(text, i) - 1;
    else if (c === '(') depth++;
    else if (c === ')') depth--;
    else if (depth > 0) continue;
    else if (c === ',') return i;
    else if (c === ' ' || c === '\t') {
      const rest = text.slice(i).trimStart();
      const next = text.length - rest.length;
      const glued = /^[=:]|^(?:<<|>>|==|!=|&&|\|\||[-+*/%<>&|^])\s/.test(rest);
      if (!glued && !OPERATORS.includes(text[i - 1] ?? ' ')) {
        if (!/^[-+*/<>&|^~!]/.test(rest)) return i;
        const hint = 'separate macro arguments with a comma, or put blanks on both sides of an operator';
        throw AsmError.at(words, next, 'one macro argument or two?', hint);
      }
      i = next + (glued ? (/^\S+\s*/.exec(rest) as RegExpExecArray)[0].length : 0) - 1;
    }
  }
  return text.length;
}

function unquote(text: Text): Text {
  const quoted = text.text.startsWith('"') && stringEnd(text.text, 0) === text.length && text.length > 1;
  return quoted ? text.slice(1, text.length - 1) : text;
}

function describe(parameter: Parameter): string {
  if (parameter.kind !== 'plain') return `${parameter.name}:${parameter.kind}`;
  return parameter.fallback === null ? parameter.name : `${parameter.name}=${parameter.fallback.text}`;
}
