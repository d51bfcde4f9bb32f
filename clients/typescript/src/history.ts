import type { FoldedPage, Page, ReadOptions } from "./types.js";

/** How many messages a page has. */
export const HISTORY_LIMIT = 50;

/** The pages of a topic, in both directions, until there are no more. */
export class History<P extends Page | FoldedPage> {
  /** @internal */
  constructor(
    private readonly read: (options: ReadOptions) => Promise<P>,
    private readonly limit: number,
  ) {}

  /** Pages from the newest back, or from the message before an offset. Each is ascending. */
  async *before(offset?: number): AsyncGenerator<P, undefined> {
    let before = offset;
    while (before === undefined || before > 1) {
      const page = await this.read({ limit: this.limit, ...(before === undefined ? {} : { before }) });
      const piece = pieceOf(page);
      if (piece === undefined) {
        return;
      }
      yield page;
      before = piece.first;
    }
  }

  /** Pages from the first that is kept on, or from the message after an offset, up to the newest. */
  async *after(offset = 0): AsyncGenerator<P, undefined> {
    let after = offset;
    for (;;) {
      const page = await this.read({ limit: this.limit, after });
      const piece = pieceOf(page);
      if (piece === undefined) {
        return;
      }
      yield page;
      after = piece.last;
    }
  }
}

/** Which piece of the log a page stands for, if any. */
function pieceOf(page: Page | FoldedPage): { first: number; last: number } | undefined {
  if ("covers" in page) {
    return page.covers.last < page.covers.first ? undefined : page.covers;
  }
  const first = page.messages[0];
  const last = page.messages.at(-1);
  return first === undefined || last === undefined ? undefined : { first: first.offset, last: last.offset };
}
