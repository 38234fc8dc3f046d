import { loadPackage, picturePackages } from '../core/load-package';

/** What every picture asks for: DejaVu where pictures are made, Arial on other machines. */
export const fontFamily = 'DejaVu Sans, Arial, sans-serif';

/** Of lines and categories, in their order. Source: Okabe and Ito, "Color universal design", 2008. */
export const colors = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#b07800', '#3a9bd1', '#333333'] as const;

/** Ink, from title to grid line. */
export const ink = { title: '#1a1a1a', text: '#444444', axis: '#999999', grid: '#e8e8e8', paper: '#ffffff' } as const;

/**
 * A Vega-Lite chart as an SVG document, in the look of this library; what the chart says itself goes first. It needs no
 * browser and no canvas. Warnings are faults here: a chart that silently leaves something out is worse than none.
 *
 * @example
 * const data = { values: [{ x: 0, y: 1 }, { x: 1, y: 3 }] };
 * const encoding = { x: { field: 'x', type: 'quantitative' }, y: { field: 'y', type: 'quantitative' } };
 * const svg = await renderChart({ width: 300, height: 200, data, mark: 'line', encoding });
 *
 * @param chart a Vega-Lite specification with its rows under `data.values`.
 * @throws Error if `vega` or `vega-lite` is not installed, or one of them complains about the chart.
 */
export async function renderChart(chart: object): Promise<string> {
  const vegaLite = await loadPackage<typeof import('vega-lite')>('renderChart', 'vega-lite', picturePackages);
  const vega = await loadPackage<typeof import('vega')>('renderChart', 'vega', picturePackages);
  const complaints: string[] = [];
  const logger = collectingLogger(complaints);
  const config = { ...theme, range: { category: [...colors] } };
  const { spec } = vegaLite.compile(chart as import('vega-lite').TopLevelSpec, { config, logger }); // checked by compile
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logger });
  try {
    const svg = await view.toSVG();
    if (complaints.length > 0)
      throw new Error(`renderChart: expected a valid Vega-Lite chart, got "${complaints.join('; ')}".`);
    return withIds(svg, 'chart');
  } finally {
    view.finalize();
  }
}

/** Names what a picture refers to by its own count: Vega's goes on from chart to chart, so that none would be the same twice. */
export function withIds(svg: string, prefix: string): string {
  const known: string[] = [];
  const own = (name: string) => `${prefix}-${known.includes(name) ? known.indexOf(name) : known.push(name) - 1}`;
  return svg
    .replace(/ id="([^"]+)"/g, (_, name: string) => ` id="${own(name)}"`)
    .replace(/url\(#([^)]+)\)/g, (_, name: string) => `url(#${own(name)})`);
}

function collectingLogger(complaints: string[]) {
  const logger = {
    level: (() => logger) as never, // Vega never asks for the level of a logger it is given
    error: (...words: readonly unknown[]) => (complaints.push(words.join(' ')), logger),
    warn: (...words: readonly unknown[]) => (complaints.push(words.join(' ')), logger),
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}

const theme = {
  background: ink.paper,
  font: fontFamily,
  padding: 16,
  view: { stroke: null },
  mark: { color: colors[0] },
  title: {
    color: ink.title,
    fontSize: 16,
    fontWeight: 600,
    anchor: 'start',
    offset: 18,
    subtitleColor: ink.text,
    subtitleFontSize: 11,
  },
  axis: {
    domainColor: ink.axis,
    gridColor: ink.grid,
    tickColor: ink.axis,
    tickSize: 4,
    labelColor: ink.text,
    labelFontSize: 11,
    labelPadding: 4,
    labelFlush: false,
    titleColor: ink.text,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    titlePadding: 8,
  },
  legend: {
    title: null,
    labelColor: ink.title,
    labelFontSize: 12,
    labelLimit: 0,
    symbolSize: 500,
    clipHeight: 16,
    symbolStrokeWidth: 2.5,
    rowPadding: 6,
    columnPadding: 6,
  },
} as const;
