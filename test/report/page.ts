import { expect } from 'vitest';

const empty = new Set(['meta', 'g', 'path', 'line', 'rect', 'image', 'text']); // all but the first within pictures

/** Fails unless every element is closed by a tag of its own name or is one that has no end, and every id is there once. */
export function expectWellFormed(page: string): void {
  const open: string[] = [];
  const ids: string[] = [];
  const withoutStyle = page.replace(/<style>[^<]*<\/style>/, '');
  for (const [tag, end, name, rest, self] of withoutStyle.matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:[^<>"]|"[^"<>]*")*?)(\/?)>/g)) {
    const id = / id="([^"]*)"/.exec(rest!)?.[1];
    if (id !== undefined) ids.push(id);
    if (end) expect(open.pop(), tag).toBe(name);
    else if (self) expect(empty, tag).toContain(name);
    else open.push(name!);
  }
  expect(open).toEqual([]);
  expect([...new Set(ids)]).toEqual(ids);
  const textOnly = withoutStyle.replace(/^<!doctype html>/, '').replace(/<(\/?)([a-zA-Z][\w-]*)((?:[^<>"]|"[^"<>]*")*?)(\/?)>/g, '');
  expect(textOnly).not.toMatch(/[<>]/); // whatever is not a tag is text, escaped
  for (const [, target] of page.matchAll(/(?:aria-labelledby="|href="#|url\(#)([^")]+)/g)) expect(ids).toContain(target);
}

/** The page without the section that tells of the machine. */
export function withoutCost(page: string): string {
  const shown = page.replace(/<section id="cost"[^]*?<\/section>/, '');
  expect(shown.length).toBeLessThan(page.length);
  return shown;
}

/** What a reader reads, tags left out. */
export function wordsOfPage(page: string): string {
  return page
    .replace(/<style>[^]*?<\/style>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ');
}
