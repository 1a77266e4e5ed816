// SPDX-License-Identifier: MIT
/**
 * Look of the HTML report. Contrast of text and cells is at least 4.5:1 in both schemes (WCAG 2.2, 1.4.3);
 * letters, not colours, carry the verdict.
 */
export const STYLE = `
:root {
  --paper: #fcfbf8; --panel: #f4f2ec; --ink: #1f2328; --soft: #5b6169; --rule: #dcd8ce; --link: #1a5a8a;
  --ok: #1d6b40; --ok-bg: #e3f0e6; --bad: #a32018; --bad-bg: #fbe5e2; --warn: #7a5200; --warn-bg: #f8ecd2;
  --odd: #7b2f86; --odd-bg: #f3e4f5; --off: #676d75; --off-bg: #eceae4; --mark: #fbe9b0;
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
  --sans: system-ui, -apple-system, "Segoe UI", "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15171a; --panel: #1d2024; --ink: #e4e2dc; --soft: #a3a8ae; --rule: #33373c; --link: #84bdea;
    --ok: #86d3a1; --ok-bg: #1b3325; --bad: #ff9d92; --bad-bg: #47201d; --warn: #ecc272; --warn-bg: #3b2f16;
    --odd: #dba6e6; --odd-bg: #38213d; --off: #9ba1a8; --off-bg: #26292d; --mark: #4a3f17;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 3rem; -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; padding: 2.5rem clamp(1rem, 4vw, 3rem) 4rem; max-width: 76rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.55 var(--sans); font-variant-numeric: tabular-nums; text-rendering: optimizeLegibility; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: .18em; }
a:not(:hover) { text-decoration-color: color-mix(in srgb, currentColor 35%, transparent); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
code, pre, .matrix th, .classes ol { font-family: var(--mono); font-size: .86em; }
h1 { margin: .1rem 0 .6rem; font-size: clamp(1.6rem, 4vw, 2.35rem); line-height: 1.15; font-weight: 650; letter-spacing: -.018em; text-wrap: balance; }
h1.bad { color: var(--bad); }
h2 { margin: 3rem 0 .8rem; font-size: 1.15rem; font-weight: 650; letter-spacing: -.005em; }
h4 { margin: 0 0 .35rem; font-size: .8rem; font-weight: 600; color: var(--soft); }
.brand { margin: 0; font-family: var(--mono); font-size: .9rem; color: var(--soft); }
.whole { white-space: nowrap; }
.lede { margin: 0 0 1.1rem; max-width: 46rem; color: var(--soft); text-wrap: pretty; }
.counts { display: flex; flex-wrap: wrap; gap: .4rem 1.6rem; margin: 0; padding: 0; list-style: none; }
.counts span { color: var(--soft); }
.s { font-family: var(--mono); font-weight: 600; font-size: .82em; text-align: center; border-radius: 3px; }
b.s { display: inline-block; min-width: 2.1em; padding: 0 .3em; }
td.s sup { position: absolute; font-size: .72em; line-height: 1.5; font-weight: 400; }
.s-PASS { color: var(--ok); background: var(--ok-bg); }
.s-FAIL, .s-CRASH, .s-TIMEOUT, .s-XPASS { color: var(--bad); background: var(--bad-bg); }
.s-XFAIL { color: var(--warn); background: var(--warn-bg); }
.s-ERROR, .s-MISS { color: var(--odd); background: var(--odd-bg); }
.s-UNSUPPORTED, .s-SKIP { color: var(--off); background: var(--off-bg); }
.failures { margin: 0; padding: 0; list-style: none; border-left: 3px solid var(--bad); }
.failures li { padding: .3rem 0 .3rem .9rem; }
.failures a { font-family: var(--mono); font-size: .88em; font-weight: 600; }
.failures span { display: block; }
form { display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; align-items: center; margin-bottom: .8rem; font-size: .86rem; color: var(--soft); }
form[hidden] { display: none; }
input, select { margin-left: .3rem; padding: .28rem .5rem; font: inherit; color: var(--ink); background: var(--paper);
  border: 1px solid var(--rule); border-radius: 4px; }
input { width: 17rem; max-width: 60vw; }
.matrix { border-collapse: separate; border-spacing: 0 1px; width: 100%; }
.matrix th { text-align: left; font-weight: 400; white-space: nowrap; padding: .12rem .9rem .12rem 0; }
.matrix thead th { position: sticky; top: 0; z-index: 1; background: var(--paper); padding-top: .5rem; padding-bottom: .4rem;
  color: var(--soft); border-bottom: 1px solid var(--rule); text-align: center; }
.matrix thead th:not(:first-child) { padding-right: 0; }
.matrix thead th:first-child, .matrix thead th.title { text-align: left; }
.matrix thead .archs th { border-bottom: 0; padding-bottom: 0; color: var(--ink); text-align: left; padding-left: .5rem; }
.matrix thead .revisions th { top: 1.75rem; padding-top: .15rem; font-size: .74em; }
.matrix:has(.archs) td.s { min-width: 2.1rem; }
.matrix:has(.archs) tbody th { max-width: 20rem; overflow: hidden; text-overflow: ellipsis; }
.matrix:has(.archs) td.title { max-width: 12rem; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.matrix abbr { text-decoration: none; }
.matrix td.s { min-width: 3.2rem; border-left: 1px solid var(--paper); }
.matrix td:not(.s):not(.title) { text-align: center; color: var(--off); }
.matrix td.title { padding-left: 1.1rem; color: var(--soft); font-size: .86rem; width: 100%; }
.matrix thead th.title { font-family: var(--sans); padding-left: 1.1rem; }
.matrix .folder th { padding-top: 1rem; font-weight: 650; }
.matrix span, .times { color: var(--soft); }
.matrix tr.off { opacity: .28; }
.matrix.flat .folder { display: none; }
.matrix tbody tr:not(.folder):hover { background: var(--panel); }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.6rem; margin: 1.1rem 0 0; font-size: .84rem; color: var(--soft); }
.legend div { display: flex; gap: .5rem; } .legend dd { margin: 0; }
details.family { border-top: 1px solid var(--rule); padding: .1rem 0; }
details.family:last-child { border-bottom: 1px solid var(--rule); }
details.family[open] { padding-bottom: 1.4rem; }
details.family.bad { border-left: 3px solid var(--bad); padding-left: .9rem; }
summary { cursor: pointer; padding: .4rem 0; }
summary::marker { color: var(--soft); }
.family > summary code { font-weight: 600; }
.family > summary .title { margin-left: .5rem; color: var(--soft); }
.family[open] > summary .title { color: var(--ink); }
.why { margin: .2rem 0 .8rem; max-width: 46rem; text-wrap: pretty; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.2rem; margin: 0 0 1rem; font-size: .88rem; }
.facts dt { color: var(--soft); } .facts dd { margin: 0; overflow-wrap: anywhere; }
details.case { margin-left: .2rem; padding-left: 1rem; border-left: 1px solid var(--rule); }
details.case.bad { border-left-color: var(--bad); }
details.case[open] { margin-bottom: .8rem; }
details.case > summary { padding: .12rem 0; }
.cells { margin-left: .6rem; } .cells b { margin-right: 2px; }
.sentence { margin: .3rem 0 .6rem; max-width: 52rem; }
.sentence.open { font-weight: 600; color: var(--bad); }
.verdicts { margin: .3rem 0 .9rem; padding: 0; list-style: none; font-size: .92rem; }
.verdicts li { padding: .06rem 0; } .verdicts span { color: var(--soft); }
.divergences { margin: 0 0 .9rem; padding: .6rem .9rem; background: var(--panel); border-radius: 5px; font-size: .9rem; }
.divergences p { margin: .2rem 0; } cite { color: var(--soft); font-style: normal; }
pre { margin: .4rem 0 1rem; padding: .8rem 1rem; overflow-x: auto; background: var(--panel); border-radius: 5px; line-height: 1.5; tab-size: 4; }
.diff .h { color: var(--soft); } .diff .del { color: var(--bad); background: var(--bad-bg); } .diff .ins { color: var(--ok); background: var(--ok-bg); }
.classes { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: .8rem; margin-bottom: .9rem; }
.classes section { padding: .7rem .9rem; background: var(--panel); border-radius: 5px; overflow-x: auto; }
.classes ol { margin: 0; padding-left: 2.2rem; white-space: nowrap; line-height: 1.6; }
.classes .fold { color: var(--soft); list-style: none; }
.classes li::marker { color: var(--soft); }
mark { color: inherit; background: var(--mark); padding: .08em .15em; border-radius: 2px; }
.yaml > summary { font-size: .86rem; color: var(--soft); font-family: var(--mono); }
.yaml pre { white-space: pre; } .yaml b { color: var(--link); font-weight: 500; } .yaml i { color: var(--soft); font-style: normal; }
.note { color: var(--soft); }
.features dt { margin-top: .5rem; font-family: var(--mono); font-size: .86rem; } .features dd { margin: 0; font-size: .82rem; color: var(--soft); }
@media (max-width: 48rem) { .matrix .title { display: none; } .scroll { overflow-x: auto; } }
@media print {
  :root { --paper: #fff; --panel: #f6f6f6; --ink: #000; --soft: #444; --rule: #bbb; }
  body { max-width: none; padding: 0; font-size: 9.5pt; }
  form, .yaml { display: none !important; }
  .matrix thead th { position: static; } .matrix thead { display: table-header-group; }
  tr, .classes section, .verdicts li { break-inside: avoid; }
  a { color: inherit; text-decoration: none; }
  .s { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
`;
