// SPDX-License-Identifier: MIT
/**
 * `verify`: interpreter and QEMU in lock-step, by cases, from random states (`--random`) and over generated instructions
 * (`--instructions`). What cannot run here is told, and never makes a green end.
 */
import type { Case } from '../../case/types.js';
import { EXIT, type ExitCode, gravestExit, interruptedExit } from '../../compare/exit-codes.js';
import { Problem, rendered } from '../../plan/problem.js';
import { archsOf, type Chosen, chosenOf, partsOf } from '../../plan/subjects.js';
import { subjectName } from '../../target/outcome.js';
import type { Refused } from '../../target/qemu/lockstep/instructions/sequences.js';
import { LogError } from '../../target/qemu/lockstep/log-format.js';
import { type Found, LockstepSubject } from '../../target/qemu/lockstep/subject.js';
import { RspError } from '../../target/qemu/rsp/error.js';
import { qemuUserLacks } from '../../target/qemu/target.js';
import { ToolError } from '../../target/qemu/tools.js';
import type { Invocation } from '../invocation.js';
import { narrow } from '../narrow.js';
import { checkedCases, narrows } from '../selection.js';
import { mismatchLines, type SubjectReport, verifiedJson, verifiedTable } from './table.js';

/** Runs of each generated sequence, and sequences for each row. */
const EACH = 6;
/** Steps between which a signal is heard. */
const BREATH = 50;

interface Wanted {
  readonly cases: readonly Case[];
  readonly random: number;
  readonly instructions: boolean;
  readonly seed: number;
}

/** @throws Problem, Problems */
export async function verifyLockstep(invocation: Invocation): Promise<number> {
  const { io, options, wiring } = invocation;
  if (options.format !== 'pretty' && options.format !== 'json')
    throw new Problem(`verify prints pretty or json, not ${options.format}`);
  // On which target they run is not the question here.
  const names = options.arch
    .map(partsOf)
    .map(({ arch, revision }) => (revision ? `${arch}@${revision}` : arch));
  const pairs = chosenOf(await wiring.backends(archsOf(names)), options.kernel, names);
  const wanted: Wanted = {
    cases: await casesOf(invocation),
    random: options.random,
    instructions: options.instructions,
    seed: options.seed,
  };
  const reports: SubjectReport[] = [];
  const skipped: { readonly subject: string; readonly why: string }[] = [];
  for (const pair of pairs) {
    const subject = `${pair.loaded.backend.arch}@${pair.revision}`;
    const why = qemuUserLacks(pair.loaded, io.environment.PATH);
    if (why !== null) skipped.push({ subject, why });
    else if (!io.signal.aborted) reports.push(await verifySubject(pair, wanted, invocation));
  }
  const told = { seed: options.seed, reports, skipped, verbose: options.verbose > 0, wanted };
  io.out(options.json || options.format === 'json' ? verifiedJson(told) : verifiedTable(told));
  return io.signal.aborted ? interruptedExit(io.signal.reason) : exitOf(reports, skipped.length);
}

/** The cases, unless something else is asked for and none are named. */
async function casesOf(invocation: Invocation): Promise<readonly Case[]> {
  const { options } = invocation;
  const other = options.random > 0 || options.instructions;
  if (other && !options.corpus && invocation.arguments.length === 0 && !narrows(invocation)) return [];
  if (!narrows(invocation)) return checkedCases(invocation);
  const { cases } = await narrow(invocation, false);
  if (cases.length === 0) throw new Problem('no case is selected', EXIT.nothing);
  return checkedCases(invocation, cases);
}

function exitOf(reports: readonly SubjectReport[], skipped: number): ExitCode {
  const compared = reports.reduce((sum, { figures }) => sum + figures.compared, 0);
  return gravestExit([
    ...(reports.some(({ mismatches }) => mismatches.length > 0) ? [EXIT.unexpected] : []),
    ...(reports.some(({ broken }) => broken.length > 0) ? [EXIT.harness] : []),
    ...(skipped > 0 || compared === 0 ? [EXIT.nothing] : []),
  ]);
}

async function verifySubject(pair: Chosen, wanted: Wanted, { io }: Invocation): Promise<SubjectReport> {
  const subject = new LockstepSubject(pair.loaded, pair.revision);
  const name = subjectName(subject.id);
  const mismatches: (Found & { readonly of: string })[] = [];
  const broken: { readonly what: string; readonly why: string }[] = [];
  const refused: Refused[] = [];
  let steps = 0;
  let ran = 0;
  let unsupported = 0;
  const progress = (text: string) => io.errIsTerminal === true && io.err(`\r${name}: ${text}\u001b[K`);
  const breathe = async (text: () => string) => {
    if (++steps % BREATH !== 0) return;
    progress(text());
    await new Promise((resolve) => setImmediate(resolve));
  };
  const found = (of: string, one: Found) => {
    mismatches.push({ of, ...one });
    io.err(`${io.errIsTerminal === true ? '\n' : ''}${mismatchLines(name, { of, ...one }).join('\n')}\n`);
  };
  const part = async (of: string, all: () => Generator<Found | null>) => {
    try {
      let count = 0;
      for (const one of all()) {
        count++;
        if (one !== null) found(of, one);
        if (io.signal.aborted) return;
        await breathe(() => `${of} ${count}`);
      }
      if (io.errIsTerminal !== true) io.err(`${name}: ${of}: ${count} runs\n`);
    } catch (error) {
      if (!isEnvironment(error)) throw error;
      broken.push({ what: of, why: error.message });
    }
  };
  try {
    for (const spec of wanted.cases) {
      const verified = subject.verify(spec);
      if (verified.kind === 'mismatch') found('case', { name: spec.id, run: 0, mismatch: verified.mismatch });
      if (verified.kind === 'broken') broken.push({ what: spec.id, why: verified.why });
      if (verified.kind === 'unsupported') unsupported++;
      else ran++;
      if (io.signal.aborted) break;
      await breathe(() => `case ${ran + unsupported} of ${wanted.cases.length}`);
    }
    if (wanted.cases.length > 0 && io.errIsTerminal !== true) io.err(`${name}: ${ran} cases\n`);
    if (wanted.instructions && !io.signal.aborted)
      await part('sequence', () => subject.instructions(EACH, wanted.seed, refused));
    if (wanted.random > 0 && !io.signal.aborted)
      await part('entry', () => subject.random(wanted.random, wanted.seed));
  } catch (error) {
    if (!isEnvironment(error)) throw error;
    broken.push({ what: 'the machine', why: rendered(error) });
  } finally {
    subject.close();
    if (io.errIsTerminal === true) io.err('\r\u001b[K');
  }
  return {
    ...{ name, ran, unsupported, mismatches, broken, refused },
    figures: subject.figures,
    trampolines: subject.trampolines(),
    rows: subject.rows(),
    hidden: pair.loaded.backend.qemu.hidden,
  };
}

/** LLVM, QEMU or its log, not the harness and not the back-end. */
function isEnvironment(error: unknown): error is Error {
  return error instanceof ToolError || error instanceof RspError || error instanceof LogError;
}
