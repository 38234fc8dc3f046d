import { withIds } from './chart';
import { html, type Markup, type MarkupPart } from './markup';
import { reportStyle } from './report-style';

/** A part of a report, with its heading. */
export interface Section {
  readonly id: string;
  readonly heading: string;
  readonly body: MarkupPart;
}

export interface ReportPage {
  readonly title: string;
  /** What a reader wants to know first, in a sentence. */
  readonly summary: string;
  readonly sections: readonly Section[];
}

/** Nothing is loaded and nothing runs, whatever stands in the page. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** A whole HTML document. It holds no scripts and no addresses but those of its own sections. */
export function reportPage({ title, summary, sections }: ReportPage): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta http-equiv="Content-Security-Policy" content="${policy}" />
<title>${title}</title>
<style>${{ markup: reportStyle }}</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
<p>${summary}</p>
<nav aria-label="Sections"><ul>
${sections.map(({ id, heading }) => html`<li><a href="#${id}">${heading}</a></li>\n`)}</ul></nav>
</header>
${sections.map(({ id, heading, body }) => html`<section id="${id}" aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${heading}</h2>
${body}
</section>
`)}</main>
</body>
</html>
`.markup;
}

/**
 * An SVG document as a figure of a page. For a screen reader it is one image, which its caption describes.
 *
 * @param id of no other figure of the page
 */
export function figure(id: string, svg: string, caption: string): Markup {
  const opening = /^<svg[^>]*>/.exec(svg)![0]; // charts and pictures start so
  const size = (name: string) => Number(new RegExp(` ${name}="([\\d.]+)"`).exec(opening)![1]);
  const [width, height] = [size('width'), size('height')];
  const look = ['font-family', 'font-size', 'fill'].flatMap((name) => new RegExp(` ${name}="[^"]*"`).exec(opening) ?? []).join('');
  const least = Math.round(Math.min(0.8 * width, Math.max(440, 0.6 * width))); // px; smaller, its letters could not be read
  const content = withIds(svg.slice(opening.length), id);
  return html`<figure>
<div class="scroll" tabindex="0" role="region" aria-labelledby="${id}-caption"><svg viewBox="0 0 ${width} ${height}" style="max-width: ${width}px; min-width: ${least}px" role="img" aria-labelledby="${id}-caption"${{ markup: look }}>${{ markup: content }}</div>
<figcaption id="${id}-caption">${caption}</figcaption>
</figure>
`;
}
