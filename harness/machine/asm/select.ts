// SPDX-License-Identifier: MIT
/**
 * From the text of one instruction to a row of the instruction table: the first row of the mnemonic whose
 * operands all parse.
 */
import type { Instruction, InstructionSet, OperandContext } from '../instruction-set.js';
import { type Expression, ExpressionError, evaluate, parseExpression } from './expression.js';

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

  private constructor(private readonly set: InstructionSet) {
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

  /** `lookup` is asked for every symbol, `.` included. */
  select(mnemonic: string, operands: readonly string[], here: bigint, lookup: Lookup): Selected | Refusal {
    const rows = this.rows.get(mnemonic);
    if (rows === undefined) {
      const message = `unknown instruction \`${mnemonic}\``;
      return { kind: 'mnemonic', operand: -1, message, hint: 'it is not in the instruction table' };
    }
    const undefinedSymbols: { name: string; operand: number }[] = [];
    let current = 0;
    const context: OperandContext = {
      registers: this.set.registers,
      register: (text) => this.register(text),
      expression: (text) => {
        const name = this.expression(text, here, lookup);
        if (typeof name !== 'string') return name;
        undefinedSymbols.push({ name, operand: current });
        return undefined;
      },
      here,
    };
    let furthest = -1;
    for (const row of rows) {
      if (row.operands.length !== operands.length) continue;
      const values: unknown[] = [];
      for (current = 0; current < operands.length; current++) {
        const value = row.operands[current]?.parse(operands[current] as string, context);
        if (value === undefined) break;
        values.push(value);
      }
      if (values.length === operands.length) return { row, values };
      furthest = Math.max(furthest, current);
    }
    const forms = [...new Set(rows.map(form))];
    const missing = undefinedSymbols.find(
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
  private expression(text: string, here: bigint, lookup: Lookup): bigint | string | undefined {
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
      return evaluate(parsed, (name) => (name === '.' ? here : lookup(name)));
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      return error.symbol ?? undefined;
    }
  }
}

function form(row: Instruction): string {
  return `${row.mnemonic} ${row.operands.map((kind) => kind.name).join(', ')}`.trimEnd();
}
