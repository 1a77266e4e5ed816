// SPDX-License-Identifier: MIT
/** Remedies for the mistakes that people make with right words in wrong places. */
import { nearest } from '../ctype/nearest.js';
import { actionVerbs, stepVerbs, words } from './schema.js';

const loneWords: readonly string[] = [...words.steps, ...words.actions];

const probeKeys: Readonly<Record<string, string>> = {
  entry:
    'fexit, fexit_multi and kretprobe_multi programs only run at exit, and tracers and livepatches have no handlers',
  cookie: 'only fentry, fmod_ret, fexit and fsession have one cookie',
  cookies:
    'only fentry_multi, fexit_multi, fsession_multi, kprobe_multi, kretprobe_multi and kprobe_session have cookies',
  returns: 'only a fmod_ret program says what is returned',
  attach:
    'only fentry_multi, fexit_multi, fsession_multi, kprobe_multi, kretprobe_multi and kprobe_session say how they are attached',
  exit: 'only probes of kind graph, fprobe, kretprobe, fexit, fexit_multi, fsession, fsession_multi, kretprobe_multi and kprobe_session run at exit',
  post: 'only a kprobe has a post_handler',
  entry_data_size:
    'only an fprobe has it; of a kretprobe it is `data_size`, a graph probe reserves data with `store_data`, and a session has one word',
  data_size:
    'only a kretprobe has it; of an fprobe it is `entry_data_size`, and a graph probe reserves data with `store_data`',
  offset: 'only kprobes and kretprobes sit at an offset',
  flags: 'only ops, fprobe, kprobe and kretprobe have flags',
  notrace: 'only ops, graph and fprobe have a notrace filter',
};

/** Keys of a probe that hold actions. */
const handlers: readonly string[] = ['entry', 'exit', 'post'];

type Path = readonly PropertyKey[];

/** Keys that hold steps within a step. */
const innerLists: readonly string[] = ['does', 'meanwhile', 'interrupted', 'irq', 'softirq', 'nmi'];

/** Whether the node at a path is an item of a list of steps, and then of which kind. */
function listOf(path: Path): 'steps' | 'actions' | null {
  if (typeof path.at(-1) !== 'number') return null;
  if (path.length === 2 && path[0] === 'steps') return 'steps';
  if (innerLists.includes(String(path.at(-2)))) return 'steps';
  return path.length === 5 && path[0] === 'probes' && handlers.includes(String(path[3])) ? 'actions' : null;
}

/** For a key that the map at `path` does not have; `null` where nothing special is known. */
export function hintForKey(path: Path, key: string): string | null {
  const list = listOf(path);
  if (list !== null && loneWords.includes(key)) {
    if (list === 'steps' && !stepVerbs.includes(key)) return onlyHandlers;
    return `it has no value: write \`- ${key}\``;
  }
  if (list === 'steps' && actionVerbs.includes(key)) return onlyHandlers;
  if (list !== null) return hintForVerb(key, list);
  if (path.length === 3 && path[0] === 'probes') return probeKeys[key] ?? null;
  return null;
}

const onlyHandlers = 'only handlers do this: move it into `entry:` or `exit:` of a probe';

/** For a text where a step must stand. */
export function hintForText(path: Path, text: string): string | null {
  const list = listOf(path);
  if (list === null) return null;
  const verbs = list === 'steps' ? stepVerbs : actionVerbs;
  const [verb, rest] = [/^\w+/.exec(text)?.[0] ?? '', text.replace(/^\w+[\s:]*/, '')];
  if (verbs.includes(verb) && !loneWords.includes(verb))
    return `write \`- ${verb}: ${rest === '' ? '…' : rest}\``;
  if (actionVerbs.includes(verb) && !verbs.includes(verb)) return onlyHandlers;
  return hintForVerb(verb, list);
}

function hintForVerb(word: string, list: 'steps' | 'actions'): string {
  const verbs = list === 'steps' ? stepVerbs : actionVerbs;
  const near = nearest(word, [...verbs, 'as', 'when']);
  return near === undefined ? `${list} are ${verbs.join(', ')}` : `did you mean \`${near}\`?`;
}
