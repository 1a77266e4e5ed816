// SPDX-License-Identifier: MIT
/** A case in at most twenty lines of its YAML: what it does first, what explains it last. */
import type { CaseEvent } from '../events.js';

const LINES = 20;

/** Top-level members that are left out, in this order, until the rest fits. */
const LEAST: readonly string[] = [
  'divergences',
  'why',
  'covers',
  'witness',
  'source',
  'structs',
  'objects',
  'for',
];

export function yamlExcerpt({ text, file }: Pick<CaseEvent['spec'], 'text' | 'file'>): string[] {
  let members = membersOf(text);
  const total = () => members.reduce((sum, { lines }) => sum + lines.length, 0);
  for (const name of LEAST) {
    if (total() <= LINES) break;
    members = members.filter((member) => member.name !== name);
  }
  const lines = members.flatMap((member) => member.lines);
  if (lines.length <= LINES) return lines;
  const shown = lines.slice(0, LINES - 1);
  return [...shown, `# ${lines.length - shown.length} more lines in ${file}`];
}

/** Without comments and blank lines, which carry nothing here. */
function membersOf(text: string): { readonly name: string; readonly lines: string[] }[] {
  const members: { name: string; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    if (/^\s*(#|$)/.test(line) || line === '---') continue;
    const name = /^([A-Za-z_]+):/.exec(line)?.[1];
    const last = members.at(-1);
    if (name !== undefined || last === undefined) members.push({ name: name ?? '', lines: [line] });
    else last.lines.push(line);
  }
  return members;
}
