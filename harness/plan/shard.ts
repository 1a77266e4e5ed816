// SPDX-License-Identifier: MIT
/**
 * Which part of a run a machine takes. A case belongs to a shard by the hash of its id alone, so that a new case moves no
 * other. What engines of continuous integration tell a job is understood.
 */
import { createHash } from 'node:crypto';
import { Problem } from './problem.js';

/** Shard `index` of `of`, from 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

export interface ShardGiven extends Shard {
  /** Where it was given: `--shard`, `CI_NODE_INDEX`. */
  readonly origin: string;
}

/** More is a mistake. */
const MOST = 10_000;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `--shard`, else what the environment says: GitLab counts from 1 in CI_NODE_INDEX (set by `parallel`, with
 * CI_NODE_TOTAL), Kubernetes from 0 in JOB_COMPLETION_INDEX (of an Indexed Job; how many there are it does not say).
 * @throws Problem for what is no shard
 */
export function shardGiven(option: string | undefined, environment: Environment): ShardGiven | null {
  if (option !== undefined) return parsed(option, '--shard');
  const { FTRACE_CONFORM_SHARD, CI_NODE_INDEX, CI_NODE_TOTAL } = environment;
  if (FTRACE_CONFORM_SHARD) return parsed(FTRACE_CONFORM_SHARD, 'FTRACE_CONFORM_SHARD');
  if (CI_NODE_INDEX) {
    // GitLab sets the total in every job.
    return checked(CI_NODE_INDEX, CI_NODE_TOTAL ?? '', 0, 'CI_NODE_INDEX', 'CI_NODE_TOTAL');
  }
  const { JOB_COMPLETION_INDEX, JOB_COMPLETION_TOTAL } = environment;
  if (!JOB_COMPLETION_INDEX) return null;
  return checked(
    JOB_COMPLETION_INDEX,
    JOB_COMPLETION_TOTAL ?? '',
    1,
    'JOB_COMPLETION_INDEX',
    'JOB_COMPLETION_TOTAL',
  );
}

/** From 1 to `of`. */
export function shardOf(id: string, of: number): number {
  return (createHash('sha256').update(id).digest().readUInt32BE(0) % of) + 1;
}

function parsed(text: string, origin: string): ShardGiven {
  const [, index = '', of = ''] = /^(\d+)\/(\d+)$/.exec(text.trim()) ?? [];
  const shard = { index: Number(index), of: Number(of), origin };
  if (index === '' || shard.index < 1 || shard.index > shard.of || shard.of > MOST) {
    throw new Problem(`${origin} ${text}: expected m/n, m from 1 to n, n at most ${MOST}; 1/1 is everything`);
  }
  return shard;
}

/** @param before what is to be added to count from 1 */
function checked(index: string, total: string, before: 0 | 1, origin: string, totalName: string): ShardGiven {
  const way = 'or give --shard m/n (1/1 is everything)';
  if (total === '') {
    throw new Problem(`${origin} is set, but not of how many: set ${totalName}, ${way}`);
  }
  const [at, of] = [Number(index) + before, Number(total)];
  const numbers = /^\d+$/.test(index) && /^\d+$/.test(total);
  if (!numbers || at < 1 || at > of || of > MOST) {
    const range = before === 0 ? `1 to ${totalName}` : `0 to ${totalName} - 1`;
    throw new Problem(`${origin}=${index}, ${totalName}=${total}: expected an index from ${range}; ${way}`);
  }
  return { index: at, of, origin };
}
