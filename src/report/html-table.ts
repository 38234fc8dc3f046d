import { html, type Markup } from './markup';
import { formatCell, type Cell } from './table';

/** A table for a page, as `formatTable` makes one for a terminal: a row's first cell names it, numbers stand to the right. */
export function htmlTable(caption: string, header: readonly string[], rows: readonly (readonly Cell[])[], digits = 3): Markup {
  const isNumeric = header.map((_, column) => rows.every((row) => typeof row[column] !== 'string'));
  const kind = (column: number) => (isNumeric[column] ? html` class="number"` : undefined);
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}"><table>
<caption>${caption}</caption>
<thead><tr>${header.map((name, column) => html`<th scope="col"${kind(column)}>${name}</th>`)}</tr></thead>
<tbody>
${rows.map(([name, ...cells]) => html`<tr><th scope="row"${kind(0)}>${formatCell(name!, digits)}</th>${cells.map((cell, index) => html`<td${kind(index + 1)}>${formatCell(cell, digits)}</td>`)}</tr>\n`)}</tbody>
</table></div>
`;
}
