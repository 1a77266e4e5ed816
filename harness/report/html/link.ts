// SPDX-License-Identifier: MIT
/** Text with what stands out in it: web addresses as links, what stands between backquotes as code. */
import { type Html, html } from '../escape.js';

/** What ends a sentence is no part of an address. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]]/g;

export function linked(text: string): Html {
  const parts: Html[] = [];
  let from = 0;
  for (const { 0: address, index } of text.matchAll(ADDRESS)) {
    parts.push(html`${text.slice(from, index)}<a href="${address}" rel="noreferrer">${address}</a>`);
    from = index + address.length;
  }
  return html`${parts}${text.slice(from)}`;
}

/** Backquotes come in pairs; where they do not, the text is left as it is. */
export function coded(text: string): Html {
  const parts = text.split('`');
  if (parts.length % 2 === 0) return html`${text}`;
  return html`${parts.map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))}`;
}
