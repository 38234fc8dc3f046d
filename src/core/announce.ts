const said = new Set<string>();

/** The one place where the library prints by itself: what a user would otherwise not notice, such as a slower way taken. Once each. */
export function announce(sentence: string): void {
  if (said.has(sentence)) return;
  said.add(sentence);
  console.warn(sentence); // oxlint-disable-line no-console -- see above
}
