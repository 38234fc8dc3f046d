import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { htmlTable } from '../../src/report/html-table';
import { escapeText, html } from '../../src/report/markup';
import { isFull } from '../helpers/full';
import { expectWellFormed } from './page';

describe('html', () => {
  test('escapes text, takes markup and lists as they are, leaves nothing out', () => {
    const items = ['a', 'b'].map((word) => html`<li>${word}</li>`);
    expect(html`<p title="${'"'}">${'a < b & c'}${undefined}${3}</p><ul>${items}</ul>`.markup).toBe('<p title="&#34;">a &#60; b &#38; c3</p><ul><li>a</li><li>b</li></ul>');
  });

  test('whatever the text, it stays between its tags', () =>
    fc.assert(
      fc.property(fc.string(), (words) => {
        expectWellFormed(html`<p aria-label="${words}">${words}</p>`.markup);
        expect(escapeText(words)).not.toMatch(/[<>"']/);
      }),
      { seed: 1, numRuns: isFull ? 10_000 : 200 },
    ));
});

test('htmlTable names rows and columns, and sets numbers to the right', () => {
  const { markup } = htmlTable('Scores <1>', ['learner', 'mse'], [['MAML', { value: 0.0712, interval: 0.004 }]]);
  expectWellFormed(markup);
  expect(markup).toContain('<caption>Scores &#60;1&#62;</caption>');
  expect(markup).toContain('<th scope="row">MAML</th><td class="number">0.071 ± 0.004</td>');
});
