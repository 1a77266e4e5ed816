// SPDX-License-Identifier: MIT
/** Colours of a terminal (ECMA-48 SGR) and when they may be used: <https://no-color.org>. */
import type { Colour } from '../compare/statuses.js';

export type ColourChoice = 'auto' | 'always' | 'never';

export type Paint = (style: Colour | 'bold', text: string) => string;

const SGR: Readonly<Record<Colour | 'bold', number>> = {
  bold: 1,
  red: 31,
  green: 32,
  yellow: 33,
  magenta: 35,
  cyan: 36,
  grey: 90,
};

export const plain: Paint = (_style, text) => text;
export const coloured: Paint = (style, text) => (text === '' ? '' : `\u001b[${SGR[style]}m${text}\u001b[0m`);

/** @param environment variables of the process */
export function mayColour(
  choice: ColourChoice,
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  if (choice !== 'auto') return choice === 'always';
  return isTerminal && !environment.NO_COLOR && environment.TERM !== 'dumb';
}
