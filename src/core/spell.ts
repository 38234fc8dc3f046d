/** Plain data as a person writes it in JavaScript: unlike JSON, with Infinity, NaN and -0, so that it differs wherever the data do. */
export function spell(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((each) => spell(each)).join(', ')}]`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  return `{ ${Object.entries(value).map(([name, each]) => `${name}: ${spell(each)}`).join(', ')} }`;
}
