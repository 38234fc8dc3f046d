import { ink } from './chart';
import { lookColors } from './series';

/** Colours of ink and lines on a dark page, for those on a light one. */
export const darkColors: Readonly<Record<string, string>> = {
  [ink.paper]: '#15181b',
  [ink.title]: '#f2f2f2',
  [ink.text]: '#c6c9cc',
  [ink.axis]: '#80858a',
  [ink.grid]: '#33383d',
  '#b8b8b8': '#6b7178', // the true function of an adaptation picture
  ...Object.fromEntries(lookColors.map((color, index) => [color, ['#56b4e9', '#ff8f4a', '#2fc79b', '#e39cc6', '#d9a52a', '#8ccbf2', '#d0d0d0'][index]!])),
};

const variables = (colors: (light: string) => string) =>
  Object.entries(ink).map(([name, color]) => `--${name}: ${colors(color)};`).join(' ');

/** Pictures are drawn in the colours of a light page: on a dark one, rules stand over their attributes. */
const darkPictures = Object.entries(darkColors)
  .map(([light, dark]) => `  svg [fill="${light}"], svg[fill="${light}"] { fill: ${dark}; }\n  svg [stroke="${light}"] { stroke: ${dark}; }`)
  .join('\n');

/** The look of a report: one column, light or dark as the reader's system is, tables and pictures that scroll where they are too wide. */
export const reportStyle = `
:root { color-scheme: light dark; ${variables((light) => light)} }
@media (prefers-color-scheme: dark) {
  :root { ${variables((light) => darkColors[light]!)} }
${darkPictures}
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--title); font: 16px/1.5 system-ui, 'DejaVu Sans', Arial, sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 0.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 3rem 0 0.75rem; padding-top: 0.75rem; border-top: 1px solid var(--grid); }
p { margin: 0.5rem 0; max-width: 46rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; list-style: none; padding: 0; margin: 1rem 0 0; }
a { color: inherit; text-underline-offset: 0.2em; }
figure { margin: 1.25rem 0; }
figcaption, caption { color: var(--text); font-size: 0.9rem; text-align: left; }
figcaption { max-width: 46rem; }
caption { padding: 0 0 0.4rem; }
.scroll { overflow-x: auto; margin: 1rem 0; }
.scroll:focus-visible, a:focus-visible, summary:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
figure .scroll { margin: 0; }
svg { display: block; width: 100%; height: auto; }
table { min-width: min(100%, 26rem); border-collapse: collapse; font-size: 0.92rem; }
th, td { padding: 0.3rem 1.25rem 0.3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--grid); font-weight: normal; }
thead th { color: var(--text); border-bottom-color: var(--axis); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
td:not(.number), tbody th { min-width: 8rem; overflow-wrap: anywhere; }
summary { cursor: pointer; margin: 0.75rem 0; }
@media print { summary { display: none; } }
`;
