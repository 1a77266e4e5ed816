// SPDX-License-Identifier: MIT
/**
 * C declarations as cases write them: one prototype, or the members of one struct. A subset of C11 6.7:
 * integers, pointers to anything, structs by value. Layout is natural alignment in declaration order
 * (6.7.2.1 and every modelled psABI).
 */
import { integerType, isTypeWord, typeNames } from './integer.js';
import { nearest } from './nearest.js';
import { TextError } from './text-error.js';
import type { Parameter, ReturnType, Signature, StructMember, StructType } from './types.js';

export const maximumParameters = 16;
const qualifiers = new Set(['const', 'volatile', 'restrict', '__user', '__iomem', '__percpu', '__rcu']);
const keywords = new Set(
  'auto break case continue default do else enum extern for goto if inline register return sizeof static switch typedef union while NULL'.split(
    ' ',
  ),
);

/** Whether a function, parameter, member, object or bound name may be called so. */
export function isIdentifier(name: string): boolean {
  return (
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !keywords.has(name) && !isTypeWord(name) && !qualifiers.has(name)
  );
}

interface Token {
  readonly text: string;
  readonly index: number;
}

/** Words, `...` and single characters. The last token is empty and stands at the end of the text. */
function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(/[A-Za-z_][A-Za-z0-9_]*|\.\.\.|\d+|\S/g)) {
    tokens.push({ text: match[0], index: match.index });
  }
  tokens.push({ text: '', index: text.trimEnd().length });
  return tokens;
}

const isWord = (token: Token) => /^[A-Za-z_]/.test(token.text);
const shown = (token: Token) => (token.text === '' ? 'the end' : `\`${token.text}\``);

/** One declarator: type and name. `name` is `null` where none stands. */
interface Declared {
  readonly type: ReturnType;
  readonly name: Token | null;
  readonly start: Token;
}

class Reader {
  private at = 0;
  private readonly tokens: readonly Token[];
  constructor(
    text: string,
    private readonly structs: ReadonlyMap<string, StructType>,
  ) {
    this.tokens = tokenize(text);
  }

  peek(): Token {
    return this.tokens[this.at] as Token;
  }

  next(): Token {
    const token = this.peek();
    if (token.text !== '') this.at++;
    return token;
  }

  take(text: string): boolean {
    if (this.peek().text !== text) return false;
    this.at++;
    return true;
  }

  expect(text: string, where: string): void {
    const token = this.peek();
    if (!this.take(text)) {
      throw new TextError(token.index, `expected \`${text}\` ${where}, found ${shown(token)}`, shape);
    }
  }

  declared(): Declared {
    const start = this.peek();
    if (!isWord(start)) throw new TextError(start.index, `expected a type, found ${shown(start)}`, shape);
    const words: Token[] = [];
    while (isWord(this.peek())) {
      const word = this.next();
      if (qualifiers.has(word.text)) continue;
      words.push(word);
      if (word.text === 'struct' || word.text === 'union' || word.text === 'enum') {
        const tag = this.peek();
        if (!isWord(tag)) {
          throw new TextError(tag.index, `\`${word.text}\` needs a tag, found ${shown(tag)}`, shape);
        }
        words.push(this.next());
      }
    }
    let stars = 0;
    while (this.peek().text === '*' || qualifiers.has(this.peek().text)) {
      if (this.next().text === '*') stars++;
    }
    if (stars > 0) {
      const spelled = words.map((word) => word.text).join(' ');
      const name = isWord(this.peek()) ? this.next() : null;
      this.refuseDeclarator();
      return { type: { kind: 'pointer', name: `${spelled} ${'*'.repeat(stars)}`, size: 8 }, name, start };
    }
    const last = words.at(-1);
    const tagged = words.length === 2 && words[0]?.text === 'struct';
    const name = last && words.length > 1 && !tagged && !isTypeWord(last.text) ? last : null;
    this.refuseDeclarator();
    return { type: this.typeOf(name ? words.slice(0, -1) : words, start), name, start };
  }

  private refuseDeclarator(): void {
    const token = this.peek();
    if (token.text === '[') {
      throw new TextError(
        token.index,
        'arrays cannot be passed by value',
        'write a pointer, or a struct member for each element',
      );
    }
  }

  private typeOf(words: readonly Token[], start: Token): ReturnType {
    const spelled = words.map((word) => word.text).join(' ');
    if (spelled === 'void') return { kind: 'void', name: 'void', size: 0 };
    const integer = integerType(spelled);
    if (integer) return integer;
    const [first, tag] = words;
    if (first?.text === 'struct' && tag && words.length === 2) {
      const struct = this.structs.get(tag.text);
      if (struct) return struct;
      const known = [...this.structs.keys()].map((name) => `\`${name}\``).join(', ');
      throw new TextError(
        tag.index,
        `struct ${tag.text} is not declared`,
        `declare it under \`structs:\`${known === '' ? '' : ` (declared are ${known})`}, or pass a pointer`,
      );
    }
    const odd = words.find((word) => !isTypeWord(word.text)) ?? start;
    const near = nearest(odd.text, typeNames);
    throw new TextError(
      odd.index,
      `unknown type \`${spelled}\``,
      near === undefined ? types : `did you mean \`${near}\`?`,
    );
  }
}

const types =
  'types are u8 … u128, s8 … s128, bool, size_t, C integers, pointers, and `struct tag` declared in `structs:`';
const shape = 'a prototype looks like `u64 sum(u64 a, const char *b)`';

function name(declared: Declared, what: string): string {
  const token = declared.name;
  if (!token)
    throw new TextError(declared.start.index, `${what} has no name`, `give it one, as in \`u64 a\``);
  if (!isIdentifier(token.text)) {
    throw new TextError(
      token.index,
      `\`${token.text}\` is a word of C and cannot be a name`,
      'choose another name',
    );
  }
  return token.text;
}

/**
 * Parses one prototype, `u64 sum6(u64 a, struct pair b, void *c)`. Every parameter has a name;
 * `structs` are those that may be passed by value.
 * @throws TextError
 */
export function parsePrototype(text: string, structs: ReadonlyMap<string, StructType>): Signature {
  const reader = new Reader(text, structs);
  const result = reader.declared();
  const functionName = name(result, 'the function');
  reader.expect('(', `after \`${functionName}\``);
  const parameters: Parameter[] = [];
  if (!reader.take(')')) {
    do {
      if (reader.peek().text === '...') {
        throw new TextError(
          reader.peek().index,
          'a variable number of arguments is not modelled',
          'name every parameter',
        );
      }
      const declared = reader.declared();
      const number = parameters.length + 1;
      if (declared.type.kind === 'void') {
        if (number === 1 && !declared.name && reader.peek().text === ')') break;
        throw new TextError(
          declared.start.index,
          `parameter ${number} is void`,
          'an empty list is `(void)`; a pointer is `void *p`',
        );
      }
      if (number > maximumParameters) {
        throw new TextError(
          declared.start.index,
          `more than ${maximumParameters} parameters`,
          'no function of the kernel has so many; use fewer',
        );
      }
      const parameter = name(declared, `parameter ${number}`);
      if (parameters.some((earlier) => earlier.name === parameter)) {
        throw new TextError(
          declared.name?.index ?? 0,
          `two parameters are called \`${parameter}\``,
          'rename one of them',
        );
      }
      parameters.push({ name: parameter, type: declared.type });
    } while (reader.take(','));
    reader.expect(')', 'after the parameters');
  }
  reader.take(';');
  const rest = reader.peek();
  if (rest.text !== '')
    throw new TextError(rest.index, `expected the end of the prototype, found ${shown(rest)}`, shape);
  return { name: functionName, result: result.type, parameters };
}

/**
 * Parses the members of a struct, `u64 a; char b`, and lays them out with natural alignment.
 * @throws TextError
 */
export function parseStruct(tag: string, text: string): StructType {
  const reader = new Reader(text, new Map());
  const members: StructMember[] = [];
  let end = 0;
  let align = 1;
  do {
    if (reader.peek().text === '' && members.length > 0) break;
    const declared = reader.declared();
    const member = name(declared, `member ${members.length + 1}`);
    if (declared.type.kind === 'void' || declared.type.kind === 'struct') {
      throw new TextError(
        declared.start.index,
        `member \`${member}\` is ${declared.type.name}`,
        'members are integers and pointers',
      );
    }
    if (members.some((earlier) => earlier.name === member)) {
      throw new TextError(
        declared.name?.index ?? 0,
        `two members are called \`${member}\``,
        'rename one of them',
      );
    }
    const size = declared.type.size;
    const offset = Math.ceil(end / size) * size;
    members.push({ name: member, type: declared.type, offset });
    end = offset + size;
    align = Math.max(align, size);
  } while (reader.take(';'));
  const rest = reader.peek();
  if (rest.text !== '') {
    throw new TextError(
      rest.index,
      `expected \`;\` after a member, found ${shown(rest)}`,
      'members look like `u64 a; char b`',
    );
  }
  return { kind: 'struct', name: tag, size: Math.ceil(end / align) * align, align, members };
}
