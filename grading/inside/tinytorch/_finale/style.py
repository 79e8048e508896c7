"""How the page looks: on a desk, on a phone, on paper, by day and by night."""

STYLE = """
:root { color-scheme: light dark; --paper: #fbf7ef; --card: #fffdf8; --ink: #2a2521;
  --soft: #6b6058; --rule: #e3d9c9; --right: #2b6cb0; --wrong: #c2410c; }
@media screen and (prefers-color-scheme: dark) { :root { --paper: #1b1917; --card: #242120;
  --ink: #efe8dd; --soft: #b5a99c; --rule: #403a35; --right: #7db4ea; --wrong: #f59a62; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 2.5rem 1.25rem 3rem; background: var(--paper);
  color: var(--ink); font: 1.0625rem/1.55 Charter, "Iowan Old Style", Georgia, serif; }
h1 { font-size: clamp(2rem, 7vw, 3.2rem); line-height: 1.1; margin: 0 0 .6rem; }
h2 { font-size: 1.5rem; line-height: 1.2; margin: 3rem 0 .4rem; padding-top: 1rem;
  border-top: 1px solid var(--rule); }
p { margin: .5rem 0; max-width: 42rem; }
.lead { font-size: 1.2rem; }
.soft, caption, figcaption { color: var(--soft); font-size: .92rem; }
code { font: .9em ui-monospace, Consolas, monospace; }
.pair { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr));
  align-items: start; margin: 1rem 0; }
figure { margin: 0; padding: .9rem; background: var(--card); border: 1px solid var(--rule);
  border-radius: .6rem; break-inside: avoid; }
figcaption { margin-top: .4rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font: 12px ui-sans-serif, system-ui, sans-serif; }
svg text.name { fill: var(--ink); font-weight: 600; }
svg .grid { stroke: var(--rule); }
svg .curve { fill: none; stroke: var(--right); stroke-width: 2.5; stroke-linejoin: round; }
svg .dot { fill: var(--right); }
svg circle.case { fill: #fffdf8; stroke: #2a2521; stroke-width: 1.5; }
svg text.case { fill: #2a2521; font-size: 14px; font-weight: 700; }
.digits { display: grid; grid-template-columns: repeat(auto-fill, minmax(3.6rem, 1fr));
  gap: .7rem .3rem; list-style: none; margin: 0; padding: 0; text-align: center; }
.digits img { display: block; margin: 0 auto .2rem; border-radius: .35rem;
  border: 1px solid var(--rule); }
.digits .wrong { color: var(--wrong); font-weight: 700; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; caption-side: bottom; padding-top: .5rem; }
.confusion { table-layout: fixed; font: .8rem ui-sans-serif, system-ui, sans-serif;
  text-align: center; }
.confusion td, .confusion th { padding: .32rem 0; }
.confusion td { background: color-mix(in srgb, var(--shade) var(--p), transparent); }
.confusion .right { --shade: color-mix(in srgb, var(--right) 55%, transparent); }
.confusion .wrong { --shade: color-mix(in srgb, var(--wrong) 80%, transparent); }
.lines td, .lines th { padding: .35rem .5rem .35rem 0; border-bottom: 1px solid var(--rule);
  text-align: left; vertical-align: top; }
.lines .n { text-align: right; padding-right: 0; white-space: nowrap; padding-left: .6rem; }
.lines tfoot td, .lines tfoot th { border: 0; font-weight: 700; }
ol.way { padding-left: 1.4rem; max-width: 42rem; } ol.way li { margin: .35rem 0; }
ul.still { padding-left: 1.2rem; max-width: 42rem; overflow-wrap: anywhere; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--rule); }
@media print { body { max-width: none; padding: 0; font-size: 10.5pt; }
  h2 { margin-top: 1.6rem; break-after: avoid; } tr, li { break-inside: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .pair { grid-template-columns: 1fr 1fr; } }
"""
