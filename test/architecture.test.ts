// SPDX-License-Identifier: MIT
/**
 * The rules by which the rooms stay apart, checked over the import graph and the listings: what a room may
 * import, that the harness never names an architecture, that every back-end has the same chapters.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Rooms of one line may import each other; a later line may import an earlier one, never the reverse. */
const ORDER: readonly (readonly string[])[] = [
  ['ctype', 'machine'],
  ['backend'],
  ['case'],
  ['ftrace'],
  ['target'],
  ['compare'],
  // The records that stages exchange, which report only owns.
  ['report/events'],
  ['plan'],
  ['report'],
  ['explore'],
  ['cli'],
  ['bench'],
  ['vitest'],
];

/** Rooms that must run in a browser page too, with the packages they may use. */
const PURE: readonly string[] = [
  'ctype',
  'machine',
  'backend',
  'case',
  'ftrace',
  'target/session',
  'target/model',
  'compare',
];
const PURE_PACKAGES: readonly string[] = ['yaml', 'zod', 'diff'];

/** Targets that need Node, since they start programs. What is pure must not need them, not even through another file. */
const NATIVE: readonly string[] = ['target/qemu'];
const NATIVE_MAY_BE_IMPORTED_BY: readonly string[] = ['plan', 'cli', 'bench'];

/** What a back-end may import, besides itself. */
const BACKEND_MAY: readonly string[] = ['backend', 'machine', 'ctype'];

const isTest = (path: string) => path.endsWith('.test.ts') || path.split('/').includes('test');

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

const sources = (folder: string) =>
  filesBelow(folder).filter((path) => path.endsWith('.ts') && !isTest(path));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Text without comments; strings and templates stay. Line comments are told from `//` inside of strings. */
function code(path: string): string {
  const tokens =
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[dgimsuvy]*(?=\s*[.,;)\]}])/g;
  return read(path).replace(tokens, (token) => (/^\/[/*]/.test(token) ? ' ' : token));
}

/** Specifiers of static, type-only and dynamic imports and of re-exports. */
function imports(path: string): string[] {
  const text = code(path);
  const found = [
    ...text.matchAll(/^\s*(?:import|export)\b[^'";]*?\bfrom\s*'([^']+)'/gm),
    ...text.matchAll(/^\s*import\s*'([^']+)'/gm),
    ...text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g),
  ];
  return found.map(([, specifier = '']) => specifier);
}

/** Path of an imported file relative to the root, as `.ts`; `undefined` for packages. */
function resolved(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return join(dirname(path), specifier).replace(/\.js$/, '.ts');
}

function roomOf(path: string): string {
  const below = path.replace(/^harness\//, '').replace(/\.ts$/, '');
  return below === 'report/events' ? below : (below.split('/')[0] ?? '');
}

const rank = (room: string) => ORDER.findIndex((line) => line.includes(room));

const harness = sources('harness');
const backends = readdirSync(join(root, 'backends'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

/** Rooms whose objects live as long as a case on a subject: see CONTRIBUTING.md, "What a session makes must die young". */
const SHORT_LIVED = ['harness/ftrace', 'harness/machine', 'harness/target'];

describe('what a session makes dies young', () => {
  const hits = (pattern: RegExp, text: (path: string) => string) =>
    SHORT_LIVED.flatMap(sources).flatMap((path) =>
      [...text(path).matchAll(pattern)].map(([found]) => `${path}: ${found.trim()}`),
    );
  const assigned =
    /^[ \t]*[\w.#()[\]!?]+[.\]][#\w]*\]? (?:\?\?|\|\|)?= (?:async )?(?:\([^()]*\)|\w+|function\b.*) (?:=>|\{)/gm;
  /** Members of a class are indented by one step; of a literal, by more. */
  const accessor = /^ {4,}(?:get|set) [#\w]+\(.*\{/gm;

  test('no function literal is assigned to a property', () => {
    expect(hits(assigned, code)).toEqual([]);
    expect('    ops.func = (ip) => {'.match(assigned)).not.toBeNull();
    expect('    this.#f[0] = function () {'.match(assigned)).not.toBeNull();
  });

  test('no object literal has an accessor', () => {
    expect(hits(accessor, code)).toEqual([]);
    expect('      get nmissed() {'.match(accessor)).not.toBeNull();
  });
});

describe('rooms', () => {
  test('are all known', () => {
    expect(harness.length).toBeGreaterThan(20);
    expect(harness.filter((path) => rank(roomOf(path)) < 0)).toEqual([]);
  });

  test('every import of the harness leads to a file', () => {
    const all = new Set(filesBelow('harness'));
    const lost = harness.flatMap((path) =>
      imports(path)
        .map((specifier) => resolved(path, specifier))
        .filter((target) => target !== undefined && !all.has(target))
        .map((target) => `${path} → ${target}`),
    );
    expect(lost).toEqual([]);
  });

  test('import downward only', () => {
    const upward = harness.flatMap((path) =>
      imports(path).flatMap((specifier) => {
        const target = resolved(path, specifier);
        return target !== undefined && rank(roomOf(target)) > rank(roomOf(path))
          ? [`${path} → ${target}`]
          : [];
      }),
    );
    expect(upward).toEqual([]);
  });

  test('the pure ones import nothing of Node’s', () => {
    const builtin = new Set(builtinModules);
    const impure = harness
      .filter((path) => PURE.some((room) => path.startsWith(`harness/${room}/`)))
      .flatMap((path) =>
        imports(path)
          .filter((specifier) => resolved(path, specifier) === undefined)
          .filter((specifier) => {
            const name = specifier.split('/')[0] ?? '';
            return specifier.startsWith('node:') || builtin.has(name) || !PURE_PACKAGES.includes(name);
          })
          .map((specifier) => `${path} → ${specifier}`),
      );
    expect(impure).toEqual([]);
  });

  test('targets that are other programs are known to the composing rooms only', () => {
    const found = harness
      .filter((path) => !NATIVE_MAY_BE_IMPORTED_BY.includes(path.split('/')[1] ?? ''))
      .filter((path) => !NATIVE.some((room) => path.startsWith(`harness/${room}/`)))
      // It loads them when they are asked for.
      .filter((path) => path !== 'harness/target/table.ts')
      // QEMU with the text of a kernel's image in it.
      .filter((path) => !path.startsWith('harness/target/vmlinux/run/'))
      .flatMap((path) =>
        imports(path)
          .map((specifier) => resolved(path, specifier) ?? '')
          .filter((target) => NATIVE.some((room) => target.startsWith(`harness/${room}/`)))
          .map((target) => `${path} → ${target}`),
      );
    expect(found).toEqual([]);
    for (const room of NATIVE) expect(sources(`harness/${room}`)).not.toEqual([]);
  });

  test('the pure ones use no global of Node’s either', () => {
    const impure = harness
      .filter((path) => PURE.some((room) => path.startsWith(`harness/${room}/`)))
      .filter((path) =>
        /(?<![.\w'`])(?:process\.|Buffer[.(]|require\(|__dirname\b|globalThis\.process)/.test(code(path)),
      );
    expect(impure).toEqual([]);
  });

  test('only verbs ask what reads real kernels', () => {
    const asking = harness
      .filter((path) => !path.startsWith('harness/target/vmlinux/') && !path.startsWith('harness/cli/'))
      // It loads them when they are asked for.
      .filter((path) => path !== 'harness/target/table.ts')
      .flatMap((path) =>
        imports(path)
          .filter((specifier) => resolved(path, specifier)?.startsWith('harness/target/vmlinux/'))
          .map((specifier) => `${path} → ${specifier}`),
      );
    expect(asking).toEqual([]);
  });

  test('nothing in a result depends on time or chance', () => {
    const rooms = ['ctype', 'machine', 'backend', 'case', 'ftrace', 'target', 'compare', 'plan', 'report'];
    const found = harness
      .filter((path) => rooms.includes(path.split('/')[1] ?? ''))
      .filter((path) =>
        /\b(?:Date\.now|new Date|Math\.random|performance\.now|randomUUID)\b/.test(code(path)),
      );
    expect(found).toEqual([]);
  });
});

describe('the harness', () => {
  test('names no architecture', () => {
    const named = new RegExp(`\\b(?:${backends.join('|')})\\b`);
    // Upstream tests and bugs, which are data, say where they belong.
    const read = harness.filter((path) => !path.startsWith('harness/case/covers/'));
    const found = [...read, ...filesBelow('harness').filter((path) => path.endsWith('.json'))].flatMap(
      (path) =>
        code(path)
          .split('\n')
          .filter((line) => backends.length > 0 && named.test(line))
          .map((line) => `${path}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });

  test('imports no back-end by name', () => {
    const found = harness.filter((path) =>
      imports(path).some((specifier) => specifier.includes('backends/')),
    );
    expect(found).toEqual([]);
  });

  test('says in each file what it is and under which licence', () => {
    const all = [...harness, ...sources('backends')];
    expect(all.filter((path) => !/^(#!.*\n)?\/\/ SPDX-License-Identifier: MIT\n/.test(read(path)))).toEqual(
      [],
    );
    expect(all.filter((path) => !/^(#!.*\n)?\/\/ SPDX.*\n\s*\/\*\*/.test(read(path)))).toEqual([]);
  });

  test('has no file one must scroll through at length', () => {
    const long = harness.filter((path) => read(path).split('\n').length > 400);
    expect(long).toEqual([]);
  });
});

describe('back-ends', () => {
  const listing = (name: string) =>
    readdirSync(join(root, 'backends', name))
      .filter((entry) => entry !== 'test')
      .sort();

  test('there are some', () => expect(backends.length).toBeGreaterThan(0));

  test('have the same files', () => {
    const [first, ...others] = backends;
    for (const other of others) expect([other, listing(other)]).toEqual([other, listing(first ?? '')]);
    for (const file of ['README.md', 'index.ts', 'abi.ts', 'features.ts', 'trampoline.S']) {
      expect(listing(first ?? '')).toContain(file);
    }
  });

  /** Encodings are peculiar by nature; every other chapter shows the same to its readers. */
  test('export the same from the same file, in the same order', () => {
    const exports = (name: string, file: string) =>
      [
        ...code(`backends/${name}/${file}`).matchAll(
          /^export\s+(?:default\s+)?(?:const|let|function|class|type|interface)\s+(\w+)/gm,
        ),
      ].map(([, word]) => word);
    const [first = '', ...others] = backends;
    for (const file of listing(first).filter((one) => one.endsWith('.ts') && one !== 'encoding.ts')) {
      expect(exports(first, file)).not.toEqual([]);
      for (const other of others)
        expect([other, file, exports(other, file)]).toEqual([other, file, exports(first, file)]);
    }
  });

  test('have records of about one length', () => {
    const lengths = backends.map((name) => read(`backends/${name}/index.ts`).split('\n').length);
    expect(Math.max(...lengths) / Math.min(...lengths)).toBeLessThanOrEqual(1.5);
  });

  test('import only the contract, the machine and C types, and never each other', () => {
    const found = backends.flatMap((name) =>
      sources(`backends/${name}`).flatMap((path) =>
        imports(path).flatMap((specifier) => {
          const target = resolved(path, specifier);
          if (target === undefined) return [`${path} → ${specifier}`];
          const own = target.startsWith(`backends/${name}/`);
          const allowed = BACKEND_MAY.some((room) => target.startsWith(`harness/${room}/`));
          return own || allowed ? [] : [`${path} → ${target}`];
        }),
      ),
    );
    expect(found).toEqual([]);
  });

  test('are called as their folder is', () => {
    for (const name of backends)
      expect(code(`backends/${name}/index.ts`)).toContain(`arch: '${basename(name)}'`);
  });
});

describe('these checks themselves', () => {
  test('see imports of every form', () => {
    const seen = harness.flatMap(imports);
    for (const specifier of ['node:fs', 'diff/lib/patch/create.js', './run.js', '../target/outcome.js']) {
      expect(seen).toContain(specifier);
    }
  });
  test('see strings, not comments', () => {
    const text = code('harness/target/outcome.ts');
    expect(read('harness/target/outcome.ts')).toMatch(/\/\*\* Back-end/);
    expect(text).not.toMatch(/Back-end/);
    expect(text).toContain("'transparency'");
  });
});
