// SPDX-License-Identifier: MIT
/**
 * `run --watch`: one whole run, then after each change of a case file or an assembler source what that changed. These
 * are read when they are run; a table or any other compiled code is compiled anew first, and the program begins again.
 */
import { existsSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { interruptedExit } from '../../compare/exit-codes.js';
import { PLACES } from '../../plan/discover.js';
import { FileWatch, type WatchedRoot } from '../../plan/file-watch.js';
import { EXTENSION } from '../../plan/files.js';
import { packageRoot } from '../../plan/package-root.js';
import { isRenderable, rendered } from '../../plan/problem.js';
import type { RunEvent } from '../../report/events.js';
import { coloured, mayColour, plain } from '../../report/style.js';
import type { Invocation } from '../invocation.js';
import { casePlace, selectedFiles } from '../selection.js';
import { changesBetween, drawChanges } from './changes.js';
import { compile, RESTART, recall, remember } from './restart.js';
import { WatchSession } from './session.js';

/** @param whole runs all cases of a session, prints and writes as a run without `--watch` does */
export async function watch(
  invocation: Invocation,
  whole: (session: WatchSession) => Promise<readonly RunEvent[]>,
): Promise<number> {
  const { options, io } = invocation;
  const files = new FileWatch(roots(invocation));
  const paint = mayColour(options.color, io.isTerminal, io.environment) ? coloured : plain;
  const width = Math.max(60, Math.min(io.columns, 120));
  const show = (
    before: Parameters<typeof changesBetween>[0],
    after: Parameters<typeof changesBetween>[1],
  ) => {
    const lines = drawChanges(changesBetween(before, after), after.size, width, paint);
    io.out(`${lines.join('\n')}\n\n`);
  };
  const rest = () => io.err('waiting for changes; an interrupt ends\n');
  let session: WatchSession | undefined;
  try {
    session = await WatchSession.start(invocation);
    const events = await whole(session);
    const earlier = recall(io.environment);
    if (earlier !== null && !io.signal.aborted) show(earlier, session.kept);
    if (!io.signal.aborted) rest();
    for (;;) {
      const changed = await files.next(io.signal);
      if (io.signal.aborted) return interruptedExit(io.signal.reason);
      const names = changed.map(shown);
      io.out(`${paint('bold', names.slice(0, 4).join(', '))}${names.length > 4 ? ', …' : ''}\n`);
      if (changed.some((path) => path.endsWith('.ts'))) {
        const failed = await compile();
        if (failed === null) {
          remember(io.environment, events, session.kept);
          return RESTART;
        }
        io.err(`${failed}\n`);
      }
      try {
        const { before, after, cases, subjects } = await session.update(archsOf(changed), io.signal);
        if (io.signal.aborted) return interruptedExit(io.signal.reason);
        const where = subjects.length === 0 ? 'all subjects' : subjects.join(', ');
        io.err(`${cases} ${cases === 1 ? 'case' : 'cases'} run again on ${where}\n`);
        show(before, after);
      } catch (error) {
        if (!isRenderable(error)) throw error;
        io.err(`${rendered(error)}\n`);
      }
      rest();
    }
  } finally {
    session?.close();
    files.close();
  }
}

function roots(invocation: Invocation): WatchedRoot[] {
  const { caseDirectory } = casePlace(invocation);
  const isCase = (path: string) => path.endsWith(EXTENSION);
  const loose = selectedFiles(invocation)
    .map(({ file }) => file.path)
    .filter((path) => relative(caseDirectory, path).startsWith('..'));
  const isSource = (path: string) => /(\.S|(?<!\.test)\.ts)$/.test(path) && !path.endsWith('.d.ts');
  return [
    ...(existsSync(caseDirectory) ? [{ path: caseDirectory, matters: isCase }] : []),
    ...loose.map((path) => ({ path, matters: isCase })),
    { path: PLACES.sources, matters: isSource },
    { path: `${packageRoot}${sep}harness`, matters: isSource },
  ];
}

/** Back-ends whose assembler sources are among these files. */
function archsOf(paths: readonly string[]): string[] {
  const names = paths
    .filter((path) => path.endsWith('.S'))
    .map((path) => relative(PLACES.sources, path).split(sep)[0] as string);
  return [...new Set(names)].filter((name) => name !== '..');
}

/** Below the package, or as short as it goes. */
function shown(path: string): string {
  const below = relative(packageRoot, path);
  return below.startsWith('..') ? path.split(sep).slice(-2).join('/') : below.split(sep).join('/');
}
