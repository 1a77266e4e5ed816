// SPDX-License-Identifier: MIT
/**
 * Which files have changed since one last asked. The system's notices only wake: what changed is found by looking at
 * all files, so that editors may write as they like.
 */
import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';

export interface WatchedRoot {
  /** A directory, with all below, or a file. */
  readonly path: string;
  /** Which files below it matter. */
  readonly matters: (path: string) => boolean;
}

/** Milliseconds after a notice in which others of the same save arrive. */
const SETTLES = 60;

export class FileWatch {
  private known: ReadonlyMap<string, string>;
  private readonly watchers: FSWatcher[] = [];
  private wake: () => void = () => {};
  private stirred = false;

  constructor(private readonly roots: readonly WatchedRoot[]) {
    const stir = () => {
      this.stirred = true;
      this.wake();
    };
    for (const { path } of roots) {
      try {
        this.watchers.push(watch(path, { recursive: true }, stir).on('error', () => {}));
      } catch {
        // Not there: nothing to see.
      }
    }
    this.known = this.scan();
  }

  /** Paths that were written, made or deleted since; none once the signal is aborted. */
  async next(signal: AbortSignal): Promise<string[]> {
    for (;;) {
      if (!this.stirred) await this.stir(signal);
      if (signal.aborted) return [];
      await new Promise((resolve) => setTimeout(resolve, SETTLES));
      this.stirred = false;
      const now = this.scan();
      const paths = [...new Set([...this.known.keys(), ...now.keys()])];
      const changed = paths.filter((path) => this.known.get(path) !== now.get(path));
      this.known = now;
      if (changed.length > 0) return changed.sort();
    }
  }

  close(): void {
    for (const watcher of this.watchers) watcher.close();
  }

  private stir(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  private scan(): Map<string, string> {
    const found = new Map<string, string>();
    for (const { path: root, matters } of this.roots) {
      for (const path of filesBelow(root)) {
        if (!matters(path)) continue;
        const stats = statSync(path, { throwIfNoEntry: false });
        if (stats?.isFile()) found.set(path, `${stats.mtimeMs} ${stats.size} ${stats.ino}`);
      }
    }
    return found;
  }
}

function filesBelow(root: string): string[] {
  try {
    return readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => join(root, name));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? [root] : [];
  }
}
