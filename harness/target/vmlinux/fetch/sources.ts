// SPDX-License-Identifier: MIT
/**
 * Which mirror of Debian this machine uses, read from apt's own lists: sources.list(5), both forms. No host is named
 * here; a machine that knows no Debian gets none.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VmlinuxError } from '../error.js';

export interface DebianSource {
  readonly uri: string;
  /** Value of Signed-By, continuation lines included; `undefined`: apt's trusted keys. */
  readonly signedBy: string | undefined;
}

/** Debian's own, by code name or by role; not the -updates, -security and -backports, which hold no complete archive. */
const SUITES = /^(?:buster|bullseye|bookworm|trixie|forky|duke|sid|oldstable|stable|testing|unstable)$/;

/** @param directory apt's, `/etc/apt` */
export function debianSource(directory: string): DebianSource {
  for (const { name, text } of sourceFiles(directory)) {
    const found = name.endsWith('.sources') ? fromStanzas(text) : fromLines(text);
    if (found !== undefined) return found;
  }
  throw new VmlinuxError(
    'environment',
    `apt on this machine has no source of Debian: none in ${directory}/sources.list and ${directory}/sources.list.d/`,
    "The kernels are Debian's. Add a source of Debian, or name a kernel you have: verify --layouts --vmlinux ARCH=PATH",
  );
}

function sourceFiles(directory: string): { name: string; text: string }[] {
  const parts = join(directory, 'sources.list.d');
  const paths = [
    join(directory, 'sources.list'),
    ...(existsSync(parts) ? readdirSync(parts).sort() : [])
      .filter((name) => /\.(?:list|sources)$/.test(name))
      .map((name) => join(parts, name)),
  ];
  return paths.flatMap((path) => {
    try {
      return [{ name: path, text: readFileSync(path, 'utf8') }];
    } catch {
      // Not there, or with credentials that are not for everyone.
      return [];
    }
  });
}

/** `deb [option=value ...] uri suite component...` */
export function fromLines(text: string): DebianSource | undefined {
  for (const line of text.split('\n')) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    if (match === null) continue;
    const [, options = '', uri = '', suite = '', components = ''] = match;
    if (!SUITES.test(suite) || !components.split(/\s+/).includes('main')) continue;
    return { uri, signedBy: /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1]?.replaceAll(',', ' ') };
  }
  return undefined;
}

/** deb822(5) stanzas. */
export function fromStanzas(text: string): DebianSource | undefined {
  const plain = text.replace(/^#.*\n?/gm, '');
  for (const stanza of plain.split(/\n[ \t]*\n/)) {
    const fields = new Map<string, string>();
    for (const [, name = '', value = ''] of stanza.matchAll(/^([\w-]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
      fields.set(name.toLowerCase(), value.trim());
    }
    const list = (name: string) => (fields.get(name) ?? '').split(/\s+/);
    const [uri] = list('uris');
    const usable =
      list('types').includes('deb') &&
      list('components').includes('main') &&
      list('suites').some((one) => SUITES.test(one));
    if (!usable || !uri || /^no$/i.test(fields.get('enabled') ?? 'yes')) continue;
    return { uri, signedBy: fields.get('signed-by') };
  }
  return undefined;
}
