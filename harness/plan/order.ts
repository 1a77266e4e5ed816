// SPDX-License-Identifier: MIT
/** Order of case ids: character by character, but runs of digits as numbers, so that `.2` comes before `.10`. */

export function byId(a: string, b: string): number {
  const [left, right]: [string[], string[]] = [runs(a), runs(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x, y] = [left[i] as string, right[i] as string];
    if (x === y) continue;
    const numbers = /^\d/.test(x) && /^\d/.test(y);
    if (numbers && BigInt(x) !== BigInt(y)) return BigInt(x) < BigInt(y) ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

function runs(id: string): string[] {
  return id.match(/\d+|\D+/g) ?? [];
}
