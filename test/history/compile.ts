// SPDX-License-Identifier: MIT
/**
 * Whether edited modules still are TypeScript: bundling alone drops types without a look. Checked on a copy of the
 * sources, with names that an edit leaves unused allowed.
 */
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../harness/plan/package-root.js';
import { editedTexts } from './mutant.js';
import type { Recreation } from './recreation.js';

/** What the compiler says; `''` where it is content or there is nothing to compile. */
export async function compilerErrors({ change }: Pick<Recreation, 'change'>): Promise<string> {
  const texts = [...editedTexts(change)].filter(([file]) => file.endsWith('.ts'));
  if (texts.length === 0) return '';
  const folder = mkdtempSync(join(tmpdir(), 'history-'));
  try {
    for (const name of ['harness', 'backends', 'package.json', 'tsconfig.json', 'tsconfig.build.json'])
      cpSync(join(packageRoot, name), join(folder, name), { recursive: true });
    symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
    for (const [file, text] of texts) writeFileSync(join(folder, file), text);
    const lenient = ['noUnusedLocals', 'noUnusedParameters'].flatMap((name) => [`--${name}`, 'false']);
    const { stdout } = await execa('npx', ['tsc', '-p', 'tsconfig.build.json', '--noEmit', ...lenient], {
      cwd: folder,
      reject: false,
    });
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
