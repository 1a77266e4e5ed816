// SPDX-License-Identifier: MIT
/** Arguments → verb and typed options, or a text to print. Commander parses; the tables say what there is. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EXIT, type ExitCode } from '../compare/exit-codes.js';
import { packageVersion } from '../plan/package-root.js';
import { didYouMean } from '../plan/suggest.js';
import { mainHelp, verbHelp } from './help.js';
import { OPTIONS, type OptionName, type OptionSpec, type OptionValues } from './options.js';
import type { Given } from './settings/settings.js';
import { optionsOf, VERBS } from './verbs.js';

export type Parsed =
  | Given
  /** Help or version (code 0), or a usage error. */
  | { readonly text: string; readonly code: ExitCode };

export function parseArguments(argv: readonly string[]): Parsed {
  let text = '';
  let parsed: Parsed | undefined;
  const append = (part: string) => {
    text += part;
  };
  const collect = { writeOut: append, writeErr: append };
  const program = quiet(new Command('ftrace-conform'), collect, mainHelp)
    .version(packageVersion(), '-V, --version')
    .helpCommand(false);
  for (const verb of VERBS) {
    const command = quiet(program.command(`${verb.name} ${verb.arguments}`.trim()), collect, () =>
      verbHelp(verb),
    );
    for (const name of optionsOf(verb)) addOption(command, name);
    command.action((...given: unknown[]) => {
      const texts = given.slice(0, -2).flat() as string[];
      parsed = { verb, arguments: texts, given: withAliases(command.opts()) };
    });
  }
  if (argv.length === 0) return { text: mainHelp(), code: EXIT.usage };
  if (argv[0] === 'help') return helpOn(argv.slice(1));
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const asked = error.exitCode === 0;
    return {
      text: asked ? text : `${text.trim()}\nhelp: ftrace-conform --help`,
      code: asked ? EXIT.ok : EXIT.usage,
    };
  }
  return parsed ?? { text: mainHelp(), code: EXIT.usage };
}

/** `help` is `--help`; `help VERB` is `VERB --help`. */
function helpOn([name, ...more]: readonly string[]): Parsed {
  if (name === undefined || name.startsWith('-')) return { text: mainHelp(), code: EXIT.ok };
  const verb = VERBS.find((one) => one.name === name);
  if (verb !== undefined && more.length === 0) return { text: verbHelp(verb), code: EXIT.ok };
  const names = VERBS.map((one) => one.name);
  const why =
    verb === undefined ? `no verb ${name}${didYouMean(name, names)}` : 'help takes one verb at most';
  return { text: `error: ${why}\nverbs: ${names.join(', ')}`, code: EXIT.usage };
}

function quiet(
  command: Command,
  output: { writeOut: (text: string) => void; writeErr: (text: string) => void },
  help: () => string,
): Command {
  return command
    .exitOverride()
    .configureOutput(output)
    .configureHelp({ formatHelp: help })
    .showSuggestionAfterError(true)
    .allowExcessArguments(false);
}

function addOption(command: Command, name: OptionName): void {
  const spec = OPTIONS[name] as OptionSpec<OptionName>;
  command.addOption(commanderOption(spec, spec.flags));
  if (spec.alias !== undefined) command.addOption(commanderOption(spec, spec.alias).hideHelp());
}

function commanderOption(
  { description, kind, choices, preset }: OptionSpec<OptionName>,
  flags: string,
): Option {
  const option = new Option(flags, description);
  if (choices !== undefined) option.choices(choices);
  if (preset !== undefined) option.preset(preset);
  if (kind === 'list') option.argParser((text, before: string[] = []) => [...before, ...text.split(',')]);
  if (kind === 'count') option.argParser((_text, before: number = 0) => before + 1);
  if (kind === 'natural') option.argParser(natural);
  return option;
}

function natural(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new InvalidArgumentError('Expected an integer from 0.');
  }
  return value;
}

function withAliases({
  axis,
  dir,
  ...options
}: Partial<OptionValues> & { axis?: OptionValues['compare']; dir?: string }): Partial<OptionValues> {
  return {
    ...(axis === undefined ? {} : { compare: axis }),
    ...(dir === undefined ? {} : { kernels: dir }),
    ...options,
  };
}
