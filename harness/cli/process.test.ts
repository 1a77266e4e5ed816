// SPDX-License-Identifier: MIT
/** The program as a process: what only pipes, signals and a shell can show. Compiled once, into a directory of its own. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, execaNode } from 'execa';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../plan/package-root.js';

let home: string;
let cwd: string;

const CASE = (extra = '') => `title: A call without probes
why: Nothing is traced.
functions:
  f: { prototype: u64 f(u64 a), returns: a }
steps:
  - call: f(3)
${extra}`;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'conform-home-'));
  symlinkSync(join(packageRoot, 'node_modules'), join(home, 'node_modules'));
  // A copy, whose sources a test may change.
  cpSync(join(packageRoot, 'backends'), join(home, 'backends'), { recursive: true });
  cpSync(join(packageRoot, 'package.json'), join(home, 'package.json'));
  const options = { cwd: packageRoot, preferLocal: true };
  await execa('rolldown', ['-c', '--dir', join(home, 'dist')], options);
}, 120_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

beforeEach(() => {
  cwd = mkdtempSync(join(home, 'work-'));
  mkdirSync(join(cwd, 'cases'));
  writeFileSync(join(cwd, 'cases/call.yaml'), CASE());
});

const main = () => join(home, 'dist/harness/cli/main.js');
const run = (...args: string[]) =>
  execaNode(main(), args, { cwd, reject: false, env: { FORCE_COLOR: '' }, nodeOptions: [] });

describe('as a process', { timeout: 60_000 }, () => {
  test('results on stdout, the rest on stderr, reports in reports/', async () => {
    const { exitCode, stdout, stderr } = await run('run', '--cases', 'cases');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/1 case × \d+ subjects: \d+ as expected, 0 not, 1 unsupported\n/);
    expect(stderr.split('\n')).toEqual([
      'wrote reports/run.jsonl',
      'wrote reports/report.json',
      'wrote reports/index.html',
    ]);
    expect(readdirSync(join(cwd, 'reports')).sort()).toEqual(['index.html', 'report.json', 'run.jsonl']);
  });

  test('wrong cases and wrong arguments: 2, stderr only, no stack trace, nothing written', async () => {
    writeFileSync(join(cwd, 'cases/bad.yaml'), CASE('expcet: []\n'));
    writeFileSync(join(cwd, 'cases/binary.yaml'), new Uint8Array([0, 1, 2, 0xff]));
    const { exitCode, stdout, stderr } = await run('run', '--cases', 'cases');
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain('cases/bad.yaml:');
    expect(stderr).toContain('expect');
    expect(stderr).toContain('cases/binary.yaml:1:1: a binary file');
    expect(stderr).not.toMatch(/\n\s+at .*:\d+:\d+/);
    expect(readdirSync(cwd)).toEqual(['cases']);
  });

  test('started through a link, as package managers do', async () => {
    symlinkSync(main(), join(cwd, 'ftrace-conform'));
    chmodSync(main(), 0o755);
    const { exitCode, stdout } = await execa(join(cwd, 'ftrace-conform'), ['list', '--cases', 'cases'], {
      cwd,
    });
    expect([exitCode, stdout]).toEqual([0, 'call']);
  });

  test('a reader that goes away ends nothing but the output', async () => {
    const child = spawn(process.execPath, [main(), 'run', '--cases', 'cases', '--format', 'html'], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (part) => {
      stderr += part;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, stderr]).toEqual([0, expect.stringContaining('wrote reports/index.html')]);
    expect(stderr).not.toContain('EPIPE');
  });

  describe('threads', () => {
    const several = (count: number) => {
      for (let file = 0; file < count; file++) {
        const text = CASE().replace('f(3)', `f(\${n})`).replace('title', 'for: { n: [1, 2, 3] }\ntitle');
        writeFileSync(join(cwd, `cases/file-${file}.yaml`), text);
      }
    };

    test('as many as one likes: the same results', async () => {
      several(5);
      const results = [];
      for (const jobs of ['1', '2', '3']) {
        const ran = await run('run', '--cases', 'cases', '--jobs', jobs, '--out', `reports-${jobs}`, '-vv');
        const files = ['run.jsonl', 'report.json', 'index.html'].map((name) =>
          readFileSync(join(cwd, `reports-${jobs}`, name), 'utf8'),
        );
        results.push([ran.exitCode, ran.stdout, ...files]);
      }
      const [one, ...more] = results;
      expect(one?.[0]).toBe(0);
      for (const other of more) expect(other).toEqual(one);
    });

    describe('that die', () => {
      /** Each of two threads has all cases on half of the back-ends; this one is at place 4. */
      const UNDER_WAY = 4;
      const VICTIM = 'file-1.1';
      const inThread = (act: string) => `
        const { isMainThread, workerData } = require('node:worker_threads');
        const store = Atomics.store;
        if (!isMainThread && workerData.worker === 0)
          Atomics.store = (marks, at, place) => {
            store(marks, at, place);
            if (place === ${UNDER_WAY}) { ${act} }
          };`;
      /** Ends the first thread as soon as it says that it hangs. */
      const KILLER = `
        const { existsSync } = require('node:fs');
        const threads = require('node:worker_threads');
        const { Worker } = threads;
        // Little room, so that it is soon used up.
        threads.Worker = class extends Worker {
          constructor(url, options) {
            super(url, { ...options, resourceLimits: { maxOldGenerationSizeMb: 96 } });
          }
        };
        require('node:module').syncBuiltinESMExports();
        const emit = Worker.prototype.emit;
        Worker.prototype.emit = function (name, ...rest) {
          if (name === 'online' && this.threadId === 1) {
            const look = setInterval(() => existsSync('hangs') && this.terminate(), 20);
            this.once('exit', () => clearInterval(look));
          }
          return emit.call(this, name, ...rest);
        };`;
      const run = async (hook: string, jobs = '2') => {
        writeFileSync(join(cwd, 'hook.cjs'), hook);
        const args = ['run', '--cases', 'cases', '--jobs', jobs, '--kernel', '7.2', '--out', `out-${jobs}`];
        const ran = await execaNode(main(), args, {
          cwd,
          reject: false,
          nodeOptions: ['--require', join(cwd, 'hook.cjs')],
        });
        const lines = readFileSync(join(cwd, `out-${jobs}/run.jsonl`), 'utf8')
          .trimEnd()
          .split('\n');
        return { ...ran, lines };
      };

      test.each([
        ['out of memory', 'const all = []; for (;;) all.push(new Array(1e6).fill({}));', 'out of memory'],
        ['by an exception nobody expects', 'throw new Error("spoilt");', 'spoilt'],
        ['by exit', 'process.exit(7);', 'exit code 7'],
        [
          'killed from outside while it hangs',
          `require('node:fs').writeFileSync('hangs', '');
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
          'exit code 1',
        ],
      ])('%s: an ERROR for the case under way, the others as ever', async (_, act, why) => {
        several(5);
        const whole = await run('');
        const { exitCode, lines } = await run(inThread(act) + KILLER);
        expect([whole.exitCode, exitCode]).toEqual([0, 3]);
        const differing = lines.filter((line, index) => line !== whole.lines[index]);
        expect(differing).toHaveLength(2);
        const [victim, footer] = differing.map((line) => JSON.parse(line));
        expect(victim.spec.id).toBe(VICTIM);
        for (const result of victim.results) {
          expect(result).toMatchObject({
            status: 'ERROR',
            reason: `the thread that ran it died: ${why}`,
          });
        }
        expect(footer).toMatchObject({
          complete: true,
          exitCode: 3,
          counts: { ERROR: victim.results.length },
        });
      });

      test('before they have begun: the run goes on in one, and says why', async () => {
        several(2);
        const args = ['run', '--cases', 'cases', '--jobs', '2'];
        writeFileSync(
          join(cwd, 'hook.cjs'),
          `if (!require('node:worker_threads').isMainThread) throw new Error('no room');`,
        );
        const ran = await execaNode(main(), args, {
          cwd,
          reject: false,
          nodeOptions: ['--require', join(cwd, 'hook.cjs')],
        });
        expect(ran.exitCode).toBe(0);
        expect(ran.stderr).toContain('threads do not start (no room): the run goes on in one\n');
        expect(ran.stdout).toContain('as expected');
      });
    });

    test('a wrong row that was not asked for: the others run', async () => {
      several(1);
      const text = CASE(`requires: ["\${n}"]\n`).replace('title', 'for: { n: [FPROBE, FRPOBE] }\ntitle');
      writeFileSync(join(cwd, 'cases/word.yaml'), text.replace('f(3)', 'f(4)'));
      const rows = (await run('list', '--cases', 'cases', 'word')).stdout.split('\n');
      expect(rows).toHaveLength(2);
      const chosen = ['--jobs', '2', 'file-0', rows[0] as string];
      expect((await run('run', '--cases', 'cases', ...chosen)).exitCode).toBe(0);
      expect((await run('run', '--cases', 'cases', '--jobs', '2', 'file-0', 'word')).exitCode).toBe(2);
    });

    test.each([
      [
        'a wrong file and one that is no text',
        () => {
          writeFileSync(join(cwd, 'cases/bad.yaml'), CASE('expcet: []\n'));
          writeFileSync(join(cwd, 'cases/binary.yaml'), new Uint8Array([0, 1, 2, 0xff]));
        },
        [],
      ],
      [
        'words that no back-end knows',
        () => {
          writeFileSync(join(cwd, 'cases/word.yaml'), CASE('requires: [FRPOBE]\n'));
          writeFileSync(join(cwd, 'cases/xword.yaml'), CASE('requires: [KRPOBES]\n'));
        },
        [],
      ],
      [
        'two files with one id',
        () => {
          writeFileSync(join(cwd, 'cases/file-0.1.yaml'), CASE());
        },
        [],
      ],
      ['a revision that nobody models', () => {}, ['--kernel', '9.9']],
      ['a back-end that is not there', () => {}, ['--arch', 'pdp11']],
      ['a row that is not there', () => {}, ['file-0', 'file-1.99']],
    ] as const)('%s: the same errors, nothing written', async (_, spoil, more) => {
      several(4);
      spoil();
      const [one, two] = [
        await run('run', '--cases', 'cases', '--jobs', '1', ...more),
        await run('run', '--cases', 'cases', '--jobs', '2', ...more),
      ];
      expect([two.exitCode, two.stdout, two.stderr]).toEqual([one.exitCode, one.stdout, one.stderr]);
      expect(one.stderr).not.toMatch(/fault of ftrace-conform/);
      expect(one.exitCode).not.toBe(0);
      expect(readdirSync(cwd)).toEqual(['cases']);
    });
  });

  test.each([
    ['1', 'SIGINT', 130],
    ['2', 'SIGINT', 130],
    ['2', 'SIGTERM', 143],
  ] as const)('with %s threads, %s: %i, and a log that says so', async (jobs, signal, expected) => {
    const many = Array.from({ length: 1500 }, (_, index) => index).join(', ');
    for (let file = 0; file < 4; file++) {
      const text = CASE().replace('f(3)', `f(\${n})`).replace('title', `for: { n: [${many}] }\ntitle`);
      writeFileSync(join(cwd, `cases/many-${file}.yaml`), text);
    }
    const child = spawn(
      process.execPath,
      [main(), 'run', '--cases', 'cases', '--jobs', jobs, '--format', 'jsonl'],
      {
        cwd,
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    child.stdout.once('data', () => child.kill(signal));
    child.stdout.on('data', () => {});
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect(code).toBe(expected);
    expect(readdirSync(join(cwd, 'reports'))).toEqual(['run.jsonl']);
    const footer = readFileSync(join(cwd, 'reports/run.jsonl'), 'utf8').trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(footer)).toMatchObject({
      event: 'footer',
      complete: false,
      interrupted: true,
      exitCode: expected,
    });
    const again = await run('report', 'reports/run.jsonl');
    expect(again.exitCode).toBe(expected);
    expect(again.stdout.replaceAll(/\s+/g, ' ')).toContain('interrupted, the rest did not run');
  });

  test('a second signal kills', async () => {
    const hold = join(cwd, 'hold.cjs');
    // A run that never hears of the first: its end is held up.
    writeFileSync(
      hold,
      'setInterval(() => {}, 1000); AbortController.prototype.abort = () => console.log("heard");',
    );
    const child = spawn(process.execPath, ['--require', hold, main(), 'run', '--cases', 'cases'], {
      cwd,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let out = '';
    child.stdout.on('data', (part) => {
      const before = out;
      out += part;
      if (before === '') child.kill('SIGTERM');
      if (out.includes('heard')) child.kill('SIGTERM');
    });
    const ended = await new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)));
    expect(out).toContain('heard');
    expect(ended).toBe('SIGTERM');
  });

  test('--watch: an assembler source, with a mistake and mended; compiled code; an end', async () => {
    const source = join(home, 'backends/riscv/trampoline.S');
    const [text, kept] = [readFileSync(source, 'utf8'), join(home, 'rolldown.config.js')];
    const probe = `probes:
  watch: { ops: { on: [f] } }
steps:
  - register: watch
  - call: f(3)
expect:
  - entry: { probe: watch, function: f, arguments: [3] }
  - body: { function: f, arguments: [3] }
  - result: 3
`;
    const spec = CASE().replace('functions', 'requires: [DYNAMIC_FTRACE_WITH_ARGS]\nfunctions');
    writeFileSync(join(cwd, 'cases/watched.yaml'), spec.slice(0, spec.indexOf('steps:')) + probe);
    const args = [main(), 'run', '--cases', 'cases', 'watched', '--kernel', '7.2', '--watch'];
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const acts: ((said: string) => void)[] = [
      (said) => {
        expect(said).toContain('1 case × 6 subjects: 6 as expected, 0 not');
        writeFileSync(source, text.replaceAll(/^ftrace_caller:$/gm, '$&\n\tmv\ta0, a1'));
      },
      (said) => {
        expect(said).toContain('backends/riscv/trampoline.S\n');
        expect(said).toContain('1 case run again on riscv@7.2/model\n');
        expect(said).toMatch(/ {2}worse {2}watched\n {9}ok → NG: riscv@7\.2\/model\n/);
        expect(said).toContain('1 worse, 0 as before\n');
        writeFileSync(source, text.replaceAll(/^ftrace_caller:$/gm, '$&\n\tmvv\ta0, a1'));
      },
      (said) => {
        expect(said).toMatch(/backends\/riscv\/trampoline\.S:\d+:\d+: .*mvv/);
        writeFileSync(source, text);
      },
      (said) => {
        expect(said).toContain('1 better, 0 as before\n');
        writeFileSync(join(home, 'backends/riscv/tiny.ts'), 'export const tiny = 1;\n');
      },
      (said) => {
        expect(said).toContain('compiled code is not read again');
        writeFileSync(kept, "export default { input: 'backends/riscv/tiny.ts', output: { dir: 'tiny' } };");
        writeFileSync(join(home, 'backends/riscv/tiny.ts'), 'export const tiny = ;\n');
      },
      (said) => {
        expect(said).toContain('backends/riscv/tiny.ts:1:');
        writeFileSync(join(home, 'backends/riscv/tiny.ts'), 'export const tiny = 3;\n');
      },
      (said) => {
        // Begun again: the whole run, and what is other than before.
        expect(said).toContain('1 case × 6 subjects: 6 as expected, 0 not');
        expect(said).toContain('1 as before\n');
        child.kill('SIGTERM');
      },
    ];
    let [said, all] = ['', ''];
    let told = false;
    let failure: unknown = null;
    const hear = (part: Buffer) => {
      said += part;
      all += part;
      if (told || !said.includes('waiting for changes')) return;
      told = true;
      // What went to the other stream may come a little later.
      setTimeout(() => {
        const now = said;
        [said, told] = ['', false];
        try {
          acts.shift()?.(now);
        } catch (error) {
          failure = error;
          child.kill('SIGTERM');
        }
      }, 200);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    const code = await new Promise((resolve) => child.on('close', resolve));
    writeFileSync(source, text);
    rmSync(kept, { force: true });
    rmSync(join(home, 'backends/riscv/tiny.ts'), { force: true });
    if (failure !== null) throw failure;
    expect([acts.length, code, all.includes('fault of ftrace-conform')]).toEqual([0, 143, false]);
  });
});
