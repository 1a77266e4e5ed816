// SPDX-License-Identifier: MIT
/** HTML that cannot be broken by what it shows: everything put into {@link html} is escaped unless it is HTML. */

/** Finished HTML. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = Html | string | number | null | readonly Part[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for element content and quoted attributes; control characters, which HTML forbids, become U+FFFD. */
export function escapeHtml(text: string): string {
  if (!/[&<>"'\p{Cc}]/u.test(text)) return text;
  return text.replace(/[&<>"']/g, (one) => ENTITIES[one] as string).replace(/(?![\t\n\r])\p{Cc}/gu, '\ufffd');
}

/** Template tag: parts are escaped, lists joined, `null` is nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] as string;
  parts.forEach((part, index) => {
    text += rendered(part) + (strings[index + 1] as string);
  });
  return new Html(text);
}

function rendered(part: Part): string {
  if (part === null) return '';
  if (part instanceof Html) return part.text;
  return typeof part === 'object' ? part.map(rendered).join('') : escapeHtml(String(part));
}
