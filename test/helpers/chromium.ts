import { existsSync, readFileSync } from 'node:fs';
import { chromium, type Browser, type CDPSession, type Page } from 'playwright-core';
import type { Drawing } from '../../examples/browser/strokes';

/** Where Debian and others put it; `CHROMIUM` names another. */
const places = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser to test with; undefined, and said, where there is none. */
export const chromiumPath: string | undefined = places.find((place) => place !== undefined && existsSync(place));
if (!chromiumPath) console.log('The page is not tested in a browser: there is no chromium; install it (Debian: apt install chromium), or name one in CHROMIUM.');

export function launchChromium(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath!, args: ['--no-sandbox', ...args] }); // tests are run by root in containers
}

/** What a page must not do, as it does it: errors in its console, requests to other hosts. */
export function watch(page: Page, host: string): readonly string[] {
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(host) && !request.url().startsWith('blob:')) faults.push(`request: ${request.url()}`);
  });
  return faults;
}

/** Draws on a pad with the mouse: the browser's own input events, sent one after another without waiting. */
export async function draw(page: Page, input: CDPSession, pad: string, drawing: Drawing): Promise<void> {
  await page.locator(pad).scrollIntoViewIfNeeded();
  const box = (await page.locator(pad).boundingBox())!;
  const sent: Promise<unknown>[] = [];
  const send = (type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', [x, y]: readonly [number, number]) =>
    sent.push(input.send('Input.dispatchMouseEvent', { type, x: box.x + x * box.width, y: box.y + y * box.height, button: 'left', buttons: type === 'mouseReleased' ? 0 : 1, clickCount: 1, pointerType: 'mouse' }));
  for (const stroke of drawing) {
    const [first, ...others] = stroke;
    if (!first) continue;
    send('mousePressed', first);
    for (const spot of others) send('mouseMoved', spot);
    send('mouseReleased', stroke.at(-1)!);
  }
  await Promise.all(sent);
}

/** Memory of the process that a page and its workers run in. Linux only. */
export async function residentBytes(page: Page): Promise<number> {
  const browser = await page.context().browser()!.newBrowserCDPSession();
  const { processInfo } = (await browser.send('SystemInfo.getProcessInfo')) as { readonly processInfo: readonly { readonly type: string; readonly id: number }[] };
  const resident = (id: number) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  return Math.max(...processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => resident(id))); // the others have no worker
}
