/** Text that is HTML already. */
export interface Markup {
  readonly markup: string;
}

export type MarkupPart = string | number | undefined | Markup | readonly MarkupPart[];

/**
 * HTML with values put in: text is escaped, markup and lists of it are taken as they are, nothing is left out.
 *
 * @example
 * html`<p>${'a < b'} ${html`<b>c</b>`}</p>`.markup // '<p>a &#60; b <b>c</b></p>'
 */
export function html(strings: TemplateStringsArray, ...parts: readonly MarkupPart[]): Markup {
  return { markup: strings.map((words, index) => words + write(parts[index])).join('') };
}

/** A text between tags or in a quoted attribute. */
export function escapeText(words: string): string {
  return words.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

function write(part: MarkupPart): string {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part));
  return 'markup' in part ? part.markup : part.map(write).join('');
}
