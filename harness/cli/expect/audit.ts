// SPDX-License-Identifier: MIT
/**
 * `expect audit`: declared divergences ranked by what speaks against them: that they no longer show, that many subjects do
 * as the case expects of everybody, that they are old. Judged from a finished log; drafts the patch that removes the stale.
 */
import { join, relative, resolve } from 'node:path';
import { type Account, type Debt, debtsOf } from '../../compare/debt.js';
import { diffLines } from '../../compare/diff.js';
import { EXIT } from '../../compare/exit-codes.js';
import { loadCases } from '../../plan/cases.js';
import { isRenderable, Problem, rendered } from '../../plan/problem.js';
import type { Selected } from '../../plan/select.js';
import { type AuditRow, auditJson, auditText } from '../../report/audit.js';
import { coloured, mayColour, plain } from '../../report/style.js';
import { number } from '../../report/summary.js';
import { wholeRun } from '../comparable.js';
import { daysOf } from '../git-blame.js';
import type { Invocation } from '../invocation.js';
import { selectedFiles } from '../selection.js';
import { textOf } from '../stored-log.js';
import { type Lines, linesOf, withoutBlocks } from './divergence-block.js';

/** Runs of git at a time. */
const AT_ONCE = 4;

export async function audit(invocation: Invocation): Promise<number> {
  const { options, io, wiring } = invocation;
  if (options.format !== 'pretty' && options.format !== 'json')
    throw new Problem(`expect audit has the formats pretty and json, not ${options.format}`);
  const log = options.log ?? join(options.out, 'run.jsonl');
  const run = wholeRun(textOf(io, log), log);
  const files = selectedFiles(invocation);
  const cases = loadCases(files, await wiring.parser(files));
  const features = new Map(run.header.subjects.map((one) => [one.name, new Set(one.features)]));
  const events = new Map(run.cases.map((event) => [event.spec.id, event.comparison]));
  const texts = new Map(run.cases.map(({ spec }) => [spec.id, spec.text]));
  const [accounts, edited]: [Account[], Set<string>] = [[], new Set()];
  for (const spec of cases) {
    const comparison = events.get(spec.id);
    if (comparison === undefined || spec.divergences.length === 0) continue;
    if (texts.get(spec.id) !== spec.text) {
      edited.add(spec.file);
      continue;
    }
    const wanted = comparison.outcomes.flatMap((outcome, index) => {
      const { arch, revision, target } = outcome.subject;
      const chosen =
        (options.arch.length === 0 || options.arch.includes(arch)) &&
        (options.kernel.length === 0 || options.kernel.includes(revision)) &&
        (options.target.length === 0 || options.target.includes(target));
      const on = features.get(`${arch}@${revision}/${target}`) ?? new Set<string>();
      return chosen
        ? [{ result: { outcome, features: on }, status: comparison.verdicts[index]?.status }]
        : [];
    });
    accounts.push({
      spec,
      results: wanted.map(({ result }) => result),
      statuses: wanted.map(({ status }) => status ?? 'MISS'),
    });
  }
  if (edited.size > 0)
    io.err(
      `left out, since edited after ${log}: ${[...edited].join(', ')}\nrun again to have them in: ftrace-conform run\n`,
    );
  const debts = debtsOf(accounts);
  const paths = new Map(files.map(({ file }) => [file.shown, resolve(file.path)]));
  const sources = new Map(accounts.map(({ spec }) => [spec.file, texts.get(spec.id) ?? '']));
  if (options.patch) {
    const draft = await patchOf(debts, sources, files, (file) => relative(io.cwd, paths.get(file) ?? file));
    io.out(draft.text);
    for (const note of draft.notes) io.err(`${note}\n`);
    return EXIT.ok;
  }
  const rows = await dated(debts, sources, paths);
  rows.sort(byRank);
  if (options.format === 'json') io.out(auditJson(rows));
  else {
    const paint = mayColour(options.color, io.isTerminal, io.environment) ? coloured : plain;
    const width = Math.max(60, Math.min(io.columns, 120));
    io.out(auditText(rows, { paint, width, verbose: options.verbose > 0 }));
    if (run.cases.length < cases.length)
      io.out(`${number(cases.length - run.cases.length)} cases are not in ${log}.\n`);
  }
  return EXIT.ok;
}

/** Stale first; then those with which most disagree, the oldest of these first. */
function byRank(a: AuditRow, b: AuditRow): number {
  const since = (row: AuditRow) => row.since ?? '9999';
  return (
    Number(isStale(b)) - Number(isStale(a)) ||
    b.stale.length - a.stale.length ||
    b.agree.length - a.agree.length ||
    (since(a) < since(b) ? -1 : Number(since(a) > since(b))) ||
    (a.file < b.file ? -1 : Number(a.file > b.file)) ||
    a.line - b.line
  );
}

const isStale = ({ stale, subjects }: Debt) => stale.length === subjects.length;

async function dated(
  debts: readonly Debt[],
  sources: ReadonlyMap<string, string>,
  paths: ReadonlyMap<string, string>,
): Promise<AuditRow[]> {
  const files = [...grouped(debts)];
  const rows: AuditRow[] = [];
  const worker = async () => {
    for (let next = files.shift(); next !== undefined; next = files.shift()) {
      const [file, list] = next;
      const days = await daysOf(paths.get(file) ?? file);
      const lines = linesOf(sources.get(file) ?? '', list);
      list.forEach((debt, index) => {
        rows.push({ ...debt, since: oldest(days, lines[index] ?? { from: debt.line, to: debt.line }) });
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return rows;
}

/** The oldest line of a block: a word mended later does not make it younger. */
function oldest(days: Awaited<ReturnType<typeof daysOf>>, { from, to }: Lines): string | null {
  let first: string | null = null;
  for (let line = from; line <= to; line++) {
    const day = days?.get(line);
    if (day !== undefined && (first === null || day < first)) first = day;
  }
  return first;
}

/** For `git apply`; what is left to a person is noted. */
async function patchOf(
  debts: readonly Debt[],
  sources: ReadonlyMap<string, string>,
  files: readonly Selected[],
  named: (file: string) => string,
): Promise<{ text: string; notes: string[] }> {
  const { parseCases } = await import('../../case/parse.js');
  const ids = new Map(files.map(({ file }) => [file.shown, file.id]));
  const [parts, notes]: [string[], string[]] = [[], []];
  for (const [file, list] of grouped(debts.filter(isStale))) {
    const before = sources.get(file) ?? '';
    const after = withoutBlocks(before, list);
    if (after === null) {
      for (const { line } of list) notes.push(`${file}:${line}: no longer shows; to be taken out by hand`);
      continue;
    }
    parts.push(`${diffLines(`a/${named(file)}`, rowsOf(before), `b/${named(file)}`, rowsOf(after))}\n`);
    try {
      parseCases(file, after, ids.get(file) ?? file);
    } catch (error) {
      // A parameter of `for:` that only the divergence used, for instance.
      if (!isRenderable(error)) throw error;
      notes.push(`with this patch, still to be mended:\n${rendered(error)}`);
    }
  }
  return { text: parts.join(''), notes };
}

function grouped(debts: readonly Debt[]): ReadonlyMap<string, Debt[]> {
  const byFile = new Map<string, Debt[]>();
  for (const debt of debts) byFile.set(debt.file, [...(byFile.get(debt.file) ?? []), debt]);
  return byFile;
}

/** Without what follows the final newline. */
function rowsOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}
