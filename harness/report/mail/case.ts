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

/** In the file's own words. What is not shown is said in the last line. */
export function yamlExcerpt({ text }: Pick<CaseEvent['spec'], 'text'>): string[] {
  let members = membersOf(text);
  const total = () => members.reduce((sum, { lines }) => sum + lines.length, 0);
  const without: string[] = [];
  for (const name of LEAST) {
    // The line that names what is left out needs its room too.
    if (total() + Math.min(1, without.length) <= LINES) break;
    if (!members.some((member) => member.name === name)) continue;
    members = members.filter((member) => member.name !== name);
    without.push(name);
  }
  const lines = members.flatMap((member) => member.lines);
  const room = without.length === 0 && lines.length <= LINES ? LINES : LINES - 1;
  const shown = lines.slice(0, room);
  const more = lines.length - shown.length;
  const left = [...(more > 0 ? [`${more} more lines`] : []), ...without];
  return left.length === 0 ? shown : [...shown, `# without ${left.join(', ')}`];
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
