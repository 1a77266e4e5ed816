// SPDX-License-Identifier: MIT
/**
 * The shape of what kcidb.ts writes, in JSON Schema draft-07: the members and rules of KCIDB's schema v5.3
 * (kernelci/kcidb-io kcidb_io/schema/v05_03.py) that a submission of ftrace-conform uses, none of them loosened.
 */

const ORIGIN = '^[a-z0-9_]+$';
const ORIGIN_ID = '^[a-z0-9_]+:.*$';
const TEXT = '^[^\\u0000]*$';
/** Dotted, empty for the root. */
const PATH = '^([A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*)?$';

const id = (description: string) => ({ type: 'string', pattern: ORIGIN_ID, description });
const text = (description: string) => ({ type: 'string', pattern: TEXT, description });
const misc = { type: 'object', description: 'What the schema has no member for.' };
const origin = { type: 'string', pattern: ORIGIN, description: 'Submitting system.' };

function record(description: string, required: readonly string[], properties: Record<string, unknown>) {
  return { type: 'object', description, required, additionalProperties: false, properties };
}

function list(items: object, description: string) {
  return { type: 'array', items, description };
}

const checkout = record('Source under test.', ['id', 'origin'], {
  id: id('Of the checkout.'),
  origin,
  git_commit_name: text('As git describe names it.'),
  comment: text('For people.'),
  valid: { type: 'boolean', description: 'Whether the source could be had.' },
  misc,
});

const build = record('A kernel for one architecture.', ['checkout_id', 'id', 'origin'], {
  id: id('Of the build.'),
  checkout_id: id('Of its checkout.'),
  origin,
  architecture: { type: 'string', pattern: '^[a-z0-9_]*$', description: 'Target architecture.' },
  comment: text('Subject.'),
  misc,
});

const test = record('One case on one subject.', ['build_id', 'id', 'origin'], {
  id: id('Of the test run.'),
  build_id: id('Of the tested build.'),
  origin,
  path: { type: 'string', pattern: PATH, description: 'Place in the tree of tests.' },
  comment: text('Title of the case.'),
  status: {
    enum: ['FAIL', 'ERROR', 'MISS', 'PASS', 'DONE', 'SKIP'],
    description: 'FAIL: the code is faulty. ERROR, MISS: nothing is known about it. SKIP: not applicable.',
  },
  log_excerpt: { ...text('What is most relevant to the status.'), maxLength: 16384 },
  environment: record('Where it ran.', [], { comment: text('Subject.'), misc }),
  misc,
});

const issue = record('A known failure.', ['id', 'version', 'origin'], {
  id: id('Of the issue.'),
  version: { type: 'integer', minimum: 0, description: 'The highest is valid.' },
  origin,
  culprit: record('Who is to blame.', [], {
    code: { type: 'boolean', description: 'The tested code.' },
    tool: { type: 'boolean', description: 'The test.' },
    harness: { type: 'boolean', description: 'What ran the test.' },
  }),
  comment: text('What it is.'),
  misc,
});

const incident = record('A known failure seen, or gone.', ['id', 'origin', 'issue_id', 'issue_version'], {
  id: id('Of the incident.'),
  origin,
  issue_id: id('Of the issue.'),
  issue_version: { type: 'integer', minimum: 0, description: 'Of the issue.' },
  test_id: id('Of the test run.'),
  present: { type: 'boolean', description: 'Whether it was seen.' },
});

export function kcidbSchema(): Record<string, unknown> {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'KCIDB v5.3, as ftrace-conform writes it',
    ...record('Results for the common report database of kernel CI systems.', ['version'], {
      version: record('Of the schema.', ['major'], {
        major: { type: 'integer', const: 5, description: 'Changes are incompatible.' },
        minor: { type: 'integer', minimum: 0, maximum: 3, description: 'Changes are compatible.' },
      }),
      checkouts: list(checkout, 'Sources.'),
      builds: list(build, 'Kernels.'),
      tests: list(test, 'Results.'),
      issues: list(issue, 'Known failures.'),
      incidents: list(incident, 'Where known failures were seen, or were not.'),
    }),
  };
}
