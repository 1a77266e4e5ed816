// SPDX-License-Identifier: MIT
/**
 * The expressions of cases: C's operators and precedence (C11 6.5), numbers of up to 128 bits, names,
 * members, addresses of objects and functions, struct values. Parsing and printing; `evaluate` gives values.
 */
import { TextError } from '../ctype/text-error.js';
import type { Expression } from './types.js';

export { constantOf, evaluate, type NamedValue } from './evaluate.js';

export type BinaryOperator = Extract<Expression, { kind: 'binary' }>['operator'];

/** Higher binds tighter. */
const precedence: ReadonlyMap<string, number> = new Map([
  ['|', 1],
  ['^', 2],
  ['&', 3],
  ['==', 4],
  ['!=', 4],
  ['<', 5],
  ['<=', 5],
  ['>', 5],
  ['>=', 5],
  ['<<', 6],
  ['>>', 6],
  ['+', 7],
  ['-', 7],
  ['*', 8],
  ['/', 8],
  ['%', 8],
]);

/** Bounds that keep every later walk over the tree shallow. */
const maximumLength = 2000;
const maximumNesting = 50;
const largest = (1n << 128n) - 1n;
const smallest = -(1n << 127n);

interface Token {
  readonly kind: 'number' | 'name' | 'operator' | 'end';
  readonly text: string;
  readonly index: number;
}

/** An expression and where each of its nodes begins in the text. */
export interface ParsedExpression {
  readonly expression: Expression;
  indexOf(node: Expression): number;
}

export interface ParsedCall {
  readonly function: string;
  readonly functionIndex: number;
  readonly arguments: readonly Expression[];
  indexOf(node: Expression): number;
}

function tokenize(text: string): Token[] {
  if (text.length > maximumLength) {
    throw new TextError(
      0,
      `an expression longer than ${maximumLength} characters`,
      'split it into several steps',
    );
  }
  const tokens: Token[] = [];
  const pattern =
    /\s+|(0[xX][0-9A-Za-z_]*|[0-9][0-9A-Za-z_]*)|([A-Za-z_][A-Za-z0-9_]*)|(&&|\|\||<<|>>|[<>=!]=|->|[-+*/%&|^~!<>(){},.])|(.)/gsy;
  for (const match of text.matchAll(pattern)) {
    const { index } = match;
    const [, number, name, operator, other] = match;
    if (number !== undefined) tokens.push({ kind: 'number', text: checkedNumber(number, index), index });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name, index });
    else if (operator !== undefined) tokens.push({ kind: 'operator', text: operator, index });
    else if (other !== undefined) throw unexpected(other, index);
  }
  tokens.push({ kind: 'end', text: '', index: text.trimEnd().length });
  return tokens;
}

function checkedNumber(text: string, index: number): string {
  if (/^0[xX][0-9a-fA-F]+$/.test(text) || /^(0|[1-9][0-9]*)$/.test(text)) return text;
  if (/^0[0-9]+$/.test(text)) {
    throw new TextError(index, `\`${text}\` is octal in C`, 'write it in decimal or as 0x…');
  }
  throw new TextError(index, `\`${text}\` is not a number`, 'numbers are decimal or 0x…, without suffix');
}

function unexpected(text: string, index: number): TextError {
  const remedies: Readonly<Record<string, string>> = {
    '?': 'there is no conditional expression; use `when:` on a step',
    '=': 'compare with `==`; results are bound with `as:`',
    ':': 'there is no conditional expression; use `when:` on a step',
    '[': 'there is no indexing; objects are only passed by address',
    '"': 'there are no texts; name an object and pass its address',
    "'": 'there are no character constants; write the number',
    $: `a parameter of \`for:\` is written \`\${name}\``,
  };
  return new TextError(
    index,
    `\`${text}\` is not part of the expression language`,
    remedies[text] ?? operators,
  );
}

const operators =
  'an expression has numbers, names, `&object`, parentheses and the operators + - * / % & | ^ << >> == != < <= > >= ~ !';

class Reader {
  private at = 0;
  private nesting = 0;
  private readonly tokens: readonly Token[];
  readonly starts = new Map<Expression, number>();

  constructor(text: string) {
    this.tokens = tokenize(text);
  }

  peek(): Token {
    return this.tokens[this.at] as Token;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.at++;
    return token;
  }

  take(text: string): boolean {
    if (this.peek().kind !== 'operator' || this.peek().text !== text) return false;
    this.at++;
    return true;
  }

  expect(text: string, purpose: string): void {
    const token = this.peek();
    if (!this.take(text))
      throw new TextError(token.index, `expected \`${text}\` ${purpose}, found ${shown(token)}`, operators);
  }

  end(): void {
    const token = this.peek();
    if (token.kind === 'end') return;
    if (token.text === '&&' || token.text === '||') {
      throw new TextError(
        token.index,
        `there is no \`${token.text}\``,
        'combine comparisons, which give 0 or 1, with `&` and `|`',
      );
    }
    if (token.text === '->') {
      throw new TextError(
        token.index,
        'there is no `->`',
        'objects have no members; `.` takes a member of a struct value',
      );
    }
    throw new TextError(token.index, `expected an operator or the end, found ${shown(token)}`, operators);
  }

  private placed<E extends Expression>(node: E, index: number): E {
    this.starts.set(node, index);
    return node;
  }

  binary(minimum: number): Expression {
    let left = this.unary();
    for (;;) {
      const token = this.peek();
      const binds = token.kind === 'operator' ? precedence.get(token.text) : undefined;
      if (binds === undefined || binds < minimum) return left;
      this.next();
      const right = this.binary(binds + 1);
      const operator = token.text as BinaryOperator;
      left = this.placed({ kind: 'binary', operator, left, right }, this.starts.get(left) ?? token.index);
    }
  }

  private unary(): Expression {
    const token = this.peek();
    if (++this.nesting > maximumNesting)
      throw new TextError(token.index, 'an expression nested too deeply', 'write it flatter');
    try {
      return this.prefixed(token);
    } finally {
      this.nesting--;
    }
  }

  private prefixed(token: Token): Expression {
    if (this.take('-')) {
      const digits = this.peek();
      if (digits.kind === 'number') {
        this.next();
        return this.number(-BigInt(digits.text), token.index);
      }
      return this.placed({ kind: 'unary', operator: '-', operand: this.unary() }, token.index);
    }
    if (this.take('~'))
      return this.placed({ kind: 'unary', operator: '~', operand: this.unary() }, token.index);
    if (this.take('!'))
      return this.placed({ kind: 'unary', operator: '!', operand: this.unary() }, token.index);
    if (this.take('&')) {
      const name = this.next();
      if (name.kind !== 'name') {
        throw new TextError(
          name.index,
          `expected a name after \`&\`, found ${shown(name)}`,
          '`&` takes the address of an object or a function',
        );
      }
      return this.placed({ kind: 'address', object: name.text }, token.index);
    }
    return this.postfixed();
  }

  private postfixed(): Expression {
    let node = this.primary();
    while (this.take('.')) {
      const member = this.next();
      if (member.kind !== 'name')
        throw new TextError(
          member.index,
          `expected a member after \`.\`, found ${shown(member)}`,
          'write `value.member`',
        );
      node = this.placed(
        { kind: 'member', of: node, member: member.text },
        this.starts.get(node) ?? member.index,
      );
    }
    return node;
  }

  private primary(): Expression {
    const token = this.next();
    if (token.kind === 'number') return this.number(BigInt(token.text), token.index);
    if (token.kind === 'name') {
      if (token.text === 'NULL') return this.placed({ kind: 'number', value: 0n }, token.index);
      if (this.peek().text === '(') {
        throw new TextError(
          token.index,
          `\`${token.text}(…)\` is a call, which an expression cannot make`,
          'make it a step, `- call: …` with `as: name`, and use the name',
        );
      }
      return this.placed({ kind: 'name', name: token.text }, token.index);
    }
    if (token.text === '(') {
      const inner = this.binary(0);
      this.expect(')', 'to close the parenthesis');
      return inner;
    }
    if (token.text === '{') {
      const members: Expression[] = [];
      do members.push(this.binary(0));
      while (this.take(','));
      this.expect('}', 'after the members');
      return this.placed({ kind: 'struct', members }, token.index);
    }
    throw new TextError(token.index, `expected a value, found ${shown(token)}`, operators);
  }

  private number(value: bigint, index: number): Expression {
    if (value > largest || value < smallest)
      throw new TextError(index, 'a number of more than 128 bits', 'no integer type is wider');
    return this.placed({ kind: 'number', value }, index);
  }
}

const shown = (token: Token) => (token.kind === 'end' ? 'the end' : `\`${token.text}\``);

/** @throws TextError */
export function parseExpression(text: string): ParsedExpression {
  const reader = new Reader(text);
  const expression = reader.binary(0);
  reader.end();
  return { expression, indexOf: (node) => reader.starts.get(node) ?? 0 };
}

/**
 * Parses `name(expression, …)`.
 * @throws TextError
 */
export function parseCall(text: string): ParsedCall {
  const reader = new Reader(text);
  const name = reader.next();
  if (name.kind !== 'name') {
    throw new TextError(
      name.index,
      `expected the name of a function, found ${shown(name)}`,
      'a call looks like `f(1, a + 2)`',
    );
  }
  const token = reader.peek();
  if (!reader.take('(')) {
    throw new TextError(
      token.index,
      `expected \`(\` after \`${name.text}\`, found ${shown(token)}`,
      'a call looks like `f(1, a + 2)`, without arguments `f()`',
    );
  }
  const values: Expression[] = [];
  if (!reader.take(')')) {
    do values.push(reader.binary(0));
    while (reader.take(','));
    reader.expect(')', 'after the arguments');
  }
  const rest = reader.peek();
  if (rest.kind !== 'end') {
    throw new TextError(
      rest.index,
      `expected the end after the call, found ${shown(rest)}`,
      'a step makes one call; bind its result with `as:`',
    );
  }
  return {
    function: name.text,
    functionIndex: name.index,
    arguments: values,
    indexOf: (node) => reader.starts.get(node) ?? 0,
  };
}

/** Text that parses to an equal tree: every operator in parentheses. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return expression.value.toString();
    case 'name':
      return expression.name;
    case 'member':
      return `${printOperand(expression.of)}.${expression.member}`;
    case 'address':
      return `&${expression.object}`;
    case 'unary':
      return `${expression.operator}${printOperand(expression.operand)}`;
    case 'binary':
      return `${printOperand(expression.left)} ${expression.operator} ${printOperand(expression.right)}`;
    case 'struct':
      return `{${expression.members.map(printExpression).join(', ')}}`;
  }
}

function printOperand(expression: Expression): string {
  const text = printExpression(expression);
  const atom = expression.kind === 'name' || expression.kind === 'struct' || expression.kind === 'member';
  return atom ? text : `(${text})`;
}
