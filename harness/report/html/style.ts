// SPDX-License-Identifier: MIT
/**
 * Look of the HTML report. Contrast of text and cells is at least 4.5:1 in both schemes (WCAG 2.2, 1.4.3);
 * letters, not colours, carry the verdict. Classes of one letter are those of statuses.ts.
 */
export const STYLE = `
:root {
  --paper: #fcfbf8; --panel: #f4f2ec; --ink: #1f2328; --soft: #5b6169; --rule: #dfdbd1; --link: #1a5a8a;
  --ok: #1d6b40; --ok-bg: #e3f0e6; --ok-dot: #4e9a6d; --bad: #a32018; --bad-bg: #fbdfdb; --warn: #7a5200; --warn-bg: #f8ecd2;
  --odd: #7b2f86; --odd-bg: #f3e4f5; --off: #5f656d; --off-bg: #eeece7; --mark: #fbe9b0;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
  --sans: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif;
  --cell: 2rem; --gap: .45rem; --name: 19.5rem;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --panel: #1c1f23; --ink: #e4e2dc; --soft: #a3a8ae; --rule: #2e3237; --link: #84bdea;
    --ok: #86d3a1; --ok-bg: #1a2e22; --ok-dot: #5fae7d; --bad: #ff9d92; --bad-bg: #4b211e; --warn: #ecc272; --warn-bg: #3b2f16;
    --odd: #dba6e6; --odd-bg: #38213d; --off: #959ba3; --off-bg: #212428; --mark: #4a3f17;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 4.5rem; -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 2.5rem clamp(1rem, 3vw, 3rem) 4rem; max-width: 88rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.55 var(--sans); font-variant-numeric: tabular-nums; text-rendering: optimizeLegibility; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: .18em; }
a:not(:hover) { text-decoration-color: color-mix(in srgb, currentColor 35%, transparent); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; border-radius: 3px; }
code, pre, kbd, .name, .cells, .seen ol, .trace { font-family: var(--mono); font-size: .8125rem; }
code { overflow-wrap: anywhere; }
h1 { margin: .1rem 0 .6rem; font-size: clamp(1.5rem, 4vw, 2.25rem); line-height: 1.15; font-weight: 650; letter-spacing: -.018em; text-wrap: balance; }
h1.bad { color: var(--bad); }
h2 { margin: 2.6rem 0 .7rem; font-size: 1.15rem; font-weight: 650; letter-spacing: -.005em; }
h3, h4 { margin: 0 0 .35rem; font-size: .8125rem; font-weight: 600; color: var(--soft); }
.brand { margin: 0; font-family: var(--mono); font-size: .9rem; color: var(--soft); }
.whole { white-space: nowrap; }
.lede { margin: 0 0 1.1rem; max-width: 46rem; color: var(--soft); text-wrap: pretty; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .1rem 1.2rem; margin: 0 0 .8rem; font-size: .86rem; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; }
.run { font-size: .8125rem; align-content: end; }
@media (min-width: 72rem) { header { display: grid; grid-template-columns: minmax(0, 46rem) minmax(0, 26rem); justify-content: space-between; column-gap: 3rem; } header .lede, header .run { margin-bottom: 0; } }
.said { margin: 0 0 1rem; padding: 0; list-style: none; font-size: 1.05rem; max-width: 52rem; }
.fidelity { border-collapse: collapse; margin: 0 0 1rem; font-size: .84rem; }
.fidelity th, .fidelity td { padding: .12rem 1rem .12rem 0; text-align: left; font-weight: 400; }
.fidelity th { color: var(--soft); } .fidelity :nth-child(n + 3) { text-align: right; }
.failures { margin: 0; padding: 0; list-style: none; border-left: 3px solid var(--bad); }
.failures li { padding: .2rem 0 .2rem .9rem; overflow-wrap: anywhere; }
.failures a { font-family: var(--mono); font-size: .8125rem; font-weight: 600; }
.failures span { display: block; font-size: .9rem; color: var(--soft); }
.more > summary { padding: .4rem 0; color: var(--link); font-size: .86rem; width: max-content; }
.note { color: var(--soft); font-size: .86rem; }

form#filter { display: flex; gap: .5rem; align-items: center; margin-bottom: .6rem; font-size: .86rem; color: var(--soft); }
form#filter[hidden] { display: none; }
label { display: flex; flex: 0 1 26rem; min-width: 0; align-items: center; gap: .5rem; }
input { flex: 1; min-width: 0; padding: .34rem .6rem; font: .8125rem var(--mono); color: var(--ink); background: var(--paper); border: 1px solid var(--rule); border-radius: 5px; }
input::placeholder { color: var(--off); opacity: .75; }
button { padding: .26rem .65rem; font: inherit; color: var(--soft); background: var(--paper); border: 1px solid var(--rule); border-radius: 5px; cursor: pointer; }
button:hover { color: var(--ink); background: var(--panel); }

b { font-weight: 600; }
.cells b, .verdicts b, .legend b { color: var(--off); text-align: center; border-radius: 3px; }
.verdicts b, .legend b { display: inline-block; min-width: 2.1em; padding: 0 .3em; font: 600 .78rem/1.5 var(--mono); }
b.p { color: var(--ok); background: var(--ok-bg); }
b.F, b.C, b.T, b.X { color: var(--bad); background: var(--bad-bg); }
b.x { color: var(--warn); background: var(--warn-bg); }
b.E, b.M { color: var(--odd); background: var(--odd-bg); }
b.u, b.s { font-weight: 400; }
.verdicts b.u, .legend b.u, .legend b.s { background: var(--off-bg); }
b.d { position: relative; }
b.d::after { content: ""; position: absolute; top: .22em; right: .22em; width: 4px; height: 4px; border-radius: 50%; background: var(--ok-dot); }
b.part { position: relative; }
b.part::before { content: ""; position: absolute; left: 3px; right: 3px; bottom: 2px; height: 2px; border-radius: 1px;
  background: linear-gradient(to right, var(--ok-dot) var(--of), transparent 0), var(--rule); }
b small { font-size: .74em; margin-left: .1em; font-weight: 500; }

.tree { --row: minmax(9rem, var(--name)) calc(var(--n) * (var(--cell) + 2px) + var(--gaps) * var(--gap)) minmax(0, 1fr); overflow-x: clip; border-bottom: 1px solid var(--rule); }
.row, .heads { display: grid; grid-template-columns: var(--row); column-gap: .9rem; align-items: center; }
.heads { position: sticky; top: 0; z-index: 2; padding: .45rem 0 .3rem; background: var(--paper); border-bottom: 1px solid var(--rule); align-items: end; }
.heads .name { padding-left: 1.1rem; font-family: var(--sans); color: var(--soft); }
.heads b { font-weight: 400; background: none; color: var(--soft); overflow: hidden; white-space: nowrap; }
.heads .archs b { color: var(--ink); width: calc(var(--w) * (var(--cell) + 2px) - 2px); flex: none; text-align: left; padding-left: .35rem; }
.archs b + b { margin-left: var(--gap); }
.subjects b { font-size: .72rem; }
.cells { display: flex; gap: 2px; line-height: 1.45rem; font-size: .75rem; }
.cells b { flex: none; width: var(--cell); }
summary { cursor: pointer; list-style: none; border-radius: 3px; }
summary::-webkit-details-marker { display: none; }
summary .name { position: relative; padding: .12rem 0 .12rem 1.1rem; overflow-wrap: anywhere; line-height: 1.35; }
summary .name::before, .yaml > summary::before, .features > summary::before { content: ""; position: absolute; left: .1rem; top: .48em; border: solid transparent; border-width: .3em 0 .3em .42em;
  border-left-color: var(--soft); opacity: .55; }
details[open] > summary .name::before, .yaml[open] > summary::before, .features[open] > summary::before { rotate: 90deg; }
summary .name span, summary .name i { color: var(--soft); font-style: normal; }
summary:hover { background: var(--panel); }
.folder { border-top: 1px solid var(--rule); }
.heads + .folder { border-top: 0; }
.folder > summary { padding: .2rem 0; }
.folder > summary .name { font-weight: 650; font-size: .875rem; } .folder > summary .name i { font-weight: 400; margin-left: .3rem; }
.folder.bad > summary .title { color: var(--bad); }
.declared { margin: .3rem 0 .7rem 2.1rem; } .declared .said { margin: 0; font-size: .84rem; color: var(--soft); overflow-wrap: anywhere; }
.folder[open] { padding-bottom: .7rem; }
.family > summary .name { padding-left: 2.1rem; } .family > summary .name::before { left: 1.1rem; }
.title { font-size: .84rem; color: var(--soft); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.family[open] > summary .name { font-weight: 600; }
.family[open] > summary .title { color: var(--ink); white-space: normal; }
.off > summary { opacity: .3; }
.folder[open]:not(.bad) > summary .title { visibility: hidden; }
.body { margin: .3rem 0 1.2rem 1.35rem; padding: .2rem 0 .2rem 1.1rem; border-left: 1px solid var(--rule); }
.bad > .body { border-left-color: var(--bad); }
.case > .body { margin: .2rem 0 .9rem .25rem; }
.case > summary .name { display: block; padding-left: 1.1rem; }
.case > summary.row { grid-template-columns: calc(var(--name) - 2.45rem - 1px) minmax(0, 1fr); }
.case.bad > summary .name { color: var(--bad); }
.why { margin: 0 0 .7rem; max-width: 46rem; text-wrap: pretty; }
.sentence { margin: .3rem 0 .6rem; max-width: 56rem; font-size: .92rem; overflow-wrap: anywhere; }
.sentence p { margin: .1rem 0; } .sentence span { color: var(--soft); }
.sentence.open { font-weight: 600; color: var(--bad); }
.verdicts { margin: .3rem 0 .7rem; padding: 0; list-style: none; font-size: .86rem; color: var(--soft); }
.verdicts li { padding: .08rem 0 .08rem 2.35rem; text-indent: -2.35rem; overflow-wrap: anywhere; } .verdicts li > * { text-indent: 0; } .verdicts code { color: var(--ink); margin-left: .3rem; }
.known { margin: 0 0 .8rem; padding: .6rem .9rem; background: var(--panel); border-radius: 5px; font-size: .86rem; }
.known ol { margin: 0; padding-left: 1.3rem; } .known li { margin: .2rem 0; overflow-wrap: anywhere; } .known li::marker { color: var(--soft); }
cite { color: var(--soft); font-style: normal; }
pre { margin: .3rem 0 .8rem; padding: .7rem .9rem; overflow-x: auto; background: var(--panel); border-radius: 5px; line-height: 1.5; tab-size: 4; }
.diff .h { color: var(--soft); } .diff .del { color: var(--bad); background: var(--bad-bg); } .diff .ins { color: var(--ok); background: var(--ok-bg); }
.seen { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: .7rem; margin-bottom: .8rem; }
.seen section { padding: .6rem .9rem; background: var(--panel); border-radius: 5px; min-width: 0; }
.seen h4 { font-family: var(--mono); font-weight: 500; font-size: .78rem; }
.seen ol { margin: 0; padding-left: 2rem; line-height: 1.5; overflow-wrap: anywhere; font-size: .78rem; }
.seen p { margin: 0; font-size: .86rem; }
.fold { color: var(--soft); list-style: none; }
li::marker { color: var(--soft); }
mark { color: inherit; background: var(--mark); padding: .08em .15em; border-radius: 2px; }
.parting > p { margin: .2rem 0 .5rem; font-size: .9rem; overflow-wrap: anywhere; }
.trace { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); column-gap: .7rem; margin-bottom: .6rem; padding: .6rem .9rem; background: var(--panel); border-radius: 5px; font-size: .74rem; line-height: 1.5; }
.trace.alone { grid-template-columns: minmax(0, 1fr); }
.trace h4 { font-family: var(--mono); font-weight: 500; font-size: .78rem; }
.trace > div { overflow-wrap: anywhere; }
.trace ol { margin: 0; padding: 0; list-style: none; }
.trace ol li { display: grid; grid-template-columns: 11em minmax(0, 1fr) 18.8em; column-gap: .8em; color: var(--soft); }
.trace li.fold { display: block; }
.trace li code { font-size: inherit; color: var(--ink); } .trace i { font-style: normal; color: var(--soft); } .trace li i { display: inline-block; white-space: nowrap; margin-right: .8em; }
.trace p { margin: .1rem 0 .3rem; font-weight: 600; } .trace p i { font-weight: 400; }
.trace .parted p { color: var(--bad); }
.command { padding: .15em .45em; background: var(--panel); border-radius: 4px; }
.yaml > summary, .features > summary { position: relative; padding: .1rem 0 .1rem 1.1rem; font-size: .8125rem; color: var(--soft); font-family: var(--mono); width: max-content; max-width: 100%; }
.yaml { margin-bottom: .7rem; } .yaml pre { white-space: pre; } .yaml b { color: var(--link); font-weight: 500; } .yaml i { color: var(--soft); font-style: normal; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.6rem; margin: 1rem 0 0; font-size: .8125rem; color: var(--soft); }
.legend div { display: flex; gap: .5rem; } .legend dd { margin: 0; }
footer { margin-top: 2.5rem; }
.features dl { overflow-wrap: anywhere; } .features dt { margin-top: .5rem; font-family: var(--mono); font-size: .8125rem; } .features dd { margin: 0; font-size: .78rem; color: var(--soft); }
dialog { max-width: min(40rem, 94vw); padding: 1.2rem 1.6rem; color: var(--ink); background: var(--paper); border: 1px solid var(--rule); border-radius: 8px; }
dialog::backdrop { background: rgb(0 0 0 / .35); }
dialog h2 { margin: 0 0 .5rem; font-size: 1rem; } dialog dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; margin: 0 0 1.1rem; font-size: .86rem; }
dialog dd { margin: 0; color: var(--soft); } dialog p { font-size: .86rem; color: var(--soft); }
kbd { padding: .05em .35em; background: var(--panel); border-radius: 3px; white-space: nowrap; }

@media (max-width: 72rem) {
  .row, .heads, .case > summary.row { grid-template-columns: minmax(8rem, 1fr) max-content; }
  .row .title { grid-column: 1 / -1; padding-left: 2.1rem; }
  .row .title:empty, .family:not([open]) > .row .title, .folder:not(.bad) > .row .title { display: none; }
}
@media (max-width: 78rem) { .trace ol li { grid-template-columns: 11em minmax(0, 1fr); } .trace .effects { grid-column: 2; } }
@media screen and (max-width: 56rem) {
  :root { --gap: 3px; }
  .row, .heads { grid-template-columns: minmax(0, 1fr); }
  .heads .name { display: none; }
  .cells { gap: 1px; line-height: 1.2rem; font-size: .62rem; }
  .cells b, .heads .archs b { flex: 1 1 0; width: auto; min-width: 0; overflow: hidden; }
  .heads .archs b { flex: var(--w) 1 0; padding: 0; text-overflow: clip; }
  .heads b { font-family: var(--sans); } .heads .archs b { font-size: .62rem; }
  .heads .subjects b { font-size: .5rem; }
  b.d::after { top: 1px; right: 1px; width: 3px; height: 3px; }
  .cells small { display: none; }
  .folder > summary { padding: .3rem 0 .4rem; } .family > summary { padding-bottom: .3rem; }
  .family > summary .name { padding-left: 1.1rem; } .family > summary .name::before { left: .1rem; }
  .row .title { padding-left: 1.1rem; } .declared { margin-left: 1.1rem; }
  .case > summary.row { grid-template-columns: minmax(0, 1fr); }
  form#filter output { white-space: nowrap; }
  .body { margin-left: .2rem; padding-left: .7rem; }
  .case > .body { margin-left: 0; }
  dialog dl { grid-template-columns: minmax(0, 1fr); gap: 0; } dialog dd { margin-bottom: .3rem; }
  .trace { grid-template-columns: minmax(0, 1fr); } .trace > :nth-child(even) { padding-left: .7rem; border-left: 2px solid var(--rule); } .trace.alone > * { padding: 0 !important; border: 0 !important; }
  .trace ol li { display: block; } .trace ol li .effects { display: block; padding-left: 1.2em; }
}
@media print {
  :root { --paper: #fff; --panel: #f6f6f6; --ink: #000; --soft: #444; --rule: #bbb; --cell: 1.3rem; --gap: .15rem; }
  body { max-width: none; padding: 0; font-size: 8.5pt; }
  form#filter, dialog, .yaml:not([open]), .features:not([open]), .more:not([open]) { display: none !important; }
  h2 { margin-top: 1.2rem; } .said { font-size: 9pt; }
  .heads { position: static; } .name, .seen ol, code, pre { font-size: 6.8pt !important; } .title { font-size: 7.5pt; }
  .cells { line-height: 1.15rem; font-size: 6pt; } .subjects b { font-size: 5.5pt; }
  .facts, .verdicts, .known, .sentence, .failures span { font-size: 7.5pt; }
  .trace { font-size: 5.8pt; line-height: 1.35; }
  summary, .seen section, .verdicts li, .known li, .trace li { break-inside: avoid; } summary, h2, h3 { break-after: avoid; }
  a { color: inherit; text-decoration: none; }
  b, b::before, b::after, mark, pre, .diff span { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
