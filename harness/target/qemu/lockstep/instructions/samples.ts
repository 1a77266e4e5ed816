// SPDX-License-Identifier: MIT
/**
 * Operands of instructions, made at random: texts in every form that assemblers write operands in are offered, and the kind of
 * the operand takes what it takes. Its own parser is the authority on that; nothing here knows a back-end.
 */
import { evaluate, parseExpression } from '../../../../machine/asm/expression.js';
import { Selector } from '../../../../machine/asm/select.js';
import type {
  Instruction,
  InstructionSet,
  OperandContext,
  OperandKind,
} from '../../../../machine/instruction-set.js';
import type { Chance } from '../chance.js';

/** Symbols that operands may name, by what they are good for. */
export interface Symbols {
  /** To be gone to, or to be read, by the flavour of the row. */
  readonly target: readonly string[];
  /** Value of any symbol, near to what it will be. */
  readonly values: ReadonlyMap<string, bigint>;
}

/** In this order: a name without one is never wrong where it will do. */
const PREFIXES = ['', '%', '$'];
const TRIES = 400;

export class Samples {
  readonly #selector: Selector;
  /** As they are spelled in operands. */
  readonly #registers: readonly string[];

  constructor(
    readonly set: InstructionSet,
    readonly chance: Chance,
    /** About where the instructions will lie. */
    readonly here: bigint,
  ) {
    this.#selector = Selector.of(set);
    const { names } = set.registers;
    const context = this.#context({ target: [], values: new Map() });
    const isName = (text: string) =>
      set.table.some(({ operands }) => operands.some((kind) => kind.parse(text, context) !== undefined));
    const prefix = PREFIXES.find((one) => isName(`${one}${names[0]}`)) ?? '';
    this.#registers = names.map((name) => `${prefix}${name}`);
  }

  /** Text of an instruction that is read as this row and no other; `null`: none was found. */
  instruction(row: Instruction, symbols: Symbols): string | null {
    for (let tries = 0; tries < 40; tries++) {
      const operands: string[] = [];
      for (const kind of row.operands) {
        const text = this.#operand(kind, symbols);
        if (text !== null) operands.push(text);
      }
      if (operands.length < row.operands.length) continue;
      const found = this.#selector.select(
        row.mnemonic,
        operands.length === 0 ? [] : operands,
        this.here,
        (name) => symbols.values.get(name),
      );
      // What has no operands is read with one that is empty.
      if ('row' in found && found.row === row) return `${row.mnemonic} ${operands.join(', ')}`.trim();
    }
    return null;
  }

  #operand(kind: OperandKind<unknown>, symbols: Symbols): string | null {
    const context = this.#context(symbols);
    const takes = (text: string) => kind.parse(text, context) !== undefined;
    // What is always spelled in one way is called so.
    const literal = kind.name.replaceAll('`', '');
    if (takes(literal)) return literal;
    const target = symbols.target.length === 0 ? '' : this.chance.pick(symbols.target);
    if (target !== '' && takes(target)) return target;
    for (let tries = 0; tries < TRIES; tries++) {
      const text = this.#offer(kind.name, symbols);
      if (takes(text)) return text;
    }
    return null;
  }

  #offer(name: string, { target }: Symbols): string {
    const { chance } = this;
    const register = () => chance.pick(this.#registers);
    switch (chance.below(10)) {
      case 0:
      case 1:
        return register();
      case 2:
        return `${chance.pick(['', '#', '$'])}${this.#number()}`;
      case 3:
        if (chance.once(4)) return `[${register()}]`;
        return `[${register()}, #${this.#number()}]${chance.pick(['', '!'])}`;
      case 4:
        return `${chance.once(4) ? '' : this.#number()}(${register()})`;
      case 5:
        return `${this.#number()}(${1 + chance.below(256)},${register()})`;
      case 6:
        return `*${register()}`;
      case 7:
        // A modifier is part of what the kind is called.
        return name.replace(/\bsymbol\b/, chance.pick(target)).replace(/\bconstant\b/, this.#number());
      case 8:
        return chance.pick(target);
      default:
        return `${chance.pick(target)}(%rip)`.replace(/\(%rip\)$/, /\(%\w+\)$/.exec(name)?.[0] ?? '');
    }
  }

  #number(): string {
    const { chance } = this;
    const signed = BigInt.asIntN(64, chance.word());
    switch (chance.below(4)) {
      case 0:
        return `${chance.below(64)}`;
      case 1:
        return `${8 * (chance.below(128) - 64)}`;
      case 2: {
        const value = signed >> BigInt(chance.below(64));
        return `${value - (value % 8n)}`;
      }
      default:
        return `${chance.once(2) ? signed >> BigInt(chance.below(64)) : BigInt.asUintN(64, signed)}`;
    }
  }

  #context({ values }: Symbols): OperandContext {
    const { here } = this;
    return {
      registers: this.set.registers,
      register: (text) => this.#selector.register(text),
      expression: (text) => {
        try {
          return evaluate(parseExpression(text), (name) => (name === '.' ? here : values.get(name)));
        } catch {
          return undefined;
        }
      },
      here,
    };
  }
}
