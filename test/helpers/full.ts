/** `npm run test:full` runs whole suites; `npm test` a seeded slice of each. */
export const isFull = process.env['HYPERMETA_FULL'] === '1';
