// SPDX-License-Identifier: MIT
/** `doctor --config`: every setting with its value and where it comes from. */
import { EXIT } from '../../compare/exit-codes.js';
import { shardGiven } from '../../plan/shard.js';
import { filterGiven } from '../filter.js';
import type { Invocation } from '../invocation.js';
import { OPTIONS, type OptionName } from '../options.js';
import { KEYS } from './file.js';
import { layersOf } from './layers.js';

/** @throws Problem, CaseError for any wrong value, whichever verb it is for */
export function doctorSettings({ given, options, io }: Invocation): number {
  const { file, profile, values, select, unknown } = layersOf(
    given,
    io,
    Object.keys(OPTIONS) as OptionName[],
  );
  const row = (name: string, value: unknown, from: string, none?: string) =>
    io.out(`  ${name.padEnd(18)} ${shown(value, none).padEnd(24)} ${from}`.concat('\n'));
  io.out(`Settings: command line > environment > profile > file > default\n\n`);
  row('file', file, file === null ? 'no ftrace-conform.yaml here' : 'read');
  row('profile', profile?.value, profile?.from ?? 'none chosen');
  io.out('\n');
  row('select', select?.value ?? [], select?.from ?? 'default');
  const filter = filterGiven({ options, io });
  row('filter', filter?.text, filter?.origin ?? 'default');
  const shard = shardGiven(options.shard, io.environment);
  row('shard', shard && `${shard.index}/${shard.of}`, shard?.origin ?? 'default');
  for (const [key, name] of KEYS) {
    const origin = values.get(name);
    row(key, origin?.value, origin?.from ?? 'default', OPTIONS[name].none);
  }
  if (unknown.length > 0) io.out('\n');
  for (const name of unknown) io.out(`  ${name}\n`);
  return EXIT.ok;
}

function shown(value: unknown, none = 'all'): string {
  if (value === undefined || value === null) return '-';
  if (Array.isArray(value)) return value.length === 0 ? none : value.join(', ');
  return String(value);
}
