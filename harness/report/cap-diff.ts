// SPDX-License-Identifier: MIT
/** A diff cut to what a person reads: the lines around its first difference, both sides of it. */

/** Lines of a diff that are shown, its headings included. */
export const DIFF_LINES = 40;

export interface Capped {
  readonly lines: readonly string[];
  /** Lines left out. */
  readonly more: number;
}

/**
 * Unified diffs begin with their headings and three lines before the first difference, so the first lines are those
 * around it. Where one side of that difference alone would fill the room, each side gets half of it.
 */
export function capDiff(diff: string, limit: number = DIFF_LINES): Capped {
  const lines = diff.split('\n');
  if (lines.length <= limit) return { lines, more: 0 };
  const start = lines.findIndex((line, index) => index > 1 && /^[-+]/.test(line));
  const gone = runOf(lines, start, '-');
  const come = runOf(lines, start + gone, '+');
  const room = limit - start;
  if (start < 0 || gone === 0 || come === 0 || gone + come <= room) {
    return { lines: lines.slice(0, limit), more: lines.length - limit };
  }
  const ours = Math.min(gone, Math.max(Math.ceil(room / 2), room - come));
  const shown = [
    ...lines.slice(0, start + ours),
    ...lines.slice(start + gone, start + gone + Math.min(come, room - ours)),
  ];
  return { lines: shown, more: lines.length - shown.length };
}

function runOf(lines: readonly string[], start: number, sign: string): number {
  let length = 0;
  while (lines[start + length]?.startsWith(sign)) length++;
  return length;
}
