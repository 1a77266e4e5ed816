// SPDX-License-Identifier: MIT
/** Programs that the harness starts: whether they are here, which version, and the packages that bring them. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Tool {
  readonly command: string;
  /** Debian package. */
  readonly from: string;
  readonly purpose: string;
  /** Major version from which it will do; absent: any. */
  readonly oldest?: number;
}

export type Found =
  | { readonly state: 'ok'; readonly version: string }
  | { readonly state: 'OLD'; readonly version: string }
  /** It is here and does not run. */
  | { readonly state: 'BROKEN'; readonly why: string }
  | { readonly state: 'missing' };

/** QEMU whose user mode is known to do what is asked of it: that of Debian 13, and of 12 by its backports. */
export const OLDEST_QEMU = 10;

/** Where to get a Debian package's like. Names there are hints: other releases have others. */
const ELSEWHERE: readonly { readonly name: string; readonly install: string; readonly names: Names }[] = [
  {
    name: 'Fedora',
    install: 'dnf install',
    names: { 'clang-19': 'clang19', 'lld-19': 'lld19', 'llvm-19': 'llvm19' },
  },
  {
    name: 'Arch',
    install: 'pacman -S',
    names: { 'clang-19': 'clang19', 'lld-19': 'lld19', 'llvm-19': 'llvm19', 'qemu-system': 'qemu-full' },
  },
];
/** Debian's name → another's, where that is another one. */
type Names = Readonly<Record<string, string>>;

/** Milliseconds for a program to say its version. */
const PATIENCE = 20_000;

/** @param path PATH, of the programs that it may start itself too */
export function find({ command, oldest }: Tool, path: string): Promise<Found> {
  const place = path
    .split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, command))
    .find(isExecutable);
  if (place === undefined) return Promise.resolve({ state: 'missing' });
  return new Promise((resolve) => {
    execFile(place, ['--version'], { timeout: PATIENCE, env: { PATH: path } }, (error, stdout) => {
      const version = /\d+(?:\.\d+)+/.exec(stdout)?.[0];
      if (error !== null) resolve({ state: 'BROKEN', why: `${place} does not run: ${reason(error)}` });
      else if (version === undefined) resolve({ state: 'BROKEN', why: `${place} --version names none` });
      else resolve({ state: Number.parseInt(version, 10) < (oldest ?? 0) ? 'OLD' : 'ok', version });
    });
  });
}

function reason(error: { readonly message: string; readonly code?: unknown }): string {
  return typeof error.code === 'number' ? `status ${error.code}` : (error.message.split('\n')[0] ?? '');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** One line for each distribution: how these packages of Debian's get there. */
export function howToInstall(
  packages: ReadonlySet<string>,
): readonly (readonly [name: string, how: string])[] {
  const sorted = [...packages].sort();
  return [
    ['Debian', `apt install ${sorted.join(' ')}`],
    ...ELSEWHERE.map(
      ({ name, install, names }) =>
        [name, `${install} ${sorted.map((one) => names[one] ?? one).join(' ')}`] as const,
    ),
  ];
}
