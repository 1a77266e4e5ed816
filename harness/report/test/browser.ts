// SPDX-License-Identifier: MIT
/**
 * Finds the browser that tests use: `FTRACE_CONFORM_BROWSER`, or a Chromium on the path. Without one they are
 * skipped, except in CI, where they fail.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'chrome',
  'microsoft-edge',
];

/** What macOS and Windows do not have on the path. */
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

export const MISSING =
  'no browser: install chromium (Debian: apt-get install chromium), or name one in FTRACE_CONFORM_BROWSER';

/** Path of the executable; `null` where there is none. */
export function browserPath(environment: NodeJS.ProcessEnv = process.env): string | null {
  const named = environment.FTRACE_CONFORM_BROWSER;
  if (named) return named;
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...PLACES];
  return candidates.find(executable) ?? null;
}

/** Whether tests that need a browser are left out; said aloud. */
export function withoutBrowser(environment: NodeJS.ProcessEnv = process.env): boolean {
  if (browserPath(environment) !== null || environment.CI) return false;
  console.warn(`skipped: ${MISSING}`);
  return true;
}

/** @throws where there is none */
export async function launch(): Promise<Browser> {
  const executablePath = browserPath();
  if (executablePath === null) throw new Error(MISSING);
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] });
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
