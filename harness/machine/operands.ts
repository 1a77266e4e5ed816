// SPDX-License-Identifier: MIT
/**
 * Building blocks for operand kinds, from which back-ends make their own: registers, immediates with
 * ranges, addresses, relocation modifiers, and the memory forms of GNU as.
 */
import type { OperandContext, OperandKind } from './instruction-set.js';

/** A kind from a name and a parser. */
export function kind<T>(
  name: string,
  parse: (text: string, context: OperandContext) => T | undefined,
): OperandKind<T> {
  return { name, parse };
}

/** The first of several kinds that parses. */
export function either<A, B>(a: OperandKind<A>, b: OperandKind<B>): OperandKind<A | B> {
  return kind<A | B>(
    `${a.name} or ${b.name}`,
    (text, context) => a.parse(text, context) ?? b.parse(text, context),
  );
}

/** The result of another kind, changed. `undefined` from `change` refuses the operand. */
export function mapped<A, B>(
  name: string,
  from: OperandKind<A>,
  change: (value: A, context: OperandContext) => B | undefined,
): OperandKind<B> {
  return kind(name, (text, context) => {
    const value = from.parse(text, context);
    return value === undefined ? undefined : change(value, context);
  });
}

/** Exactly this text, case-insensitive: `lsl`, `uxtw`. */
export function word(text: string): OperandKind<string> {
  return kind(`\`${text}\``, (given) => (given.toLowerCase() === text.toLowerCase() ? text : undefined));
}

/** A register by any spelling; the value is its index. `of`: the canonical names that are allowed. */
export function register(name: string, of?: readonly string[], prefix = ''): OperandKind<number> {
  const allowed = of === undefined ? null : new Set(of);
  return kind(name, (text, { registers, register: find }) => {
    if (!text.startsWith(prefix)) return undefined;
    const index = find(text) ?? find(text.slice(prefix.length));
    if (index === undefined) return undefined;
    return allowed === null || allowed.has(registers.names[index] as string) ? index : undefined;
  });
}

export interface ImmediateRule {
  /** `#`, `$` or none; `optional` prefixes may be left out. */
  readonly prefix?: '#' | '$';
  readonly optional?: boolean;
  /** Inclusive bounds. */
  readonly min: bigint;
  readonly max: bigint;
  readonly multiple?: bigint;
}

/** An integer in a range; the range is part of the name in error messages. */
export function immediate(rule: ImmediateRule, what = 'immediate'): OperandKind<bigint> {
  const { prefix = '', optional = false, min, max, multiple = 1n } = rule;
  const steps = multiple === 1n ? '' : `, multiple of ${multiple}`;
  return kind(`${prefix}${what} (${min}…${max}${steps})`, (text, context) => {
    const body = afterPrefix(text, prefix, optional);
    if (body === undefined || (prefix === '' && context.register(body) !== undefined)) return undefined;
    const value = context.expression(body);
    if (value === undefined || value < min || value > max || value % multiple !== 0n) return undefined;
    return value;
  });
}

/** Inclusive bounds of an immediate of so many bits. */
export function signed(bits: number): { min: bigint; max: bigint } {
  return { min: -(1n << BigInt(bits - 1)), max: (1n << BigInt(bits - 1)) - 1n };
}

export function unsigned(bits: number): { min: bigint; max: bigint } {
  return { min: 0n, max: (1n << BigInt(bits)) - 1n };
}

/**
 * A label or address, as an unsigned 64-bit value. `reach`: how far from the instruction it may lie, in
 * bytes, inclusive. A suffix such as `@PLT` is allowed if named.
 */
export function address(
  reach?: { readonly min: bigint; readonly max: bigint },
  suffixes: readonly string[] = [],
): OperandKind<bigint> {
  const name = reach === undefined ? 'address' : `address within ${reach.min}…${reach.max}`;
  return kind(name, (text, context) => {
    const suffix = suffixes.find((s) => text.toLowerCase().endsWith(s.toLowerCase())) ?? '';
    const body = text.slice(0, text.length - suffix.length);
    if (context.register(body) !== undefined) return undefined;
    const value = context.expression(body);
    if (value === undefined) return undefined;
    const target = BigInt.asUintN(64, value);
    const distance = BigInt.asIntN(64, target - context.here);
    return reach === undefined || (distance >= reach.min && distance <= reach.max) ? target : undefined;
  });
}

/** A relocation modifier before or around a symbol: `:lo12:sym`, `%hi(sym)`. The value is the symbol's. */
export function modified(modifier: string): OperandKind<bigint> {
  const before = modifier.startsWith(':');
  return kind(before ? `${modifier}symbol` : `${modifier}(symbol)`, (text, context) => {
    const body = text.replace(/^#/, '');
    if (!body.toLowerCase().startsWith(modifier.toLowerCase())) return undefined;
    const rest = body.slice(modifier.length).trim();
    if (before) return context.expression(rest);
    return rest.startsWith('(') && rest.endsWith(')') ? context.expression(rest.slice(1, -1)) : undefined;
  });
}

/** A symbol with a modifier after it: `sym@ha`, `sym@toc@l`. */
export function suffixed(suffix: string): OperandKind<bigint> {
  return kind(`symbol${suffix}`, (text, context) =>
    text.toLowerCase().endsWith(suffix.toLowerCase())
      ? context.expression(text.slice(0, text.length - suffix.length))
      : undefined,
  );
}

// ------------------------------------------------------------------------------------------- memory

/** The parts of `[a, b, c]` with what follows the bracket (`!`, or nothing). */
export interface Bracketed {
  readonly parts: readonly string[];
  readonly after: string;
}

/** Takes `[a, b, c]!` apart; `undefined` if the text is no bracketed operand. */
export function bracketed(text: string): Bracketed | undefined {
  const match = /^\[([^\]]*)\]\s*(!?)$/.exec(text);
  if (match === null) return undefined;
  return { parts: (match[1] as string).split(',').map((part) => part.trim()), after: match[2] as string };
}

/** The parts of `disp(a, b, c)`: displacement text ('' if none) and what the parentheses hold. */
export interface Displaced {
  readonly displacement: string;
  readonly parts: readonly string[];
}

/** Takes `disp(base)`, `disp(base, index, scale)` apart; `undefined` without a closing parenthesis. */
export function displaced(text: string): Displaced | undefined {
  if (!text.endsWith(')')) return undefined;
  let depth = 0;
  for (let i = text.length - 1; i >= 0; i--) {
    if (text[i] === ')') depth++;
    else if (text[i] === '(' && --depth === 0) {
      const parts = text.slice(i + 1, -1).split(',');
      return { displacement: text.slice(0, i).trim(), parts: parts.map((part) => part.trim()) };
    }
  }
  return undefined;
}

export interface BaseOffset {
  /** Index of the base register. */
  readonly base: number;
  readonly offset: bigint;
}

/** `[base]` or `[base, #imm]`; with `writeback`, `[base, #imm]!`. */
export function bracketMemory(
  base: OperandKind<number>,
  offset: OperandKind<bigint>,
  writeback = false,
): OperandKind<BaseOffset> {
  return kind(`[${base.name}, ${offset.name}]${writeback ? '!' : ''}`, (text, context) => {
    const found = bracketed(text);
    if (found === undefined || (found.after === '!') !== writeback || found.parts.length > 2)
      return undefined;
    const [first = '', second] = found.parts;
    const index = base.parse(first, context);
    const value = second === undefined ? (writeback ? undefined : 0n) : offset.parse(second, context);
    return index === undefined || value === undefined ? undefined : { base: index, offset: value };
  });
}

/** `imm(base)`, `(base)`. */
export function displacedMemory(
  base: OperandKind<number>,
  offset: OperandKind<bigint>,
): OperandKind<BaseOffset> {
  return kind(`${offset.name}(${base.name})`, (text, context) => {
    const found = displaced(text);
    if (found === undefined || found.parts.length !== 1) return undefined;
    const index = base.parse(found.parts[0] as string, context);
    const value = found.displacement === '' ? 0n : offset.parse(found.displacement, context);
    return index === undefined || value === undefined ? undefined : { base: index, offset: value };
  });
}

/** `sym(%rip)`-like: an address relative to a register that only names the present address. */
export function relative(pcName: string): OperandKind<bigint> {
  return kind(`symbol(${pcName})`, (text, context) => {
    const found = displaced(text);
    if (found === undefined || found.parts.length !== 1 || found.parts[0]?.toLowerCase() !== pcName)
      return undefined;
    const value = context.expression(found.displacement);
    return value === undefined ? undefined : BigInt.asUintN(64, value);
  });
}

/** `*operand`: an indirect jump's target. */
export function indirect<T>(of: OperandKind<T>): OperandKind<T> {
  return kind(`*${of.name}`, (text, context) =>
    text.startsWith('*') ? of.parse(text.slice(1).trim(), context) : undefined,
  );
}

function afterPrefix(text: string, prefix: string, optional: boolean): string | undefined {
  if (text.startsWith(prefix)) return text.slice(prefix.length).trim();
  return optional ? text : undefined;
}
