// SPDX-License-Identifier: MIT
/**
 * `doctor`: what is here, what is missing, and the Debian package that brings it. Says what this version
 * cannot do yet rather than leaving it to be found out.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { EXIT } from '../compare/exit-codes.js';
import { packageVersion } from '../plan/package-root.js';
import { rendered } from '../plan/problem.js';
import { select } from '../plan/select.js';
import { listKernels } from '../target/vmlinux/store/store.js';
import type { Invocation } from './invocation.js';
import { placeOf } from './kernels-selection.js';
import { casePlace } from './selection.js';

interface Tool {
  readonly command: string;
  /** Debian package. */
  readonly from: string;
  readonly purpose: string;
}

/** engines in package.json */
const NODE = [20, 19] as const;

/** Targets of the design that this version does not have. */
const FUTURE: readonly (readonly [target: string, what: string])[] = [
  ['qemu-user', 'trampolines assembled by clang, under QEMU user mode'],
  ['vmlinux', 'the compiled trampolines of a kernel image'],
  ['kernel', 'a booted Linux'],
];

export async function doctor(invocation: Invocation): Promise<number> {
  const { io, wiring, options } = invocation;
  if (options.config === true) return (await import('./settings/table.js')).doctorSettings(invocation);
  const line = (state: string, name: string, text: string) =>
    io.out(`  ${state.padEnd(8)} ${name.padEnd(26)} ${text}`.trimEnd().concat('\n'));
  let usable = true;
  const attempt = async (name: string, check: () => Promise<string> | string) => {
    try {
      line('ok', name, await check());
    } catch (error) {
      usable = false;
      const [first = '', ...rest] = rendered(error)
        .replace(/^error: /, '')
        .split('\n');
      line('BROKEN', name, first);
      for (const text of rest) line('', '', text);
    }
  };

  io.out(`ftrace-conform ${packageVersion()}\n\nTarget model: needs nothing but this\n`);
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > NODE[0] || (major === NODE[0] && minor >= NODE[1]);
  line(
    recent ? 'ok' : 'OLD',
    'node',
    `${process.version}${recent ? '' : `; needs ${NODE.join('.')} or newer`}`,
  );
  usable &&= recent;
  let emulators: Tool[] = [];
  await attempt('back-ends', async () => {
    const loaded = await wiring.backends([]);
    emulators = loaded.flatMap(({ backend: { arch, qemu } }) => [
      { command: qemu.user, from: 'qemu-user', purpose: `${arch}, target qemu-user` },
      { command: qemu.system, from: 'qemu-system', purpose: `${arch}, target kernel` },
    ]);
    return loaded.map(({ backend }) => backend.arch).join(', ');
  });
  await attempt('cases', () => {
    const place = casePlace(invocation);
    const files = select([], place);
    return `${files.length} ${files.length === 1 ? 'file' : 'files'} in ${place.shown}`;
  });

  io.out('\nTools no case needs in this version\n');
  const tools: Tool[] = [
    { command: 'clang-19', from: 'clang-19', purpose: 'assembles the trampolines, for the tests' },
    { command: 'llvm-objdump-19', from: 'llvm-19', purpose: 'lists their instructions, for the tests' },
    { command: 'ld.lld-19', from: 'lld-19', purpose: 'links them' },
    ...emulators,
    { command: 'chromium', from: 'chromium', purpose: 'shows reports; any browser will do' },
  ];
  const missing = new Set<string>();
  for (const { command, from, purpose } of tools) {
    const here = inPath(command, io.environment.PATH ?? '');
    if (!here) missing.add(from);
    line(here ? 'ok' : 'missing', command, here ? purpose : `${purpose}; Debian package ${from}`);
  }
  if (missing.size > 0) io.out(`\n  All of them: apt install ${[...missing].sort().join(' ')}\n`);

  const { place, shown } = placeOf(invocation);
  io.out(`\nReal kernels, for verify --layouts, in ${shown}\n`);
  const stored = listKernels(place);
  for (const one of stored) {
    if ('error' in one) line('BROKEN', '', one.error.message);
    else line('ok', `${one.manifest.arch}@${one.manifest.revision}`, one.manifest.release);
  }
  if (stored.length === 0) line('missing', 'kernels', "Debian's: ftrace-conform kernels fetch");

  io.out('\nTargets not available in this version\n');
  for (const [target, what] of FUTURE) line('--', target, what);
  return usable ? EXIT.ok : EXIT.usage;
}

function inPath(command: string, path: string): boolean {
  return path.split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, command), constants.X_OK);
      return directory !== '';
    } catch {
      return false;
    }
  });
}
