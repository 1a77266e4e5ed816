// SPDX-License-Identifier: MIT
/** Where the failing subject parts from another, instruction by instruction, with the command that shows all of it. */
import type { PartingRow, PartingSide, PartingStep } from '../../compare/parting.js';
import { type Html, html } from '../escape.js';
import type { CaseEvent } from '../events.js';
import { asArch, partingCommand } from '../reproduce.js';
import { number, plural } from '../summary.js';
import { coded } from './link.js';
import type { Page } from './page.js';

export function partingPart({ spec, comparison }: CaseEvent, first: boolean, page: Page): Html | null {
  const { parting } = comparison;
  if (parting === undefined) return null;
  const [left, right] = parting.subjects;
  const rows = page.takesTrace(first) ? parting.rows : [];
  return html`<section class="parting"><h3>Where they part</h3>
${parting.told.map((said) => html`<p>${coded(said)}</p>`)}
${
  rows.length === 0
    ? null
    : html`<div class="trace${right === null ? ' alone' : ''}"><h4>${asArch(left)}</h4>${
        right === null ? null : html`<h4>${asArch(right)}</h4>`
      }${rows.map((row) => rowPart(row, right !== null))}</div>`
}
<p><code class="command">${partingCommand(spec.id, parting)}</code></p></section>
`;
}

function rowPart({ state, left, right }: PartingRow, two: boolean): Html {
  const side = (one: PartingSide | null) =>
    html`<div class="${state}">${one === null ? null : sidePart(one)}</div>`;
  return html`${side(left)}${two ? side(right) : null}`;
}

function sidePart({ before, steps, mark, text }: PartingSide): Html {
  return html`${
    steps.length === 0
      ? null
      : html`<ol>${
          before === 0
            ? null
            : html`<li class="fold">… ${number(before)} ${plural(before, 'instruction')} before these</li>`
        }${steps.map(stepPart)}</ol>`
  }${mark === null ? null : html`<p><i>${mark}</i> ${text}</p>`}`;
}

function stepPart({ at, where, text, effects }: PartingStep): Html {
  return html`<li><span title="${where}">${at}</span> <code>${text}</code>${effects.length === 0 ? null : html` <span class="effects">${effects.map((one) => html`<i>${one}</i> `)}</span>`}</li>`;
}
