// SPDX-License-Identifier: MIT
/** LLVM as processes: text to an object, objects to a program. Blocking: a target is asked step by step. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Commands of the target and the Debian packages that have them; QEMU's depends on the architecture. */
export const TOOLS = { 'clang-19': 'clang-19', 'ld.lld-19': 'lld-19' } as const;

/** A tool failed or is not there. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  /** For who cannot do without the tool. */
  render(): string {
    return `error: ${this.message}`;
  }
}

/** Runs a tool on what is given as standard input. @throws ToolError with what it says, be it a warning */
function run(command: keyof typeof TOOLS, options: readonly string[], input?: string): Uint8Array {
  const { stdout, stderr, status, error } = spawnSync(command, options, {
    ...(input === undefined ? {} : { input }),
    maxBuffer: 1 << 26,
  });
  if (error) throw new ToolError(`${command}: ${error.message}`);
  const said = stderr.toString();
  if (status !== 0 || said !== '') throw new ToolError(`${command}: ${said.trim()}`);
  return stdout;
}

/** Text to assemble. */
export interface Text {
  readonly triple: string;
  readonly options: readonly string[];
  /** In the syntax of the assembler, behind the C preprocessor. */
  readonly text: string;
}

/** Where a linker puts what it is given. */
export interface Places {
  /** Of what the objects name and do not define. */
  readonly symbols: ReadonlyMap<string, bigint>;
  /** Of the first byte of `.text`. */
  readonly base: bigint;
  /** Of the TOC base, if there is one. */
  readonly toc: bigint | undefined;
}

/** From .got to the TOC base. */
const TOC_BIAS = 0x8000n;

const hex = (value: bigint) => `0x${BigInt.asUintN(64, value).toString(16)}`;

/** The object. @throws ToolError */
export function assemble({ triple, options, text }: Text): Uint8Array {
  const all = [
    `--target=${triple}`,
    '-fno-pic',
    ...options,
    '-x',
    'assembler-with-cpp',
    '-c',
    '-',
    '-o',
    '-',
  ];
  return run('clang-19', all, text);
}

/** The program, an ELF file. @throws ToolError */
export function link(object: Uint8Array, { symbols, base, toc }: Places): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'conform-link-'));
  try {
    const [input, script, output] = ['object', 'symbols', 'program'].map((name) => join(directory, name));
    writeFileSync(input as string, object);
    writeFileSync(
      script as string,
      [...symbols].map(([name, value]) => `--defsym=${name}=${hex(value)}`).join('\n'),
    );
    const got = toc === undefined ? [] : [`--section-start=.got=${hex(toc - TOC_BIAS)}`];
    run('ld.lld-19', [
      // What stands in the text is what is to be executed.
      ...[
        '-static',
        '-nostdlib',
        '--no-relax',
        '--no-toc-optimize',
        `-Ttext=${hex(base)}`,
        `--entry=${hex(base)}`,
        ...got,
      ],
      ...[`--image-base=${hex(base & ~0xf_ffffn)}`, '-z', 'max-page-size=4096'],
      ...[`@${script}`, input as string, '-o', output as string],
    ]);
    return readFileSync(output as string);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
