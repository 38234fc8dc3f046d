type Listeners = { readonly [Name in keyof HTMLElementEventMap as `on${Name}`]?: (event: HTMLElementEventMap[Name]) => void };
export type Attributes = Listeners & Readonly<Record<string, unknown>>;

/** An element with attributes, listeners (`onclick`) and children; an attribute that is undefined or false is left out. */
export function element<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, attributes: Attributes = {}, ...children: readonly (Node | string)[]): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

/** The same in SVG. */
export function svg<Tag extends keyof SVGElementTagNameMap>(tag: Tag, attributes: Attributes = {}, ...children: readonly (Node | string)[]): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  setAttributes(made, attributes);
  made.append(...children);
  return made;
}

export function button(label: string, onclick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return element('button', { type: 'button', onclick, ...attributes }, label);
}

function setAttributes(made: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name.slice('on'.length), value as EventListener);
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
}

/** Runs `work` when asked, and once more if asked again meanwhile: never twice at a time, never on what is old. */
export function latest(work: () => Promise<void>): () => void {
  let status: 'idle' | 'running' | 'again' = 'idle';
  const run = async () => {
    status = 'running';
    await work();
    const isAsked = (status as string) === 'again';
    status = 'idle';
    if (isAsked) void run();
  };
  return () => {
    if (status === 'idle') void run();
    else status = 'again';
  };
}
