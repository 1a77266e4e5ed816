// SPDX-License-Identifier: MIT
/**
 * `npm run bench`: how fast the model is, each figure beside a reference measured in the same run, so that
 * the ratio means something on any machine. Best of several rounds: noise only ever adds.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseCases } from '../case/parse.js';
import { loadCases } from '../plan/cases.js';
import { discover } from '../plan/discover.js';
import { packageRoot } from '../plan/package-root.js';
import { defaultPlace, select } from '../plan/select.js';
import { createModelHost, createModelTarget } from '../target/model/model.js';
import { calloutLoop, trampolineLoop } from './loops.js';

const ROUNDS = 7;

/** Shortest of several rounds, in nanoseconds. */
function best(act: () => void): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    act();
    shortest = Math.min(shortest, Number(process.hrtime.bigint() - start));
  }
  return shortest;
}

function line(what: string, value: string, reference: string): void {
  process.stdout.write(`${what.padEnd(34)} ${value.padStart(16)}   ${reference}\n`);
}

/** The arithmetic of one interpreted instruction without an interpreter: load, add, store of 64-bit values. */
function plainLoop(steps: number): () => void {
  const words = new BigUint64Array(64);
  return () => {
    for (let step = 0; step < steps; step++) {
      words[step & 63] = (words[(step + 7) & 63] as bigint) + 4n;
    }
  };
}

const backends = await discover([]);
const STEPS = 200_000;
const plain = best(plainLoop(STEPS)) / STEPS;
line('plain loop of 64-bit adds', `${plain.toFixed(1)} ns`, 'the reference of the next lines');

for (const loaded of backends) {
  const host = createModelHost(loaded, '7.2', { total: Number.MAX_SAFE_INTEGER });
  const callouts = 5_000;
  const bare = calloutLoop(host, callouts);
  const calloutTime = best(bare.run);
  const full = trampolineLoop(host, callouts);
  const fullTime = best(full.run);
  const instruction = (fullTime - calloutTime) / (callouts * (full.instructions - bare.instructions));
  line(
    `${loaded.backend.arch}: instruction`,
    `${instruction.toFixed(1)} ns`,
    `${(instruction / plain).toFixed(1)} × plain loop`,
  );
  line(
    `${loaded.backend.arch}: instructions a second`,
    `${(1e3 / instruction).toFixed(1)} million`,
    `trampoline pass of ${full.instructions} instructions`,
  );
  const callout = calloutTime / callouts;
  line(
    `${loaded.backend.arch}: callouts a second`,
    `${(1e3 / callout).toFixed(2)} million`,
    `${(callout / plain).toFixed(1)} × plain loop each`,
  );
}

const place = defaultPlace(packageRoot, packageRoot);
const cases = loadCases(select([], place), parseCases);
const targets = backends.map((loaded) => createModelTarget(loaded, '7.2'));
const runs = cases.length * targets.length;
const corpus = best(() => {
  for (const spec of cases) for (const target of targets) target.run(spec);
});
line(
  'cases × subjects a second',
  `${Math.round((runs * 1e9) / corpus)}`,
  `${runs} runs in ${(corpus / 1e6).toFixed(1)} ms, ${(corpus / runs / 1e3).toFixed(0)} µs each`,
);

const main = fileURLToPath(new URL('../cli/main.js', import.meta.url));
const node = (...args: string[]) => best(() => spawnSync(process.execPath, args, { cwd: packageRoot })) / 1e6;
const empty = node('-e', '0');
const [first] = cases;
const one = node(main, 'run', first?.id ?? '', '--out', '/dev/null/none');
const list = node(main, 'list');
line('empty Node start', `${empty.toFixed(0)} ms`, 'the reference of the next lines');
line('one case from the shell', `${one.toFixed(0)} ms`, `${(one / empty).toFixed(1)} × empty start`);
line('list from the shell', `${list.toFixed(0)} ms`, `${(list / empty).toFixed(1)} × empty start`);
