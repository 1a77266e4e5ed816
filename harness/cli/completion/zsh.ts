// SPDX-License-Identifier: MIT
/** Completion for zsh: as a file `_ftrace-conform` of fpath, or sourced after compinit. */
import { type Candidates, type CompletedOption, type CompletedVerb, quoted } from './completion.js';

export function zsh(verbs: readonly CompletedVerb[]): string {
  const lines = verbs.map(
    ({ name, summary }) => `    ${quoted(`${name.replaceAll(':', '\\:')}:${summary}`)}`,
  );
  const parts = verbs.map((verb) => {
    const places = verb.arguments.map((candidates, index) => {
      const rest = verb.more && index === verb.arguments.length - 1;
      return quoted(`${rest ? '*' : index + 1}:${wordOf(candidates)}:${ask(candidates)}`);
    });
    const all = [...verb.options.flatMap(optionSpecs), `'--help[this help]'`, ...places];
    return `    ${verb.name}) _arguments -s ${all.map((one) => `\\\n      ${one}`).join(' ')} ;;`;
  });
  return `#compdef ftrace-conform
# zsh completion of ftrace-conform: source <(ftrace-conform completion zsh), after compinit

_ftrace_conform_cases() {
  # Asked once for each shell.
  (( \${+_ftrace_conform_ids} )) || typeset -ga _ftrace_conform_ids=("\${(@f)$(ftrace-conform list 2>/dev/null)}")
  _alternative "cases:case:compadd -a _ftrace_conform_ids" "files:file:_files"
}

_ftrace_conform_verbs() {
  local -a verbs=(
${lines.join('\n')}
  )
  _describe verb verbs
}

_ftrace-conform() {
  if (( CURRENT == 2 )); then
    _ftrace_conform_verbs
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
${parts.join('\n')}
    help) _ftrace_conform_verbs ;;
  esac
}

if [ "$funcstack[1]" = "_ftrace-conform" ]; then
  _ftrace-conform "$@"
else
  compdef _ftrace-conform ftrace-conform
fi
`;
}

function optionSpecs({ names, description, value }: CompletedOption): string[] {
  const told = description.replaceAll(/[[\]\\:]/g, '\\$&');
  const rest = value === null ? '' : `:${wordOf(value)}:${ask(value)}`;
  return names.map((name) => quoted(`*${name}[${told}]${rest}`));
}

const wordOf = ({ kind }: Candidates) => (kind === 'words' ? 'value' : kind.replace(/s$/, ''));

function ask(candidates: Candidates): string {
  if (candidates.kind === 'words') return `(${candidates.words.join(' ')})`;
  if (candidates.kind === 'cases') return '_ftrace_conform_cases';
  if (candidates.kind === 'directories') return '_files -/';
  return candidates.kind === 'files' ? '_files' : ' ';
}
