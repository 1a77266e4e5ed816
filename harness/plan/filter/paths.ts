// SPDX-License-Identifier: MIT
/**
 * Paths and globs of a filter. A path means a case, a family, a folder of them or a file; in a glob `*` and `?` stay within
 * a folder, `**` does not, `[a-z]` and `{a,b}` are as in a shell.
 */

/** What a path is matched with. */
export interface Pathed {
  readonly id: string;
  /** As it is printed: `cases/fprobe/all.yaml`. */
  readonly file: string;
}

export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** @throws RangeError that says what is not closed */
export function pathTest(path: string): (one: Pathed) => boolean {
  const source = sourceOf(path.replace(/^(\.\/)+/, '').replace(/\/+$/, ''));
  const id = new RegExp(`^(?:${source})(?:$|[./])`, 's');
  const file = new RegExp(`^(?:${source})(?:$|/)`, 's');
  return (one) => id.test(one.id) || file.test(one.file);
}

function sourceOf(glob: string): string {
  let [source, braces] = ['', 0];
  for (let at = 0; at < glob.length; at++) {
    const one = glob[at] as string;
    if (one === '*') {
      const deep = glob[at + 1] === '*';
      if (deep) at++;
      // `a/**/b` is `a/b` too.
      if (deep && glob[at + 1] === '/' && (source === '' || source.endsWith('/'))) {
        at++;
        source += '(?:.*/)?';
      } else source += deep ? '.*' : '[^/]*';
    } else if (one === '?') source += '[^/]';
    else if (one === '[') {
      const end = glob.indexOf(']', at + 2);
      if (end < 0) throw new RangeError('`[` is not closed');
      const inner = glob
        .slice(at + 1, end)
        .replace(/^!/, '^')
        .replaceAll(/[\\[]/g, '\\$&');
      source += `[${inner}]`;
      at = end;
    } else if (one === '{') {
      braces++;
      source += '(?:';
    } else if (one === '}' && braces > 0) {
      braces--;
      source += ')';
    } else if (one === ',' && braces > 0) source += '|';
    else source += one.replace(/[\\^$.|+()[\]{}/]/, '\\$&');
  }
  if (braces > 0) throw new RangeError('`{` is not closed');
  return source;
}
