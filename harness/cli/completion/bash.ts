// SPDX-License-Identifier: MIT
/** Completion for bash 4 and newer, without the bash-completion package. */
import { type Candidates, type CompletedVerb, quoted } from './completion.js';

export function bash(verbs: readonly CompletedVerb[]): string {
  const places = verbs.flatMap((verb) =>
    verb.arguments.map((candidates, index) => {
      const rest = verb.more && index === verb.arguments.length - 1;
      return `    ${verb.name}:${rest ? '*' : index}) ${ask(candidates)} ;;`;
    }),
  );
  const values = verbs.flatMap((verb) =>
    verb.options.flatMap(({ names, value }) =>
      value === null
        ? []
        : [`    ${names.map((name) => `${verb.name}:${name}`).join('|')}) ${ask(value)} ;;`],
    ),
  );
  const valued = new Set(
    verbs.flatMap((verb) => verb.options.flatMap(({ names, value }) => (value === null ? [] : names))),
  );
  return `# bash completion of ftrace-conform: source <(ftrace-conform completion bash)

_ftrace_conform_words() { COMPREPLY=($(compgen -W "$1" -- "$cur")); }
_ftrace_conform_files() { compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); }
_ftrace_conform_directories() { compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$cur")); }
_ftrace_conform_cases() {
  # Asked once for each shell.
  [ -n "\${_ftrace_conform_ids-}" ] || _ftrace_conform_ids=$(ftrace-conform list 2>/dev/null)
  COMPREPLY=($(compgen -W "$_ftrace_conform_ids" -- "$cur") $(compgen -f -- "$cur"))
}

_ftrace_conform() {
  local cur=\${COMP_WORDS[COMP_CWORD]} before='' verb='' place=0 word i
  COMPREPLY=()
  # A value after = arrives as a word of its own.
  if [ "$cur" = '=' ]; then cur=''; before=\${COMP_WORDS[COMP_CWORD-1]}
  elif [ "\${COMP_WORDS[COMP_CWORD-1]}" = '=' ]; then before=\${COMP_WORDS[COMP_CWORD-2]}
  else before=\${COMP_WORDS[COMP_CWORD-1]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${[...valued].join('|')}) [ "\${COMP_WORDS[i+1]}" = '=' ] && ((i++)); ((i++)) ;;
      -*|=) ;;
      *) if [ -z "$verb" ]; then verb=$word; else ((place++)); fi ;;
    esac
  done
  if [ -z "$verb" ]; then
    _ftrace_conform_words ${quoted([...verbs.map(({ name }) => name), 'help', '--help', '--version'].join(' '))}
    return
  fi
  case $verb:$before in
${values.join('\n')}
    *) before='' ;;
  esac
  [ -n "$before" ] && return
  if [[ $cur == -* ]]; then
    case $verb in
${verbs.map(({ name, options }) => `    ${name}) _ftrace_conform_words ${quoted([...options.flatMap((one) => one.names), '--help'].join(' '))} ;;`).join('\n')}
    esac
    return
  fi
  case $verb:$place in
${places.join('\n')}
    help:0) _ftrace_conform_words ${quoted(verbs.map(({ name }) => name).join(' '))} ;;
  esac
}
complete -F _ftrace_conform ftrace-conform
`;
}

function ask(candidates: Candidates): string {
  if (candidates.kind === 'words') return `_ftrace_conform_words ${quoted(candidates.words.join(' '))}`;
  return candidates.kind === 'anything' ? ':' : `_ftrace_conform_${candidates.kind}`;
}
