/** The known word that an unknown one may have meant: about every third letter may be changed, left out or added. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const limit = Math.ceil(word.length / 3);
  const near = known
    .map((candidate) => ({ candidate, distance: changes(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= limit && distance < candidate.length);
  return near.sort((one, other) => one.distance - other.distance)[0]?.candidate;
}

/** How many letters must be changed, left out or added (Levenshtein's distance). */
function changes(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > 100) return Infinity; // a whole text is no word
  let costs = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++)
      next.push(Math.min(costs[j]! + 1, next[j - 1]! + 1, costs[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)));
    costs = next;
  }
  return costs[to.length]!;
}
