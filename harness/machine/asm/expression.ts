// SPDX-License-Identifier: MIT
/**
 * Integer expressions of assembler text and of preprocessor conditions: parsed once, evaluated with
 * unbounded signed integers. Operator ranks: GNU as manual, "Infix Operators"; C17 6.5 for conditions.
 */

export type Expression =
  | { readonly kind: 'number'; readonly value: bigint }
  /** A name, `.` for the present address, or a local label reference such as `1b`. */
  | { readonly kind: 'symbol'; readonly name: string; readonly at: number }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    };

/** Which language an expression is of: assembler text (`as`) or a preprocessor condition (`c`). */
export type Dialect = 'as' | 'c';

/** `at` is the index in the expression's text. `symbol`: the name that has no value. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  constructor(
    message: string,
    readonly at: number,
    readonly symbol: string | null = null,
  ) {
    super(message);
  }
}

const RANKS: Readonly<Record<Dialect, Readonly<Record<string, number>>>> = {
  as: {
    ...{ '||': 1, '&&': 2, '==': 3, '!=': 3, '<>': 3, '<': 3, '>': 3, '<=': 3, '>=': 3, '+': 4, '-': 4 },
    ...{ '|': 5, '&': 5, '^': 5, '!': 5, '*': 6, '/': 6, '%': 6, '<<': 6, '>>': 6 },
  },
  c: {
    ...{ '||': 1, '&&': 2, '|': 3, '^': 4, '&': 5, '==': 6, '!=': 6, '<': 7, '>': 7, '<=': 7, '>=': 7 },
    ...{ '<<': 8, '>>': 8, '+': 9, '-': 9, '*': 10, '/': 10, '%': 10 },
  },
};

const TOKEN =
  /\s*(?:(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)([A-Za-z_.$][\w.$]*)?|([A-Za-z_.$][\w.$]*)|('(?:\\.|[^\\'])'?)|(<<|>>|<=|>=|<>|==|!=|&&|\|\||[-+*/%&|^~!<>()]))/y;

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', 0: '\0' };
/** Bounds that no real source comes near, so that a runaway one ends in an error. */
const MAX_TOKENS = 2000;
const MAX_VALUE = 1n << 256n;
/** Deepest nesting of parentheses and prefix operators; far above any real source. */
const MAX_DEPTH = 200;

interface Token {
  readonly text: string;
  readonly at: number;
  readonly leaf: Expression | null;
}

/** @throws ExpressionError when the text is no expression. */
export function parseExpression(text: string, dialect: Dialect = 'as'): Expression {
  const tokens = tokenize(text, dialect);
  const surplus = tokens[MAX_TOKENS];
  if (surplus !== undefined) throw new ExpressionError('expression is too long', surplus.at);
  const ranks = RANKS[dialect];
  let next = 0;

  function binary(least: number, depth: number): Expression {
    let left = unary(depth);
    for (;;) {
      const token = tokens[next];
      const rank = token && !token.leaf ? ranks[token.text] : undefined;
      if (token === undefined || rank === undefined || rank < least) return left;
      next++;
      left = { kind: 'binary', operator: token.text, left, right: binary(rank + 1, depth), at: token.at };
    }
  }

  function unary(depth: number): Expression {
    const token = tokens[next++];
    if (token === undefined)
      throw new ExpressionError('expression ends where a value is expected', text.length);
    if (depth > MAX_DEPTH) throw new ExpressionError('expression is nested too deeply', token.at);
    if (token.leaf) return token.leaf;
    if ('-+~!'.includes(token.text))
      return { kind: 'unary', operator: token.text, operand: unary(depth + 1) };
    if (token.text !== '(')
      throw new ExpressionError(`\`${token.text}\` where a value is expected`, token.at);
    const inner = binary(1, depth + 1);
    if (tokens[next]?.text !== ')') throw new ExpressionError('`(` is never closed', token.at);
    next++;
    return inner;
  }

  const whole = binary(1, 0);
  const rest = tokens[next];
  if (rest !== undefined)
    throw new ExpressionError(`\`${rest.text}\` after the end of the expression`, rest.at);
  return whole;
}

function tokenize(text: string, dialect: Dialect): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (let at = 0; at < end; ) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) {
      const start = at + ((text.slice(at).match(/^\s*/) as RegExpMatchArray)[0] as string).length;
      throw new ExpressionError(`\`${text[start]}\` is no part of an expression`, start);
    }
    at = TOKEN.lastIndex;
    const [whole, digits, suffix, name, character, operator] = match;
    const start = at - whole.trimStart().length;
    tokens.push({
      text: whole.trimStart(),
      at: start,
      leaf: leaf(start, dialect, digits, suffix, name, character),
    });
    if (operator !== undefined && dialect === 'c' && operator === '<>') {
      throw new ExpressionError('`<>` is no operator of a preprocessor condition', start);
    }
  }
  return tokens;
}

function leaf(
  at: number,
  dialect: Dialect,
  digits: string | undefined,
  suffix: string | undefined,
  name: string | undefined,
  character: string | undefined,
): Expression | null {
  if (name !== undefined) return { kind: 'symbol', name, at };
  if (character !== undefined) {
    const body = character.slice(1).replace(/'$/, '');
    const value = body.startsWith('\\') ? (ESCAPES[body.slice(1)] ?? body.slice(1)) : body;
    return { kind: 'number', value: BigInt(value.charCodeAt(0)) };
  }
  if (digits === undefined) return null;
  if (suffix !== undefined) {
    if (dialect === 'as' && /^[bf]$/.test(suffix) && /^\d+$/.test(digits)) {
      return { kind: 'symbol', name: digits + suffix, at };
    }
    if (!(dialect === 'c' && /^(u|l|ul|lu|ll|ull|llu)$/i.test(suffix))) {
      throw new ExpressionError(`\`${digits}${suffix}\` is no number`, at);
    }
  }
  if (/^0[0-7]+$/.test(digits)) return { kind: 'number', value: BigInt(`0o${digits.slice(1)}`) };
  if (/^0\d/.test(digits)) throw new ExpressionError(`\`${digits}\` is no octal number`, at);
  return { kind: 'number', value: BigInt(digits) };
}

/**
 * Value of a parsed expression. Comparisons yield -1 (as) or 1 (c) when true; `/` and `%` truncate.
 * @throws ExpressionError for a symbol without value, division by zero, or an absurd shift or size.
 */
export function evaluate(
  expression: Expression,
  lookup: (symbol: string) => bigint | undefined,
  dialect: Dialect = 'as',
): bigint {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'symbol': {
      const value = lookup(expression.name);
      if (value === undefined) {
        throw new ExpressionError(`undefined symbol \`${expression.name}\``, expression.at, expression.name);
      }
      return value;
    }
    case 'unary': {
      const value = evaluate(expression.operand, lookup, dialect);
      if (expression.operator === '-') return -value;
      if (expression.operator === '~') return ~value;
      if (expression.operator === '!') return value === 0n ? 1n : 0n;
      return value;
    }
    case 'binary': {
      const left = evaluate(expression.left, lookup, dialect);
      const decided = expression.operator === (left === 0n ? '&&' : '||');
      if (decided && dialect === 'c') return left === 0n ? 0n : 1n;
      const right = evaluate(expression.right, lookup, dialect);
      const value = apply(expression.operator, left, right, expression.at, dialect);
      if (value > MAX_VALUE || value < -MAX_VALUE)
        throw new ExpressionError('value beyond 256 bits', expression.at);
      return value;
    }
  }
}

function apply(operator: string, left: bigint, right: bigint, at: number, dialect: Dialect): bigint {
  const compared = (value: boolean): bigint => (value ? (dialect === 'as' ? -1n : 1n) : 0n);
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
    case '%':
      if (right === 0n) throw new ExpressionError('division by zero', at);
      return operator === '/' ? left / right : left % right;
    case '<<':
    case '>>':
      if (right < 0n || right > 127n) throw new ExpressionError(`shift by ${right}`, at);
      return operator === '<<' ? left << right : left >> right;
    case '&':
      return left & right;
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    case '!':
      return left | ~right;
    case '==':
      return compared(left === right);
    case '!=':
    case '<>':
      return compared(left !== right);
    case '<':
      return compared(left < right);
    case '>':
      return compared(left > right);
    case '<=':
      return compared(left <= right);
    case '>=':
      return compared(left >= right);
    case '&&':
      return left !== 0n && right !== 0n ? 1n : 0n;
    default:
      return left !== 0n || right !== 0n ? 1n : 0n;
  }
}
