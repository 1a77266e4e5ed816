// SPDX-License-Identifier: MIT
/** docs/history.md, written from the re-creations: what was wrong, where it shows, what catches it. */
import { concerned } from './catch.js';
import { notShown, type Recreation, recreations } from './recreation.js';

const PLACES: readonly (readonly [prefix: string, heading: string])[] = [
  ['core-', 'The core'],
  ['arm64-', 'arm64'],
  ['loong-', 'loongarch'],
  ['ppc-', 'powerpc'],
  ['riscv-', 'riscv'],
  ['s390-', 's390'],
  ['x86-', 'x86'],
];

const CLASSES: Readonly<Record<Recreation['class'], string>> = {
  TR: 'an instruction of a trampoline',
  TB: 'a table',
  AC: 'an accessor',
  CO: 'the core, or a step of patching',
  PA: 'what is emitted',
};

const code = (text: string) => `\`${text}\``;
const line = (text: string) => text.trim().replaceAll(/\s+/g, ' ');

/** Subject names without the target, revisions of a back-end together: `arm64@6.12, 7.2`. */
function places(subjects: readonly string[]): string {
  const revisions = new Map<string, string[]>();
  for (const subject of subjects) {
    const [arch = '', revision = ''] = subject.replace(/\/.*/, '').split('@');
    revisions.set(arch, [...(revisions.get(arch) ?? []), revision]);
  }
  return [...revisions].map(([arch, at]) => `${arch} ${at.join(', ')}`).join('; ');
}

function build({ config }: Recreation): string {
  const symbols = Object.entries(config).map(([name, on]) => `${name}=${on ? 'y' : 'n'}`);
  return symbols.length === 0 ? '' : ` (${symbols.map(code).join(', ')})`;
}

function entry(bug: Recreation): string {
  const files = [...new Set(bug.change.map(({ file }) => file))];
  const own = bug.own.length === 0 ? '' : `; written for it: ${bug.own.map(code).join(', ')}`;
  return [
    `### ${bug.id}`,
    '',
    `${line(bug.wrong)}${bug.note === undefined ? '' : ` ${line(bug.note)}`}`,
    '',
    `- **Mended by:** "${bug.title}", ${bug.fixed}`,
    `- **Re-created in:** ${CLASSES[bug.class]}: ${files.map((file) => `[${file}](../${file})`).join(', ')} by [this edit](../test/history/bugs/${bug.id}.yaml)`,
    `- **Fails on:** ${places(concerned(bug))}${build(bug)}`,
    `- **Caught by:** ${[...bug.cases].map(code).join(', ') || 'nothing else'}${own}`,
    '',
  ].join('\n');
}

/** The whole page. */
export function page(): string {
  const bugs = recreations();
  const lacking = Object.entries(notShown());
  const general = bugs.filter(({ cases }) => cases.length > 0).length;
  const parts = PLACES.map(([prefix, heading]) => {
    const own = bugs.filter(({ id }) => id.startsWith(prefix));
    return [`## ${heading}`, '', ...own.map(entry)].join('\n');
  });
  return `${[
    '# Historical bugs',
    '',
    'Mistakes that were in kernels once, or still are, put into the sources of this repository by a small edit: the corpus',
    'must fail, on exactly the subjects concerned, and pass without the edit. `npm test` runs each with the cases named here,',
    '`npm run history` with the whole corpus. This page is written from the edits: `npx vitest run test/history -u`.',
    '',
    `Of ${bugs.length + lacking.length} bugs ${bugs.length} are re-created; ${general} of them are caught by a case that was not written for that bug alone.`,
    '',
    ...parts,
    '## Not shown',
    '',
    ...lacking.map(([id, why]) => `- ${code(id)}: ${line(why)}`),
    '',
  ].join('\n')}`;
}
