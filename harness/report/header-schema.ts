// SPDX-License-Identifier: MIT
/** What the head of a run says, for the schemas of all that has one: the log and `report.json`. */
import { z } from 'zod';

export const subjectId = z.strictObject({
  arch: z.string().describe('Name of the back-end.'),
  revision: z.string().describe('Kernel version whose behaviour is modelled or booted.'),
  target: z.string().describe('Where the code ran.'),
});

const subject = z.strictObject({
  name: z.string().describe('Back-end @ revision / target.'),
  short: z.string().describe('Head of the column in a matrix.'),
  id: subjectId.describe('The three axes of a subject.'),
  features: z.array(z.string()).describe('Kconfig symbols that are on, without CONFIG_, sorted.'),
});

export const headerFields = {
  harness: z.string().describe('Version of ftrace-conform.'),
  interpretation: z.int().min(1).max(1e6).describe('How cases are interpreted; compare only equal ones.'),
  caseSet: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('sha256 over ids and texts of the cases.'),
  axis: z.enum(['arch', 'revision', 'target']).describe('What was compared.'),
  seed: z.int().min(0).describe('Seed of everything random.'),
  command: z.array(z.string()).describe('Arguments that decide the outcome.'),
  subjects: z.array(subject).describe('What the cases ran on.'),
};
