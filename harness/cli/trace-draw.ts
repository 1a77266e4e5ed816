// SPDX-License-Identifier: MIT
/**
 * Draws traces: what happened at the margin, the instructions indented above it. Two traces stand side by
 * side where there is room, below each other where not.
 */

import {
  agreement,
  type Block,
  type BlockPair,
  blocksOf,
  type Instruction,
  textOf,
} from '../compare/trace-align.js';
import type { Paint } from '../report/style.js';
import { columns, wrap } from '../report/wrap.js';
import type { TraceEvent } from '../target/target.js';

/** Columns from which two traces stand side by side. */
const SIDE_BY_SIDE = 100;

/** Columns from which an instruction's place in the source is shown. */
const WITH_SOURCE = 76;

/** Signs at the margin; the words of the legend say them. */
const SIGNS = { same: ' ', otherwise: '~', parted: '!' } as const;

export function drawTrace(trace: readonly TraceEvent[], width: number, paint: Paint): string[] {
  return blocksOf(trace).flatMap((block) => drawBlock(block, width, paint));
}

export function drawPairs(
  pairs: readonly BlockPair[],
  [nameA, nameB]: readonly [string, string],
  width: number,
  paint: Paint,
): string[] {
  const signs = paint('grey', '~ another register or address   ! another way, or only one of them');
  const first = pairs.findIndex((pair) => agreement(pair) === 'parted');
  const beside = width >= SIDE_BY_SIDE;
  const half = Math.floor((width - 5) / 2);
  const out = beside
    ? [paint('bold', `  ${nameA.padEnd(half)} │ ${nameB}`), signs]
    : [paint('bold', `${nameA} (<) and ${nameB} (>)`), signs];
  pairs.forEach((pair, index) => {
    const state = agreement(pair);
    if (index === first) out.push(paint('red', '── here they part '.padEnd(width, '─')));
    const sign = paint(state === 'parted' ? 'red' : 'yellow', SIGNS[state]);
    out.push(
      ...(beside ? columnsOf(pair, sign, half, paint) : stacked(pair, sign, state === 'same', width, paint)),
    );
  });
  return out;
}

function columnsOf({ left, right }: BlockPair, sign: string, half: number, paint: Paint): string[] {
  const [a, b] = [left, right].map((block) => (block === null ? null : blockLines(block, half, paint)));
  const lines: string[] = [];
  const rows = (part: 'steps' | 'head', mark: string) => {
    const [l, r] = [a?.[part] ?? [], b?.[part] ?? []];
    for (let row = 0; row < Math.max(l.length, r.length); row++) {
      const text = l[row] ?? '';
      const pad = ' '.repeat(Math.max(0, half - columns(text)));
      lines.push(`${row === 0 ? mark : ' '} ${text}${pad} │ ${r[row] ?? ''}`.trimEnd());
    }
  };
  rows('steps', ' ');
  rows('head', sign);
  return lines;
}

function stacked(
  { left, right }: BlockPair,
  sign: string,
  same: boolean,
  width: number,
  paint: Paint,
): string[] {
  const side = (block: Block | null, mark: string, head: boolean) => {
    if (block === null) return [];
    const { steps, head: lines } = blockLines(block, width - 4, paint);
    return [
      ...steps.map((text) => `  ${mark} ${text}`),
      ...(head ? lines.map((text) => `${sign} ${mark} ${text}`) : []),
    ];
  };
  if (!same || left === null || right === null) return [...side(left, '<', true), ...side(right, '>', true)];
  const { head } = blockLines(left, width - 4, paint);
  return [...side(left, '<', false), ...side(right, '>', false), ...head.map((text) => `    ${text}`)];
}

function drawBlock(block: Block, width: number, paint: Paint): string[] {
  const { steps, head } = blockLines(block, width, paint);
  return [...steps, ...head];
}

interface Lines {
  readonly steps: readonly string[];
  readonly head: readonly string[];
}

function blockLines({ instructions, happening }: Block, width: number, paint: Paint): Lines {
  const steps = instructions.flatMap((one) => instructionLines(one, width, paint));
  if (happening === null) return { steps, head: [] };
  const style = happening.kind === 'observation' ? 'bold' : 'cyan';
  const [first = '', ...rest] = hardWrap(textOf(happening), width - 2);
  const mark = happening.kind === 'observation' ? '=' : '*';
  return {
    steps,
    head: [`${mark} ${paint(style, first)}`, ...rest.map((text) => `    ${paint(style, text)}`)],
  };
}

/** `ftrace_caller+0x14  stp x0, x1, [sp]`, then what it changed. */
function instructionLines(
  { at, where, text, registers, stores }: Instruction,
  width: number,
  paint: Paint,
): string[] {
  const code = text.replace(/\s+/g, ' ').trim();
  const effects = [
    ...registers.map(([name, value]) => `${name}=${value}`),
    ...stores.map(([place, value]) => `${place}:=${value}`),
  ].join('  ');
  const source = width >= WITH_SOURCE ? ` ${where.replace(/^.*\//, '').padEnd(16)}` : '';
  const start = `    ${at.padEnd(24)}${source} ${code}`;
  const joined = `${start.padEnd(Math.min(56 + source.length, width - 20))}  ${effects}`;
  if (effects === '') return cut(start, width);
  if (joined.length <= width) return [joined.replace(effects, () => paint('grey', effects))];
  return [
    ...cut(start, width),
    ...hardWrap(effects, width - 8).map((part) => `        ${paint('grey', part)}`),
  ];
}

function cut(text: string, width: number): string[] {
  return text.length <= width
    ? [text]
    : hardWrap(text.trim(), width - 4).map((part, index) => `${index === 0 ? '    ' : '      '}${part}`);
}

/** As {@link wrap}, but breaks words that are too long, so that columns hold. */
function hardWrap(text: string, width: number): string[] {
  const room = Math.max(8, width - 2);
  return wrap(text, room).flatMap((line) => line.match(new RegExp(`.{1,${room}}`, 'gu')) ?? ['']);
}
