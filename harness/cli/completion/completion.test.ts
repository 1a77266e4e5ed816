// SPDX-License-Identifier: MIT
/** The scripts, asked by the shells themselves. A shell that is not here is not asked. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fakeWiring, program } from '../test/fakes.js';
import { VERBS } from '../verbs.js';

const answer = () => [];
const wiring = fakeWiring({
  alpha: { short: 'al', answer, revisions: ['6.1', '7.2'] },
  beta: { short: 'be', answer },
});

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'conform-'));
  mkdirSync(join(cwd, 'bin'));
  mkdirSync(join(cwd, 'some-folder'));
  writeFileSync(join(cwd, 'run.jsonl'), '');
  const stub = '#!/bin/sh\n[ "$1" = list ] && printf "fprobe/one\\nfprobe/two\\ngraph/three\\n"\n';
  writeFileSync(join(cwd, 'bin/ftrace-conform'), stub);
  chmodSync(join(cwd, 'bin/ftrace-conform'), 0o755);
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

async function script(shell: string): Promise<string> {
  const { code, out, err } = await program(['completion', shell], cwd, wiring);
  expect([code, err]).toEqual([0, '']);
  const file = join(cwd, 'bin/script');
  writeFileSync(file, out);
  return file;
}

function ask(shell: string, args: readonly string[]): string[] {
  const { stdout, stderr } = spawnSync(shell, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(cwd, 'bin')}:${process.env.PATH}`, HOME: cwd, XDG_CONFIG_HOME: cwd },
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

const verbs = VERBS.map(({ name }) => name);
/** Words before the cursor, the last one begun; what is offered, or some of it. */
const QUESTIONS: readonly (readonly [typed: readonly string[], offered: readonly string[]])[] = [
  [['ex'], verbs.filter((name) => name.startsWith('ex'))],
  [
    ['run', 'fprobe/'],
    ['fprobe/one', 'fprobe/two'],
  ],
  [['run', 'fprobe/one', '--arch', 'alpha', 'gra'], ['graph/three']],
  [
    ['run', '--arch', ''],
    ['alpha', 'beta'],
  ],
  [['run', '--kernel', 'n'], ['newest']],
  [
    ['run', '--color', 'a'],
    ['auto', 'always'],
  ],
  [['run', '--prof'], ['--profile']],
  [['run', '--profile', 'q'], ['quick']],
  [['why', 'graph/three', 'be'], ['beta']],
  [['why', 'gra'], ['graph/three']],
  [['completion', 'z'], ['zsh']],
];

const has = (shell: string) => spawnSync(shell, ['--version']).error === undefined;

describe.skipIf(!has('bash'))('bash', () => {
  const complete = (file: string, typed: readonly string[]) =>
    ask('bash', [
      '-c',
      `source "$1"; shift; COMP_WORDS=(ftrace-conform "$@"); COMP_CWORD=$#; _ftrace_conform; printf '%s\\n' "\${COMPREPLY[@]}"`,
      'bash',
      file,
      ...typed,
    ]);
  test.each(QUESTIONS)('%j', async (typed, offered) => {
    expect(complete(await script('bash'), typed).sort()).toEqual([...offered].sort());
  });
  test('every verb; files where a log stands; folders where one does; values after =', async () => {
    const file = await script('bash');
    expect(complete(file, ['']).sort()).toEqual([...verbs, 'help', '--help', '--version'].sort());
    expect(complete(file, ['report', 'run'])).toEqual(['run.jsonl']);
    expect(complete(file, ['run', '--out', 's'])).toEqual(['some-folder']);
    expect(complete(file, ['run', '--color', '=', 'n'])).toEqual(['never']);
    expect(complete(file, ['run', '--seed', ''])).toEqual([]);
  });
});

describe.skipIf(!has('fish'))('fish', () => {
  test.each(QUESTIONS)('%j', async (typed, offered) => {
    const file = await script('fish');
    const line = `ftrace-conform ${typed.join(' ')}`;
    const found = ask('fish', ['-c', `source ${file}; complete -C '${line}'`]).map(
      (one) => one.split('\t')[0],
    );
    expect(found.sort()).toEqual([...offered].sort());
  });
});

describe.skipIf(!has('zsh'))('zsh', () => {
  test('is read without an error, and is registered', async () => {
    const file = await script('zsh');
    expect(ask('zsh', ['-f', '-n', file])).toEqual([]);
    const lines = `autoload -Uz compinit; compinit -u -D; source ${file}; print -l $_comps[ftrace-conform]`;
    expect(ask('zsh', ['-f', '-c', lines])).toEqual(['_ftrace-conform']);
  });

  /** A shell on a terminal of its own, with a widget that prints what is offered. */
  test.each(QUESTIONS.slice(0, 4))('%j', async (typed, offered) => {
    const file = await script('zsh');
    const driver = `
      zmodload zsh/zpty
      zpty -b z zsh -f -i
      put() { zpty -w z "$1"; }
      put "PROMPT=; unsetopt zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; source ${file}"
      put 'zstyle ":completion:*" insert-tab false'
      put 'compadd() { if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi; typeset -a hits; builtin compadd -A hits "$@"; builtin compadd "$@"; local code=$?; print -lr -- "<"\${^hits}">" >> ${cwd}/hits; return code; }'
      put 'done_() { print ready > ${cwd}/ready }; zle -N done_; bindkey "^X" done_'
      sleep 1
      zpty -w -n z "ftrace-conform ${typed.join(' ')}"$'\\t\\t'$'\\x18'
      for i in {1..100}; do [ -e ${cwd}/ready ] && break; sleep 0.1; done
      zpty -d z`;
    writeFileSync(join(cwd, 'hits'), '');
    ask('zsh', ['-f', '-c', driver]);
    const { stdout } = spawnSync('cat', [join(cwd, 'hits')], { encoding: 'utf8' });
    const hits = new Set([...stdout.matchAll(/<(.*?)>/g)].map(([, hit]) => hit));
    for (const one of offered) expect(hits).toContain(one);
  });
});

test('another shell is a usage error', async () => {
  const { code, out, err } = await program(['completion', 'zhs'], cwd, wiring);
  expect([code, out]).toEqual([2, '']);
  expect(err).toBe('error: no completion for zhs; did you mean zsh?\nshells: bash, zsh, fish\n');
});
