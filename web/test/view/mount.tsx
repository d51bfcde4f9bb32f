import { cleanup, render } from "@testing-library/preact";
import { afterEach, beforeEach, vi } from "vitest";
import { App } from "../../src/view/app.js";
import { markdown } from "../../src/view/markdown/lazy.js";
import Markdown from "../../src/view/markdown/render.js";
import { createUi, type Ui } from "../../src/view/ui.js";
import type { FakeChat } from "./fake.js";

/** For a file of tests of the page as a whole: each test begins at an empty address and leaves nothing. */
export function freshPages(): void {
  beforeEach(() => {
    markdown.value = { Markdown };
    history.replaceState(null, "", "#");
    localStorage.clear();
  });
  afterEach(() => {
    cleanup();
    vi.restoreAllMocks();
  });
}

export function show(chat: FakeChat): { readonly ui: Ui; readonly root: HTMLElement } {
  const ui = createUi();
  const { container } = render(<App chat={chat} ui={ui} />);
  return { ui, root: container as HTMLElement };
}

/** What the page has asked of the model under this name: the arguments of each call. */
export function asked(of: { readonly calls: readonly unknown[][] }, name: string): unknown[][] {
  return of.calls.filter(([called]) => called === name).map(([, ...args]) => args);
}
