// SPDX-License-Identifier: MIT
/** Order of kernel versions: 6.1 before 6.12 before 7.2. */
export function byVersion(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number)) as [number[], number[]];
  return (left[0] ?? 0) - (right[0] ?? 0) || (left[1] ?? 0) - (right[1] ?? 0);
}
