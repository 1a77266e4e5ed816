// SPDX-License-Identifier: MIT
/** Every format a run can be told in, as data. A format's code is loaded when it is asked for. */
import type { HeaderEvent, RunEvent } from './events.js';
import type { Detail } from './rows.js';

/** What a format may be told besides the events. */
export interface Manner {
  readonly detail: Detail;
  /** Back-ends a mail is about; all when empty. */
  readonly arch: readonly string[];
  /** Targets a mail is about; all when empty. */
  readonly target: readonly string[];
  readonly before: { readonly name: string; readonly events: readonly RunEvent[] } | null;
  readonly reporter: string | null;
  readonly kcidb: { readonly origin: string; readonly models: boolean };
}

export interface Format {
  readonly about: string;
  /** The whole run as text; absent where a listener writes while the run goes on. */
  readonly render?: (events: readonly RunEvent[], manner: Manner) => Promise<string>;
  /** What to ask before the first case; it throws a Problem where the run cannot be told in this format. */
  readonly check?: () => Promise<(header: HeaderEvent, manner: Manner) => void>;
  /** JSON Schema, draft-07. */
  readonly schema?: () => Promise<Record<string, unknown>>;
}

export type FormatName =
  | 'pretty'
  | 'json'
  | 'jsonl'
  | 'html'
  | 'junit'
  | 'ktap'
  | 'ktap-kselftest'
  | 'kcidb'
  | 'markdown'
  | 'mail'
  | 'badges';

export const FORMATS: Readonly<Record<FormatName, Format>> = {
  pretty: { about: 'for a terminal' },
  json: {
    about: 'verdicts and differences',
    render: async (events) => (await import('./json.js')).reportJson(events),
    schema: async () => (await import('./report-schema.js')).publishedSchema(),
  },
  jsonl: {
    about: 'the log: an event a line',
    schema: async () => (await import('./log-schema.js')).logSchema(),
  },
  html: {
    about: 'a page',
    render: async (events) => (await import('./html/html.js')).reportHtml(events),
  },
  junit: {
    about: 'JUnit XML, as Jenkins reads it',
    render: async (events) => (await import('./junit.js')).junit(events),
  },
  ktap: {
    about: 'KTAP version 1',
    render: async (events) => (await import('./ktap.js')).ktap(events, 'ktap'),
  },
  'ktap-kselftest': {
    about: "TAP with nested lines behind `# `, as kselftest's runner prints them",
    render: async (events) => (await import('./ktap.js')).ktap(events, 'kselftest'),
  },
  kcidb: {
    about: 'a KCIDB submission, schema v5.3',
    render: async (events, { kcidb }) => (await import('./kcidb.js')).kcidb(events, kcidb),
    check: async () => {
      const { checkSubmission } = await import('./kcidb.js');
      return (header, { kcidb }) => checkSubmission(header, kcidb);
    },
    schema: async () => (await import('./kcidb-schema.js')).kcidbSchema(),
  },
  markdown: {
    about: 'GitHub flavoured Markdown',
    render: async (events, { detail }) => (await import('./markdown.js')).markdown(events, detail),
  },
  mail: {
    about: 'a mail to a maintainer',
    render: async (events, manner) => (await import('./mail/mail.js')).mail(events, manner),
    check: async () => (await import('./mail/focus.js')).checkFocus,
  },
  badges: {
    about: 'a shields.io badge for each back-end',
    render: async (events) => (await import('./badges.js')).badgesJson(events),
    schema: async () => (await import('./badges.js')).badgesSchema(),
  },
};

export const FORMAT_NAMES = Object.keys(FORMATS) as FormatName[];
