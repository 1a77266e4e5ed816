// SPDX-License-Identifier: MIT
/**
 * apt with a state of its own: lists, cache, sources and dpkg status in one directory, for one suite and one
 * architecture. Nothing of the machine's changes, no root is needed, and what is downloaded is checked by the
 * machine's own keys (apt.conf(5), apt-get(8)).
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VmlinuxError } from '../error.js';
import { type Ran, type RunOptions, run } from './command.js';
import type { DebianSource } from './sources.js';

export interface Apt {
  readonly suite: string;
  readonly debian: string;
  readonly directory: string;
  readonly options: RunOptions;
}

/** One paragraph of a package list: the fields that are used. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  /** Names of what it depends on. */
  readonly depends: readonly string[];
}

/** Makes the directory; asks nobody anything yet. */
export function privateApt(
  directory: string,
  source: DebianSource,
  suite: string,
  debian: string,
  options: Omit<RunOptions, 'cwd'>,
): Apt {
  for (const part of ['lists/partial', 'cache/archives/partial', 'sources.list.d']) {
    mkdirSync(join(directory, part), { recursive: true });
  }
  writeFileSync(join(directory, 'status'), '');
  writeFileSync(join(directory, 'sources.list.d', 'debian.sources'), stanza(source, suite, debian));
  writeFileSync(join(directory, 'apt.conf'), configuration(directory, debian));
  return { suite, debian, directory, options: { ...options, cwd: directory } };
}

function stanza({ uri, signedBy }: DebianSource, suite: string, debian: string): string {
  return [
    'Types: deb',
    `URIs: ${uri}`,
    `Suites: ${suite}`,
    'Components: main',
    `Architectures: ${debian}`,
    // A key written out is a value of several lines, which stay as they are.
    ...(signedBy === undefined
      ? []
      : [signedBy.includes('\n') ? `Signed-By:\n ${signedBy}` : `Signed-By: ${signedBy}`]),
    '',
  ].join('\n');
}

/** Read after the machine's own files, so that its proxies hold and its hooks do not. */
function configuration(directory: string, debian: string): string {
  const at = (part: string) => JSON.stringify(join(directory, part));
  return [
    ...[
      'APT::Architectures',
      'APT::Update',
      'DPkg::Post-Invoke',
      'DPkg::Pre-Invoke',
      'Acquire::IndexTargets',
    ].map((name) => `#clear ${name};`),
    `APT::Architecture "${debian}";`,
    `APT::Architectures { "${debian}"; };`,
    'Acquire::IndexTargets::deb::Packages { MetaKey "$(COMPONENT)/binary-$(ARCHITECTURE)/Packages"; flatMetaKey "Packages"; ShortDescription "Packages"; Description "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Packages"; flatDescription "$(RELEASE) Packages"; Optional "0"; };',
    'Dir::Etc::SourceList "/dev/null";',
    `Dir::Etc::SourceParts ${at('sources.list.d')};`,
    'Dir::Etc::Preferences "/dev/null";',
    'Dir::Etc::PreferencesParts "/dev/null";',
    `Dir::State::Lists ${at('lists')};`,
    `Dir::State::status ${at('status')};`,
    `Dir::State::extended_states ${at('extended_states')};`,
    `Dir::Cache ${at('cache')};`,
    'Acquire::Languages "none";',
    'APT::Update::Error-Mode "any";',
    // The user that apt would rather be may not enter this directory.
    'APT::Sandbox::User "";',
    'Acquire::Retries "3";',
    '',
  ].join('\n');
}

/** Reads the package list. @throws VmlinuxError `environment` */
export async function update(apt: Apt): Promise<void> {
  const ran = await apt_(apt, 'apt-get', ['-q', 'update']);
  if (ran.code !== 0)
    throw refused(`apt cannot read the package list of ${apt.suite} for ${apt.debian}`, ran);
}

/** The newest of that name; `undefined` if the archive has none. @throws VmlinuxError `environment` */
export async function show(apt: Apt, name: string): Promise<Package | undefined> {
  const ran = await apt_(apt, 'apt-cache', ['show', '--no-all-versions', name]);
  if (ran.code !== 0) {
    if (/No packages found|Unable to locate package/.test(ran.err)) return undefined;
    throw refused(`apt cannot show ${name} of ${apt.suite} for ${apt.debian}`, ran);
  }
  return parsePackage(ran.out);
}

/** A paragraph as apt-cache prints it; `undefined` where a field is missing. */
export function parsePackage(text: string): Package | undefined {
  const field = (name: string) => new RegExp(`^${name}: (.+)$`, 'm').exec(text)?.[1]?.trim();
  const [name, version, size, sha256] = [field('Package'), field('Version'), field('Size'), field('SHA256')];
  if (!name || !version || !size || !/^\d+$/.test(size) || !sha256 || !/^[0-9a-f]{64}$/.test(sha256))
    return undefined;
  const depends = (field('Depends') ?? '').split(/[,|]/).map((one) => one.trim().split(/[\s:(]/)[0] ?? '');
  return { name, version, size: Number(size), sha256, depends: depends.filter((one) => one !== '') };
}

/** Puts the .deb into `directory`. @throws VmlinuxError `environment` */
export async function download(apt: Apt, { name, version }: Package, directory: string): Promise<void> {
  const ran = await apt_({ ...apt, options: { ...apt.options, cwd: directory } }, 'apt-get', [
    '-q',
    'download',
    `${name}=${version}`,
  ]);
  if (ran.code !== 0) throw refused(`apt cannot download ${name} ${version}`, ran);
}

function apt_({ directory, options }: Apt, command: string, given: readonly string[]): Promise<Ran> {
  return run(command, ['-c', join(directory, 'apt.conf'), ...given], options);
}

const NETWORK = /resolv|connect|timed out|unreachable|Network|proxy/i;
const ROOM = /No space left|enough free space/i;
const GONE = /404|Not Found|does not have a Release file/i;

/** apt's own last words, and what they ask for. */
export function refused(what: string, { err, out }: Ran): VmlinuxError {
  const told = `${err}\n${out}`.split('\n').filter((line) => /^(?:E|W|Err):/.test(line));
  const text = (told.length > 0 ? told : err.trim().split('\n')).slice(0, 4).join('\n  ');
  const remedy = ROOM.test(text)
    ? 'Free some room, or name a directory that has it: kernels fetch --kernels DIR'
    : GONE.test(text)
      ? "This machine's mirror no longer has it: another mirror may, or a later version of ftrace-conform knows the new place."
      : NETWORK.test(text)
        ? 'Fetching needs a connection to the mirror that apt uses here; what is already stored needs none.'
        : undefined;
  return new VmlinuxError('environment', `${what}:\n  ${text}`, remedy);
}
