/** The words of an SVG document, in their order. */
export function wordsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]!);
}

/** What the marks of a chart say to a screen reader: their data. */
export function marksOf(svg: string): string[] {
  return [...svg.matchAll(/aria-label="([^"]*)"/g)].map((match) => match[1]!);
}
