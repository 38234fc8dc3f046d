/** −Σ p log p of each row of probabilities, in nats: 0 for a sure prediction. */
export function entropies(rows: readonly (readonly number[])[]): readonly number[] {
  return rows.map((row) => -row.reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0));
}
