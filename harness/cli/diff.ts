// SPDX-License-Identifier: MIT
/** `diff`: what changed between two logs, or between a baseline and a log; exits 1 when something is worse. */
import { EXIT } from '../compare/exit-codes.js';
import { compareRuns, incomparable, type RunDiff, type Standing } from '../compare/over-time.js';
import { byId } from '../plan/order.js';
import { Problem } from '../plan/problem.js';
import { coloured, mayColour, plain } from '../report/style.js';
import { notComparable, readStanding } from './comparable.js';
import type { Invocation } from './invocation.js';

export async function diff({ arguments: [old = '', young = ''], options, io }: Invocation): Promise<number> {
  const render = await renderer(options, io);
  const [before, after] = [readStanding(io, old), readStanding(io, young)];
  const reasons = incomparable(before, after);
  if (reasons.length > 0 && !options.acrossVersions) throw notComparable(`${old}, ${young}`, reasons);
  const found = compareRuns(before, after, byId);
  io.out(render(found, before, after));
  return found.counts.results.worse > 0 ? EXIT.unexpected : EXIT.ok;
}

async function renderer(
  options: Invocation['options'],
  io: Invocation['io'],
): Promise<(found: RunDiff, before: Standing, after: Standing) => string> {
  const { format, verbose } = options;
  if (format === 'json') return (await import('../report/diff-json.js')).diffJson;
  if (format === 'markdown') return (await import('../report/diff-markdown.js')).diffMarkdown;
  if (format !== 'pretty') throw new Problem(`diff has the formats pretty, json and markdown, not ${format}`);
  const { diffText } = await import('../report/diff-text.js');
  const paint = mayColour(options.color, io.isTerminal, io.environment) ? coloured : plain;
  const width = Math.max(60, Math.min(io.columns, 120));
  return (found) => diffText(found, { paint, width, verbose: verbose > 0 });
}
