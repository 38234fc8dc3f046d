import { openClient, type Client } from './client';
import { createCurvePage, type CurveState } from './curve-page';
import { button, element } from './dom';
import { createDrawPage, type DrawState } from './draw-page';
import { engineChoices, type EngineChoice } from './engine-choices';
import { exampleSets } from './example-sets';
import { areClasses, arePoints, download, drawnFrom, fromFragment, keptFile, readFile, toFragment } from './keep';
import type { KeptTask } from './workbench';

const storageKey = 'hypermeta-page';
const message = element('p', { class: 'message', role: 'status' });
const engineText = element('span', { class: 'note' }, 'starting…');
const linkField = element('input', { class: 'link', readonly: true, 'aria-label': 'Link to this task', hidden: true });

let chosen: EngineChoice = 'automatic';
let client: Client = openClient(chosen);

const draw = createDrawPage({ client: () => client, onchange: remember, onerror: replaceEngine });
const curve = createCurvePage({ client: () => client, onchange: remember, onerror: replaceEngine });

/** Which of the two is on show. */
type View = 'draw' | 'curve';
let view: View = 'draw';

function report(error: unknown): void {
  if (!isAbort(error)) say(textOf(error));
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Another engine was chosen meanwhile. */
const isAbort = (error: unknown) => error instanceof DOMException && error.name === 'AbortError';

/** In place of an engine that was chosen and does not start, or stops at its work, comes the first that works. */
function replaceEngine(error: unknown): void {
  if (isAbort(error) || chosen === 'automatic') return report(error);
  const { title } = engineChoices.find(({ choice }) => choice === chosen)!; // it was chosen there
  engineField.value = 'automatic';
  startEngine('automatic');
  say(`${title} stopped: ${textOf(error)} The page goes on with the first engine that works.`);
}

function say(text: string): void {
  message.textContent = text;
}

/** What the visitor has made stays in this browser; a link in the address bar that it has grown apart from goes. */
function remember(): void {
  const { classes, query } = draw.state;
  localStorage.setItem(storageKey, JSON.stringify({ view, classes, query, points: curve.state.points }));
  linkField.hidden = true;
  if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
}

function remembered(): { readonly draw: DrawState; readonly curve: CurveState; readonly view: View } {
  const first = exampleSets[0]!;
  const start = { draw: { classes: first.classes.map(({ name, drawing }) => ({ name, drawings: [drawing] })), query: first.query }, curve: { points: [] }, view: 'draw' } as const;
  try {
    const { view: seen, classes, query, points } = JSON.parse(localStorage.getItem(storageKey) ?? 'null') as Record<string, unknown>;
    if (!areClasses(classes) || !areClasses([{ name: '', drawings: [query] }]) || !arePoints(points)) return start;
    return { draw: { classes, query: query as DrawState['query'] }, curve: { points }, view: seen === 'curve' ? 'curve' : 'draw' };
  } catch {
    return start; // nothing there, or something of an older page
  }
}

function showView(next: View): void {
  view = next;
  for (const [name, { section }] of Object.entries({ draw, curve })) section.hidden = name !== view;
  for (const tab of tabs) tab.setAttribute('aria-pressed', String(tab.dataset['view'] === view));
}

const tabs = (['draw', 'curve'] as const).map((name) =>
  button(name === 'draw' ? 'Draw and adapt' : 'Function playground', () => {
    showView(name);
    remember();
  }, { class: 'tab', 'data-view': name }),
);

/** The task that is on show. */
function currentTask(): KeptTask {
  const embedding = curve.embedding();
  const task = view === 'draw' ? draw.task() : embedding && { embedding };
  if (!task) throw new Error('There is nothing to keep yet: draw two classes first.');
  return task;
}

function keep(kept: KeptTask, sources: { readonly classes?: DrawState['classes']; readonly points?: CurveState['points'] } = {}): void {
  if (kept.classes) {
    const classes = sources.classes ?? kept.classes.map((name) => ({ name, drawings: [[]] }));
    draw.show({ classes, query: draw.state.query, kept });
    showView('draw');
  } else {
    curve.show({ points: sources.points ?? [], embedding: kept.embedding });
    showView('curve');
  }
}

async function share(): Promise<void> {
  const { models } = await client.engine;
  const task = currentTask();
  history.replaceState(null, '', toFragment(task, models[task.classes ? 'drawings' : 'curve']));
  [linkField.value, linkField.hidden] = [location.href, false];
  linkField.select();
  say('This is the link: it carries the embedding, no drawing.');
  const isCopied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false); // a browser may keep its clipboard to itself
  if (isCopied) say('The link is in the clipboard: it carries the embedding, no drawing.');
}

async function saveJson(): Promise<void> {
  const task = await client.saveTask(currentTask());
  const sources = view === 'curve' ? { points: curve.state.points } : { classes: draw.state.classes };
  download(`${view === 'draw' ? 'symbols' : 'curve'}.json`, JSON.stringify(keptFile({ ...sources, task })));
  say('Saved: the task, and what it was adapted from.');
}

async function saveOnnx(): Promise<void> {
  download(`${view === 'draw' ? 'symbols' : 'curve'}.onnx`, await client.toOnnx(currentTask()));
  say('Saved: the adapted network, for onnxruntime and others.');
}

async function open(file: File): Promise<void> {
  const { task, classes, points } = readFile(await file.text());
  const kept = await client.loadTask(task);
  const drawn = classes && drawnFrom(kept, classes);
  keep(kept, { ...(drawn ? { classes: drawn } : {}), ...(points ? { points } : {}) });
  say(`Opened ${file.name}.`);
}

const orReport = (work: () => Promise<void>) => () => void work().catch(report);

const fileField = element('input', {
  type: 'file',
  accept: '.json,application/json',
  class: 'hidden',
  id: 'open-file',
  onchange: () => {
    const file = fileField.files?.[0];
    if (file) void open(file).catch(report);
    fileField.value = '';
  },
});

const engineField = element(
  'select',
  { id: 'engine', onchange: () => startEngine(engineField.value as EngineChoice) },
  ...engineChoices.map(({ choice, title }) => element('option', { value: choice }, title)),
);

function startEngine(choice: EngineChoice): void {
  client.end();
  chosen = choice;
  client = openClient(choice);
  say('');
  void showEngine();
  draw.refresh();
  curve.refresh();
}

async function showEngine(): Promise<void> {
  engineText.textContent = 'starting…';
  try {
    const { text, hasWebGpu } = await client.engine;
    engineText.textContent = text;
    for (const option of engineField.options) if (option.value === 'onnxruntime-webgpu') option.disabled = !hasWebGpu;
  } catch (error) {
    if (!isAbort(error)) engineText.textContent = 'none';
    replaceEngine(error);
  }
}

async function showStart(): Promise<void> {
  const start = remembered();
  showView(start.view);
  if (location.hash === '') draw.show(start.draw);
  curve.show(start.curve);
  if (location.hash === '') return;
  try {
    const { models } = await client.engine;
    const kept = fromFragment(location.hash, models);
    if (!kept?.classes) draw.show(start.draw);
    if (kept) keep(kept);
  } catch (error) {
    draw.show(start.draw);
    report(error);
  }
}

document.body.append(
  element('header', {}, element('div', { class: 'wide row' }, element('h1', {}, 'Adapt in the browser'), element('nav', { 'aria-label': 'Parts of the page', class: 'row' }, ...tabs))),
  element('main', { class: 'wide' }, draw.section, curve.section),
  element(
    'footer',
    { class: 'wide' },
    element(
      'div',
      { class: 'row' },
      button('Copy link', orReport(share)),
      button('Save as JSON', orReport(saveJson)),
      button('Save as ONNX', orReport(saveOnnx)),
      element('label', { for: 'open-file', class: 'button' }, 'Open a file'),
      fileField,
      linkField,
    ),
    message,
    element('div', { class: 'row' }, element('label', { for: 'engine' }, 'Computes with'), engineField, engineText),
    element('p', { class: 'note' }, 'Everything is computed in this page, by hypermeta; nothing you draw leaves it. Works offline once it has loaded.'),
  ),
);
addEventListener('hashchange', () => void showStart());
void showStart();
void showEngine().then(keepOffline);

/** Once the page is at work, so that it need not wait. */
async function keepOffline(): Promise<void> {
  if ('serviceWorker' in navigator) await navigator.serviceWorker.register('service-worker.js').catch(report);
}
