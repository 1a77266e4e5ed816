// SPDX-License-Identifier: MIT
/** LLVM 19 as processes: one assembles text to an object, one tells where its instructions begin. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Command → Debian package. */
const TOOLS = { 'clang-19': 'clang-19', 'llvm-objdump-19': 'llvm-19' } as const;

/** What is not there and how to get it; `null` when all is. */
export function missingTools(path = process.env.PATH ?? ''): string | null {
  const missing = (Object.keys(TOOLS) as (keyof typeof TOOLS)[]).filter((command) => {
    return !path.split(delimiter).some((directory) => isExecutable(join(directory, command)));
  });
  if (missing.length === 0) return null;
  const packages = missing.map((command) => TOOLS[command]).join(' ');
  return `no ${missing.join(' and no ')} in PATH: npm run setup:clang, or apt install ${packages}`;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Assembles text to an object; `#include` is relative to the project. @throws Error with what clang says, be it a warning */
export async function assembleWithClang(options: readonly string[], text: string): Promise<Uint8Array> {
  const { stdout, stderr, exitCode } = await execa(
    'clang-19',
    [...options, '-x', 'assembler-with-cpp', '-c', '-', '-o', '-'],
    { cwd: root, input: text, encoding: 'buffer', reject: false },
  );
  if (exitCode !== 0 || stderr.length > 0) throw new Error(`clang-19: ${new TextDecoder().decode(stderr)}`);
  return stdout;
}

/** Offsets in a section at which instructions begin. */
export async function instructionStarts(object: Uint8Array, section: string): Promise<ReadonlySet<number>> {
  const options = ['--disassemble', '--disassemble-zeroes', '--no-show-raw-insn', `--section=${section}`];
  const { stdout } = await execa('llvm-objdump-19', [...options, '-'], { input: object });
  const starts = stdout.matchAll(/^ *([0-9a-f]+):\s/gm);
  return new Set([...starts].map(([, hex = '']) => Number.parseInt(hex, 16)));
}
