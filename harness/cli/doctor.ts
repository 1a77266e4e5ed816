// SPDX-License-Identifier: MIT
/**
 * `doctor`: what is here, what is missing, and the package that brings it. Says what this version
 * cannot do yet rather than leaving it to be found out.
 */
import { EXIT } from '../compare/exit-codes.js';
import { packageVersion } from '../plan/package-root.js';
import { rendered } from '../plan/problem.js';
import { select } from '../plan/select.js';
import { NEWEST } from '../plan/subjects.js';
import { DEFAULT_TARGET, factsOf, TARGET_FACTS, TARGET_NAMES } from '../target/facts.js';
import { listKernels } from '../target/vmlinux/store/store.js';
import type { Invocation } from './invocation.js';
import { placeOf } from './kernels-selection.js';
import { casePlace, selectedSubjects } from './selection.js';
import { find, howToInstall, OLDEST_QEMU, type Tool } from './tools.js';

/** engines in package.json */
const NODE = [20, 19] as const;

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
      {
        command: qemu.user,
        from: 'qemu-user',
        purpose: `${arch}, target qemu-user`,
        oldest: OLDEST_QEMU,
      },
      { command: qemu.system, from: 'qemu-system', purpose: `${arch}, target kernel` },
    ]);
    return loaded.map(({ backend }) => backend.arch).join(', ');
  });
  await attempt('cases', () => {
    const place = casePlace(invocation);
    const files = select([], place);
    return `${files.length} ${files.length === 1 ? 'file' : 'files'} in ${place.shown}`;
  });

  io.out('\nTools of tests and of targets other than the model\n');
  const tools: Tool[] = [
    { command: 'clang-19', from: 'clang-19', purpose: 'assembles the trampolines' },
    { command: 'ld.lld-19', from: 'lld-19', purpose: 'links them' },
    { command: 'llvm-objdump-19', from: 'llvm-19', purpose: 'lists their instructions, for the tests' },
    { command: 'setpriv', from: 'util-linux', purpose: 'has QEMU end when the harness does' },
    ...emulators,
    { command: 'chromium', from: 'chromium', purpose: 'shows reports; any browser will do' },
  ];
  const found = await Promise.all(tools.map((tool) => find(tool, io.environment.PATH ?? '')));
  const wanted = new Set<string>();
  for (const [index, { command, from, purpose, oldest }] of tools.entries()) {
    const one = found[index] as Awaited<ReturnType<typeof find>>;
    const version = 'version' in one ? one.version : '';
    const say = (text: string) => line(one.state, command, `${version.padEnd(9)} ${text}`);
    if (one.state !== 'ok') wanted.add(from);
    if (one.state === 'ok') say(purpose);
    else if (one.state === 'OLD') say(`${purpose}; needs ${oldest} or newer`);
    else if (one.state === 'BROKEN') say(one.why);
    else say(`${purpose}; Debian package ${from}`);
  }
  if (wanted.size > 0) {
    io.out('\n');
    for (const [name, how] of howToInstall(wanted)) line('', name, how);
    if (['clang-19', 'lld-19', 'llvm-19', 'qemu-user'].some((name) => wanted.has(name)))
      line(
        '',
        'Debian, from a clone',
        `npm run setup:real: LLVM 19, and QEMU ${OLDEST_QEMU} from the backports`,
      );
  }

  const there = wiring.targetNames();
  for (const name of there.filter((one) => one !== DEFAULT_TARGET)) {
    io.out(`\nTarget ${name}: ${factsOf(name)?.about ?? ''}\n`);
    await attempt(name, async () => {
      const asked = { ...invocation, options: { ...options, kernel: [NEWEST], target: [name] } };
      const subjects = await selectedSubjects(asked, []);
      for (const { target } of subjects) {
        line(target.skips === undefined ? 'ok' : 'missing', target.id.arch, target.skips ?? '');
      }
      const able = subjects.filter(({ target }) => target.skips === undefined).length;
      return `${able} of ${subjects.length} back-ends can be run here`;
    });
  }

  const { place, shown } = placeOf(invocation);
  io.out(`\nReal kernels, for verify --layouts, in ${shown}\n`);
  const stored = listKernels(place);
  for (const one of stored) {
    if ('error' in one) line('BROKEN', '', one.error.message);
    else line('ok', `${one.manifest.arch}@${one.manifest.revision}`, one.manifest.release);
  }
  if (stored.length === 0) line('missing', 'kernels', "Debian's: ftrace-conform kernels fetch");

  const future = TARGET_NAMES.filter((name) => !there.includes(name));
  if (future.length > 0) io.out('\nTargets not available in this version\n');
  for (const name of future) line('--', name, TARGET_FACTS[name].about);
  return usable ? EXIT.ok : EXIT.usage;
}
