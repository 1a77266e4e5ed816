// SPDX-License-Identifier: MIT
/**
 * A submission to KCIDB, schema v5.3 (github.com/kernelci/kcidb-io, kcidb_io/schema/v05_03.py). What a kernel did not
 * do is no kernel result: models, and models' trampolines under an emulator, are left out unless asked for. Ids follow
 * from the results, so that submitting a run twice changes nothing.
 */
import { createHash } from 'node:crypto';
import { EXIT } from '../compare/exit-codes.js';
import { STATUSES } from '../compare/statuses.js';
import type { Verdict } from '../compare/types.js';
import { Problem } from '../plan/problem.js';
import { runsKernelText } from '../target/facts.js';
import type { SubjectId } from '../target/outcome.js';
import { subjectName } from '../target/outcome.js';
import { capDiff } from './cap-diff.js';
import type { CaseEvent, HeaderEvent, RunEvent } from './events.js';
import { stableJson } from './stable-json.js';
import { headerFacts } from './summary.js';

export interface KcidbOptions {
  /** Name of the submitting system, `[a-z0-9_]+`. */
  readonly origin: string;
  /** Whether what ran on no kernel is written too. */
  readonly models: boolean;
}

const MAX_EXCERPT = 16384;
const EXCERPT_LINES = 200;

/** @throws Problem for an origin that the schema does not know, and where nothing may be submitted */
export function checkSubmission(header: HeaderEvent, { origin, models }: KcidbOptions): void {
  if (!/^[a-z0-9_]+$/.test(origin)) {
    throw new Problem(`--kcidb-origin ${origin}: small letters, digits and underscores only`);
  }
  if (models || header.subjects.some(({ id }) => runsKernelText(id.target))) return;
  const targets = [...new Set(header.subjects.map(({ id }) => id.target))].join(', ');
  throw new Problem(
    `nothing to submit to KCIDB: no kernel ran, only: ${targets}; --kcidb-models writes them all the same`,
    EXIT.usage,
  );
}

/** @param events a complete stream. @throws Problem as {@link checkSubmission} */
export function kcidb(events: readonly RunEvent[], options: KcidbOptions): string {
  const header = events[0] as HeaderEvent;
  checkSubmission(header, options);
  const cases = events.filter((event): event is CaseEvent => event.event === 'case');
  const wanted = (id: SubjectId) => options.models || runsKernelText(id.target);
  const run = new Submission(options.origin, runKey(header, cases), header);
  const subjects = header.subjects.filter(({ id }) => wanted(id));
  const checkouts = new Map(subjects.map(({ id }) => [run.checkoutId(id), run.checkout(id)]));
  const tests = cases.flatMap((event) =>
    event.comparison.verdicts
      .filter(({ subject }) => wanted(subject))
      .map((verdict) => run.test(event, verdict)),
  );
  const submission = {
    version: { major: 5, minor: 3 },
    checkouts: [...checkouts.values()],
    builds: subjects.map((subject) => run.build(subject)),
    tests,
    ...(run.issues.size > 0 ? { issues: [...run.issues.values()], incidents: run.incidents } : {}),
  };
  return `${stableJson(submission)}\n`;
}

/** Short sha256 over what ran and what came of it, hex. */
function runKey(header: HeaderEvent, cases: readonly CaseEvent[]): string {
  const hash = createHash('sha256').update(JSON.stringify(header));
  for (const { spec, comparison } of cases) {
    const results = comparison.verdicts.map(({ subject, status, reason }) => [
      subjectName(subject),
      status,
      reason,
    ]);
    hash.update(JSON.stringify([spec.id, results]));
  }
  return hash.digest('hex').slice(0, 16);
}

class Submission {
  readonly issues = new Map<string, object>();
  readonly incidents: object[] = [];

  constructor(
    readonly origin: string,
    readonly key: string,
    readonly header: HeaderEvent,
  ) {}

  checkoutId({ revision, target }: SubjectId): string {
    return `${this.origin}:${this.key}:${target}:${revision}`;
  }

  buildId(id: SubjectId): string {
    return `${this.origin}:${this.key}:${subjectName(id)}`;
  }

  checkout(id: SubjectId): object {
    return {
      id: this.checkoutId(id),
      origin: this.origin,
      git_commit_name: `v${id.revision}`,
      comment: runsKernelText(id.target)
        ? `Linux ${id.revision}`
        : `Model of Linux ${id.revision} (${id.target}); no kernel ran`,
      valid: true,
      misc: Object.fromEntries(headerFacts(this.header)),
    };
  }

  build({ id, features }: HeaderEvent['subjects'][number]): object {
    return {
      id: this.buildId(id),
      checkout_id: this.checkoutId(id),
      origin: this.origin,
      architecture: id.arch.toLowerCase().replace(/[^a-z0-9_]/g, '_'),
      comment: subjectName(id),
      misc: { features },
    };
  }

  test({ spec, comparison }: CaseEvent, verdict: Verdict): object {
    const { subject, status } = verdict;
    const id = `${this.buildId(subject)}:${spec.id}`;
    this.#known(id, spec.id, verdict);
    const excerpt = excerptOf(verdict);
    return {
      id,
      build_id: this.buildId(subject),
      origin: this.origin,
      path: pathOf(spec.id),
      comment: clean(spec.title),
      status: STATUSES[status].kcidb,
      ...(excerpt === '' ? {} : { log_excerpt: excerpt }),
      environment: {
        comment: subjectName(subject),
        misc: { arch: subject.arch, revision: subject.revision, target: subject.target },
      },
      misc: {
        case: spec.id,
        verdict: status,
        ...(comparison.sentence === null ? {} : { sentence: comparison.sentence }),
      },
    };
  }

  /** A failure that is recorded is an issue, and each time it shows, or no longer does, an incident of it. */
  #known(testId: string, caseId: string, { subject, status, reason }: Verdict): void {
    if (status !== 'XFAIL' && status !== 'XPASS') return;
    const id = `${this.origin}:known:${caseId}:${subject.arch}`;
    this.issues.set(id, {
      id,
      version: 1,
      origin: this.origin,
      // XPASS: the kernel does no longer what the case has on record.
      culprit: { code: status === 'XFAIL', tool: status === 'XPASS', harness: false },
      comment: clean(reason || STATUSES[status].meaning),
      misc: { case: caseId, arch: subject.arch },
    });
    this.incidents.push({
      id: `${testId}:incident`,
      origin: this.origin,
      issue_id: id,
      issue_version: 1,
      test_id: testId,
      present: status === 'XFAIL',
    });
  }
}

/** `ftrace_conform.fprobe.arguments.3`: dots between parts of `[A-Za-z0-9_-]`. */
function pathOf(id: string): string {
  const parts = id.split(/[/.]/).map((part) => part.replace(/[^A-Za-z0-9_-]/g, '_') || '_');
  return ['ftrace_conform', ...parts].join('.');
}

function excerptOf({ status, reason, diff }: Verdict): string {
  if (status === 'PASS') return '';
  const { lines, more } = capDiff(diff ?? '', EXCERPT_LINES);
  const rest = more > 0 ? [`… ${more} more lines`] : [];
  const text = [reason || STATUSES[status].meaning, ...(diff === null ? [] : lines), ...rest].join('\n');
  return clean(text.slice(0, MAX_EXCERPT));
}

/** NUL is not allowed, and half a surrogate pair is no text. */
function clean(text: string): string {
  return text.replace(/[\0\p{Cs}]/gu, '');
}
