// SPDX-License-Identifier: MIT
/**
 * From the text of one instruction to a row of the instruction table: the first row of the mnemonic whose
 * operands all parse.
 */
import type { Instruction, InstructionSet, OperandContext, RegisterTable } from '../instruction-set.js';
import { type Expression, ExpressionError, evaluate, parseExpression } from './expression.js';
import type { Text } from './text.js';

export type Lookup = (symbol: string) => bigint | undefined;

export interface Selected {
  readonly row: Instruction;
  readonly values: readonly unknown[];
}

/** Why no row was taken. */
export interface Refusal {
  readonly kind: 'mnemonic' | 'operands' | 'symbol';
  /** Index of the operand to blame; -1 for the whole instruction. */
  readonly operand: number;
  readonly message: string;
  /** Accepted forms of the mnemonic, or ''. */
  readonly hint: string;
}

/** What was selected for a statement, and what that depended on. */
interface Settled {
  readonly selected: Selected;
  /** Symbols asked for, and their values. */
  readonly symbols: ReadonlyMap<string, bigint | undefined>;
  /** Address at which it was placed; `null`: it made no difference. */
  readonly here: bigint | null;
}

const selectors = new WeakMap<InstructionSet, Selector>();

export class Selector {
  /** One per instruction set: what it has parsed serves every program of the set. */
  static of(set: InstructionSet): Selector {
    let selector = selectors.get(set);
    if (selector === undefined) {
      selector = new Selector(set);
      selectors.set(set, selector);
    }
    return selector;
  }

  private readonly rows = new Map<string, Instruction[]>();
  private readonly registers = new Map<string, number>();
  private readonly parsed = new Map<string, Expression | null>();
  private readonly settled = new Map<string, Settled>();

  private constructor(readonly set: InstructionSet) {
    for (const row of set.table) {
      const mnemonic = row.mnemonic.toLowerCase();
      const list = this.rows.get(mnemonic);
      if (list) list.push(row);
      else this.rows.set(mnemonic, [row]);
    }
    const { names, aliases } = set.registers;
    names.forEach((name, index) => {
      this.registers.set(name.toLowerCase(), index);
    });
    for (const [alias, name] of Object.entries(aliases)) {
      const index = names.indexOf(name);
      if (index < 0) throw new RangeError(`register alias ${alias} stands for unknown ${name}`);
      this.registers.set(alias.toLowerCase(), index);
    }
  }

  get mnemonics(): ReadonlySet<string> {
    return new Set(this.rows.keys());
  }

  /** Index of a register by any spelling, case-insensitive. */
  register(text: string): number | undefined {
    return this.registers.get(text.toLowerCase());
  }

  /**
   * As {@link select}. Passes, revisions and copies place the same statements over and over: what was found for one holds
   * while its symbols have the values they had.
   * @param statement tells one pair of mnemonic and operands from another
   */
  selectAgain(
    statement: string,
    mnemonic: string,
    operands: readonly Text[],
    here: bigint,
    lookup: Lookup,
  ): Selected | Refusal {
    const before = this.settled.get(statement);
    if (before !== undefined && holds(before, here, lookup)) return before.selected;
    const symbols = new Map<string, bigint | undefined>();
    const noted: Lookup = (name) => {
      const value = lookup(name);
      symbols.set(name, value);
      return value;
    };
    const texts = operands.map((operand) => operand.text);
    const context = new Context(this, here, noted);
    const found = this.selectIn(context, mnemonic, texts);
    if ('row' in found)
      this.settled.set(statement, { selected: found, symbols, here: context.isPlaced ? here : null });
    return found;
  }

  /** `lookup` is asked for every symbol but `.`. */
  select(mnemonic: string, operands: readonly string[], here: bigint, lookup: Lookup): Selected | Refusal {
    return this.selectIn(new Context(this, here, lookup), mnemonic, operands);
  }

  private selectIn(context: Context, mnemonic: string, operands: readonly string[]): Selected | Refusal {
    const rows = this.rows.get(mnemonic);
    if (rows === undefined) {
      const message = `unknown instruction \`${mnemonic}\``;
      return { kind: 'mnemonic', operand: -1, message, hint: 'it is not in the instruction table' };
    }
    let furthest = -1;
    for (const row of rows) {
      if (row.operands.length !== operands.length) continue;
      const values: unknown[] = [];
      for (context.operand = 0; context.operand < operands.length; context.operand++) {
        const kind = row.operands[context.operand];
        const value = kind?.parse(operands[context.operand] as string, context);
        if (value === undefined) break;
        values.push(value);
      }
      if (values.length === operands.length) return { row, values };
      furthest = Math.max(furthest, context.operand);
    }
    const forms = [...new Set(rows.map(form))];
    const missing = context.undefinedSymbols.find(
      (s) => s.operand === furthest && this.register(s.name) === undefined,
    );
    if (missing !== undefined) {
      return { kind: 'symbol', operand: furthest, message: `undefined symbol \`${missing.name}\``, hint: '' };
    }
    const count = rows.some((row) => row.operands.length === operands.length);
    return {
      kind: 'operands',
      operand: furthest,
      message: count
        ? `\`${operands[furthest]}\` is no operand ${furthest + 1} of \`${mnemonic}\``
        : `\`${mnemonic}\` does not take ${operands.length} operand${operands.length === 1 ? '' : 's'}`,
      hint: `accepted: ${forms.join(' | ')}`,
    };
  }

  /** Value, `undefined` if the text is no expression, or the name of the symbol that has no value. */
  expression(text: string, lookup: Lookup): bigint | string | undefined {
    let parsed = this.parsed.get(text);
    if (parsed === undefined) {
      try {
        parsed = parseExpression(text);
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error;
        parsed = null;
      }
      this.parsed.set(text, parsed);
    }
    if (parsed === null) return undefined;
    try {
      return evaluate(parsed, lookup);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return error.symbol ?? undefined;
    }
  }
}

/** What operand parsers ask of one statement, and whether its address made a difference. */
class Context implements OperandContext {
  /** Index of the operand that is parsed. */
  operand = 0;
  isPlaced = false;
  readonly undefinedSymbols: { readonly name: string; readonly operand: number }[] = [];
  readonly registers: RegisterTable;

  constructor(
    private readonly selector: Selector,
    private readonly address: bigint,
    private readonly lookup: Lookup,
  ) {
    this.registers = selector.set.registers;
  }

  get here(): bigint {
    this.isPlaced = true;
    return this.address;
  }

  /** Parsers take these apart from their object. */
  readonly register = (text: string): number | undefined => this.selector.register(text);

  readonly expression = (text: string): bigint | undefined => {
    const value = this.selector.expression(text, (name) => (name === '.' ? this.here : this.lookup(name)));
    if (typeof value !== 'string') return value;
    this.undefinedSymbols.push({ name: value, operand: this.operand });
    return undefined;
  };
}

function holds({ symbols, here: there }: Settled, here: bigint, lookup: Lookup): boolean {
  if (there !== null && there !== here) return false;
  for (const [name, value] of symbols) if (lookup(name) !== value) return false;
  return true;
}

function form(row: Instruction): string {
  return `${row.mnemonic} ${row.operands.map((kind) => kind.name).join(', ')}`.trimEnd();
}
