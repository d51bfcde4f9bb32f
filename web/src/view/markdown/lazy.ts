import { signal } from "@preact/signals";
import type { FunctionComponent } from "preact";

type Markdown = FunctionComponent<{ readonly text: string; readonly me: readonly string[] }>;

/** The largest part of the page, which nothing needs before the first message: it comes while the page connects. */
export const markdown = signal<{ readonly Markdown: Markdown } | undefined>(undefined);

let isAsked = false;

/** Until it has come, and where it can not be had, a text is shown as it is. */
export function loadMarkdown(): void {
  if (!isAsked) {
    isAsked = true;
    import("./render.js").then(
      (module) => {
        markdown.value = { Markdown: module.default };
      },
      () => {
        isAsked = false;
      },
    );
  }
}
