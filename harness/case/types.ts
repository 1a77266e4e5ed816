// SPDX-License-Identifier: MIT
/**
 * A checked case: what the YAML means after parsing, schema check, `for:` expansion and name resolution.
 * Plain records; expressions are trees. Positions point into the YAML for errors found later.
 */
import type { Signature, StructType } from '../ctype/types.js';
import type { KernelTextName, kprobeInterfaces, ModuleTextName } from './vocabulary.js';

/** 1-based. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

// ------------------------------------------------------------------------------------------ expressions

export type Expression =
  | { readonly kind: 'number'; readonly value: bigint }
  /** An argument of the enclosing function, or a name bound by `as`. */
  | { readonly kind: 'name'; readonly name: string }
  /** `pair.a` */
  | { readonly kind: 'member'; readonly of: Expression; readonly member: string }
  /** `&buffer`: address of a named object; `NULL` is the number 0. */
  | { readonly kind: 'address'; readonly object: string }
  | { readonly kind: 'unary'; readonly operator: '-' | '~' | '!'; readonly operand: Expression }
  | {
      readonly kind: 'binary';
      readonly operator:
        | '+'
        | '-'
        | '*'
        | '/'
        | '%'
        | '&'
        | '|'
        | '^'
        | '<<'
        | '>>'
        | '=='
        | '!='
        | '<'
        | '<='
        | '>'
        | '>=';
      readonly left: Expression;
      readonly right: Expression;
    }
  /** `{1, 2}`: a struct value, members in order. */
  | { readonly kind: 'struct'; readonly members: readonly Expression[] };

// -------------------------------------------------------------------------------------------- accessors

/**
 * Something a handler may read or set, in kernel words without the `ftrace_regs_` prefix. In YAML a bare
 * name or `name(parameter)`. What each means:
 *
 * - `instruction_pointer`, `stack_pointer`, `frame_pointer`, `return_value`, `return_address`
 * - `argument(n)`: raw n-th word; `stack_nth(n)`: kernel_stack_nth
 * - `get_regs`: `NULL` or `regs`; `regs(name)`: a pt_regs field through ftrace_get_regs
 * - `field(name)`: a raw ftrace_regs field by layout name
 * - `register_offset(name)`: query_register_offset
 * - `partial_regs(name)`, `perf_regs(name)`: a pt_regs field after ftrace_partial_regs / fill_perf_regs;
 *   `user_mode(partial)`, `user_mode(perf)`
 * - `symbol_address`: arch_ftrace_get_symaddr(ip); `ip_offset`: rec->ip - symbol; `resume_offset`:
 *   instruction pointer - rec->ip
 * - `true_parent`: 7.2's function_get_true_parent_ip
 * - `func_ip`, `cookie`, `func_arg(n)`, `func_arg_cnt`, `func_ret`: the helpers of BPF programs, without `bpf_get_` and
 *   `attach_`; `user_mode(context)`: user_mode() of the pt_regs a program or a perf sample has
 * - `block`: where the ftrace_regs or pt_regs itself lies on the stack, which tells how much of it a trampoline takes
 */
export interface Accessor {
  readonly name: string;
  readonly parameter: string | null;
  /** As written, the key in observations: `argument(6)`. */
  readonly text: string;
  readonly position: Position;
}

// ---------------------------------------------------------------------------------------------- steps

interface Placed {
  readonly position: Position;
}

/** A word that an entry handler stores: a value, or raw argument `index` as the accessor gives it. */
export type StoredWord = Expression | { readonly kind: 'argument'; readonly index: number };

/** Something done at top level, in a function's body, or in a handler. */
export type Step =
  | (Placed & { readonly do: 'register' | 'unregister' | 'enable' | 'disable'; readonly probe: string })
  | (Placed & {
      readonly do: 'call';
      readonly function: string;
      readonly arguments: readonly Expression[];
      /** Binds the result; a name whose call `when` skipped is zero. */
      readonly as: string | null;
      readonly when: Expression | null;
      /** From where RCU is not watching. */
      readonly idle: boolean;
    })
  /** Jumps to the function with the frame already torn down. Only as last step of a function's body. */
  | (Placed & {
      readonly do: 'tail_call';
      readonly function: string;
      readonly arguments: readonly Expression[];
      readonly when: Expression | null;
    })
  /** Changes the filter of a registered or unregistered ops or graph probe. */
  | (Placed & {
      readonly do: 'filter';
      readonly probe: string;
      readonly hash: 'filter' | 'notrace';
      readonly change: 'set' | 'add' | 'remove';
      readonly functions: readonly string[];
    })
  /** modify_ftrace_direct: `probe` takes the trampoline of the unregistered direct probe `to`. */
  | (Placed & { readonly do: 'modify_direct'; readonly probe: string; readonly to: string })
  /** Observes the dyn_ftrace record and the site's text. */
  | (Placed & { readonly do: 'record'; readonly function: string })
  /**
   * Observes a counter: `nmissed` of an fprobe, kprobe, kretprobe, a link, or the recursion misses of a program on a
   * trampoline; `misses` of a program on fprobes; `run_cnt` of one on a trampoline; `hits` of a function; `trace_overrun`, `depth` of the task.
   */
  | (Placed & {
      readonly do: 'count';
      readonly counter: 'nmissed' | 'misses' | 'run_cnt' | 'hits' | 'trace_overrun' | 'depth';
      /** The probe of `nmissed`, `misses` and `run_cnt`. */
      readonly probe: string | null;
      /** The function of `hits`. */
      readonly function: string | null;
    })
  /** Files of tracefs that all instances share. */
  | (Placed & {
      readonly do: 'set_graph_function' | 'set_graph_notrace';
      readonly functions: readonly string[];
    })
  /** Two more of them, and nanoseconds that go by. */
  | (Placed & { readonly do: 'max_graph_depth' | 'tracing_thresh' | 'ndelay'; readonly value: number })
  /** bpf_link_get_info_by_fd() of a kprobe_multi link. */
  | (Placed & { readonly do: 'link_info'; readonly probe: string })
  /** Overwrites the patch site with bytes that no state of it has. */
  | (Placed & { readonly do: 'corrupt'; readonly function: string })
  /** current->tracing_graph_pause++ / --. */
  | (Placed & { readonly do: 'pause_graph' | 'resume_graph' | 'unload_module' })
  /** kernel.ftrace_enabled sysctl. */
  | (Placed & { readonly do: 'ftrace_enabled'; readonly value: boolean })
  /** Observes the lines of enabled_functions, or a kernel stack trace: in handlers through the return hooks. */
  | (Placed & { readonly do: 'enabled_functions' | 'stack_trace' })
  /** Another task does the steps, on a CPU, a stack and a shadow stack of its own. */
  | (Placed & { readonly do: 'in_task'; readonly task: string; readonly does: readonly Step[] })
  /** schedule() in a task other than the first; it goes on when it is woken. */
  | (Placed & { readonly do: 'sleep' })
  | (Placed & { readonly do: 'wake'; readonly task: string })
  /** An interrupt taken in C code: in a body or a handler. */
  | (Placed & { readonly do: InterruptKind; readonly does: readonly Step[] })
  /** A step that patches code, stopped after every store for what another CPU does then. */
  | (Placed & { readonly do: 'meanwhile'; readonly step: Step; readonly does: readonly Step[] })
  /** A call whose tracing code is interrupted. `at`: one of the places of schema.ts, or a label of the trampolines. */
  | (Placed & {
      readonly do: 'interrupted';
      readonly call: Step;
      readonly by: InterruptKind;
      readonly at: string;
      readonly does: readonly Step[];
    });

export type InterruptKind = 'irq' | 'softirq' | 'nmi';

/** What only a handler may do, besides steps. */
export type Action =
  | Step
  /** Reads accessors into the observation. */
  | (Placed & { readonly do: 'read'; readonly accessors: readonly Accessor[] })
  /**
   * Writes: `return_value`, `argument(n)`, `instruction_pointer` (value `&function`), `field(name)`.
   */
  | (Placed & { readonly do: 'set'; readonly accessor: Accessor; readonly value: Expression })
  /** ftrace_override_function_with_return after setting the return value. */
  | (Placed & { readonly do: 'override'; readonly value: Expression })
  /** Entry handler returns non-zero (fprobe, kretprobe, session) or zero (graph): no exit for this call. */
  | (Placed & { readonly do: 'skip_exit' })
  /** kprobe: the pre_handler returns non-zero, for it has set the instruction pointer. */
  | (Placed & { readonly do: 'skip_single_step' })
  /** Stores words of entry data (fprobe, kretprobe) or of reserved data (graph, reserving `bytes`), from the first on. */
  | (Placed & { readonly do: 'store_data'; readonly values: readonly StoredWord[]; readonly bytes: number })
  /**
   * Exit handler: observes the stored data as `data`, the first word or a list of the first `words`. `parent`:
   * fgraph_retrieve_parent_data at that depth.
   */
  | (Placed & { readonly do: 'load_data'; readonly parent: number | null; readonly words: number | null })
  /** Graph: reads or writes the per-task variable of the gops. */
  | (Placed & { readonly do: 'task_variable'; readonly set: Expression | null });

// ------------------------------------------------------------------------------------ functions, probes

export interface FunctionSpec {
  readonly name: string;
  readonly signature: Signature;
  /** False: compiled without a call site (`notrace`). */
  readonly traceable: boolean;
  /** Other functions of the same name. */
  readonly namesakes: number;
  /** Its name in kallsyms, which a function of a module may share with another. */
  readonly symbol: string;
  readonly module: boolean;
  /** Text out of reach: of its module, or of a large kernel other than the beginning; `null`: it is near. */
  readonly moduleText: ModuleTextName | null;
  readonly kernelText: KernelTextName | null;
  /** ALLOW_ERROR_INJECTION(). */
  readonly errorInjection: boolean;
  readonly does: readonly Step[];
  /** `null` for void. May use parameters and names bound by `as`. */
  readonly returns: Expression | null;
  readonly position: Position;
}

export type ProbeKind =
  | 'ops'
  | 'graph'
  | 'fprobe'
  | 'kprobe'
  | 'kretprobe'
  | 'direct'
  | 'fentry'
  | 'fmod_ret'
  | 'fexit'
  | 'fsession'
  | 'livepatch'
  | 'tracer'
  | 'event'
  | 'fentry_multi'
  | 'fexit_multi'
  | 'fsession_multi'
  | 'kprobe_multi'
  | 'kretprobe_multi'
  | 'kprobe_session'
  | 'perf';

/** A tracer of tracefs; its filter is set_ftrace_filter of its instance. */
export interface TracerSpec {
  readonly kind: 'function' | 'function_graph' | 'profiler';
  /** As written to trace_options, in order. */
  readonly options: readonly string[];
  /** Name below instances/; `null`: the top directory. */
  readonly instance: string | null;
}

/** How a kprobe_multi program is attached, where it is not to the functions of `on` by symbol. */
export interface AttachSpec {
  readonly by: 'symbols' | 'addresses' | 'both' | 'nothing';
  /** Instead of the names of `on`; they need not be those of functions. `null`: those of `on`. */
  readonly symbols: readonly string[] | null;
  /** Instead of the addresses of `on`. `null`: those of `on`. */
  readonly addresses: readonly Expression[] | null;
  /** For the user's library to look up. */
  readonly pattern: string | null;
  readonly uniqueMatch: boolean;
  /** `null`: as many as there are. */
  readonly count: number | null;
  /** `null`: as the kind has it. */
  readonly flags: number | null;
  readonly sleepable: boolean;
  /** What the program returns; `null`: 1 after `skip_exit`, else 0. */
  readonly returns: number | null;
}

/** A BPF program on a kprobe or kretprobe, and how it is attached. */
export interface KprobeProgramSpec {
  readonly interface: (typeof kprobeInterfaces)[number];
  /** Instead of the name of the function: `name` or `module:name`; `null`: that of the function. */
  readonly symbol: string | null;
  /** By the address of the function, rather than by name. */
  readonly address: boolean;
  readonly sleepable: boolean;
  /** bpf_get_attach_cookie(); `null`: none given. */
  readonly cookie: Expression | null;
}

/** What one kind of probe has besides: direct, BPF programs on trampolines and kprobes, livepatch. */
export interface ProbeSettings {
  /** Generation of the API of direct calls. */
  readonly api: 'ops' | 'ip' | 'hash';
  /** A direct address with bit 0 set. */
  readonly jmp: boolean;
  /** bpf_get_attach_cookie(); `null`: none given. */
  readonly cookie: Expression | null;
  /** kprobe, kretprobe: `null`: it has handlers of its own. */
  readonly program: KprobeProgramSpec | null;
  /** What a fmod_ret program ends with; `null`: 0. */
  readonly returns: Expression | null;
  /** livepatch: the new function. */
  readonly with: string | null;
  /** livepatch: takes the place of all others. */
  readonly replace: boolean;
}

export interface ProbeSpec extends ProbeSettings {
  readonly name: string;
  readonly kind: ProbeKind;
  /** Filter: function names; empty means every function. */
  readonly on: readonly string[];
  readonly notrace: readonly string[];
  /** FTRACE_OPS_FL_* without the prefix (ops), FPROBE_FL_* (`DISABLED`, `KPROBE_SHARED`), KPROBE_FLAG_* (`DISABLED`). */
  readonly flags: readonly string[];
  /** `null`: no entry handler. */
  readonly entry: readonly Action[] | null;
  /** `null`: no exit handler. */
  readonly exit: readonly Action[] | null;
  /** kprobe post_handler; `null`: none. */
  readonly post: readonly Action[] | null;
  /** kprobe, kretprobe: bytes from the symbol. */
  readonly offset: number;
  /** fprobe entry_data_size, kretprobe data_size, or the cookie of a session, in bytes. */
  readonly dataSize: number;
  /** kprobe_multi and its like: a cookie for each function, in the order of `on`; `null`: none. */
  readonly cookies: readonly Expression[] | null;
  readonly attach: AttachSpec;
  /** fprobe nr_maxactive (kernels before 7.2), kretprobe maxactive; 0: left to the core. */
  readonly maxActive: number;
  /** A direct trampoline out of the reach of short branches; a number: this many MiB from rec->ip of its function. */
  readonly far: boolean | number;
  /** Of probes of kind event: the definition; else `null`. */
  readonly definition: string | null;
  /** Of probes of kind tracer; else `null`. */
  readonly tracer: TracerSpec | null;
  readonly position: Position;
}

/** A named object in kernel memory that pointers may point to. */
export interface ObjectSpec {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

// ---------------------------------------------------------------------------------------- expectations

/** A field's text, list of texts, in the spelling of the YAML; see compare/match for equality. */
export type FieldValue = string | readonly string[];

export interface Expectation {
  /** `entry`, `post`, `exit`, `body`, `result`, `error`, `record`, `count`, `link_info`, `stack_trace`, `fault`, `transparency`. */
  readonly kind: string;
  readonly fields: Readonly<Record<string, FieldValue>>;
  readonly position: Position;
}

export interface Replacement {
  /** 1-based index in `expect`. */
  readonly at: number;
  /** Field-wise change of the same expectation, or a list that takes its place (empty: nothing). */
  readonly by:
    | { readonly fields: Readonly<Record<string, FieldValue>> }
    | { readonly instead: readonly Expectation[] };
}

export interface Divergence {
  /** All named conditions must hold; lists are alternatives. */
  readonly on: {
    readonly arch: readonly string[];
    readonly revision: readonly string[];
    readonly target: readonly string[];
    /** Features that must be there. */
    readonly feature: readonly string[];
    /** Features that must be lacking. */
    readonly lacks: readonly string[];
  };
  readonly because: string;
  readonly source: string;
  readonly replace: readonly Replacement[];
  readonly position: Position;
}

export interface Case {
  /** Path below the case directory without `.yaml`, then `.value` per `for:` parameter: `fprobe/count.3`. */
  readonly id: string;
  readonly file: string;
  readonly title: string;
  /** Heading in reports, where the file gives one; else the folder of the id. */
  readonly feature?: string;
  readonly why: string;
  /** Where the asserted behaviour is documented or implemented. */
  readonly source: string | null;
  /** Ids of reference rows: `FP-02`, `x86-rth-missing-ret-slot`. */
  readonly covers: readonly string[];
  /** Features a subject must have to run the case. */
  readonly requires: readonly string[];
  readonly structs: Readonly<Record<string, StructType>>;
  readonly objects: readonly ObjectSpec[];
  readonly functions: readonly FunctionSpec[];
  readonly probes: readonly ProbeSpec[];
  readonly steps: readonly Step[];
  /** `null`: subjects are only compared with each other. */
  readonly expect: readonly Expectation[] | null;
  readonly divergences: readonly Divergence[];
  /** The source text of the file, for reports. */
  readonly text: string;
}
