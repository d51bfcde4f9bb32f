import type { Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmAutolinkLiteralFromMarkdown } from "mdast-util-gfm-autolink-literal";
import { gfmStrikethroughFromMarkdown } from "mdast-util-gfm-strikethrough";
import { gfmAutolinkLiteral } from "micromark-extension-gfm-autolink-literal";
import { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";

/**
 * Longer texts are shown as they are, and so are those with more of what costs the parser the square of its number. Each
 * bound is far above what people write in one message.
 */
const MOST = { characters: 6000, signs: 300, lines: 300, items: 60, depth: 8 };

const extensions = [
  gfmAutolinkLiteral(),
  gfmStrikethrough({ singleTilde: false }),
  {
    disable: {
      // HTML is text. An image is a link. The others surprise who only wants to say something.
      null: [
        "htmlFlow",
        "htmlText",
        "labelStartImage",
        "definition",
        "setextUnderline",
        "codeIndented",
        "characterReference",
      ],
    },
  },
];
const mdastExtensions = [gfmAutolinkLiteralFromMarkdown(), gfmStrikethroughFromMarkdown()];

/** The tree of a text; `undefined` where it is too long or too strange to be read as Markdown. */
export function parse(text: string): Root | undefined {
  if (!isBounded(text)) {
    return undefined;
  }
  try {
    return fromMarkdown(text, { extensions, mdastExtensions });
  } catch {
    // No text may end the page.
    return undefined;
  }
}

function isBounded(text: string): boolean {
  if (text.length > MOST.characters || count(text, /[*_~`[\]<>\\]/g) > MOST.signs) {
    return false;
  }
  const lines = text.split("\n");
  let items = 0;
  for (const line of lines) {
    const beginning = /^(?:\s|[>*+-]|\d{1,9}[.)])*/.exec(line)?.[0] ?? "";
    const depth = count(beginning, /[>*+-]|\d[.)]/g);
    // A line of nothing but these is a rule.
    if (depth > MOST.depth && !/^[\s*-]{1,80}$/.test(line)) {
      return false;
    }
    items += depth > 0 ? 1 : 0;
  }
  return lines.length <= MOST.lines && items <= MOST.items;
}

function count(text: string, of: RegExp): number {
  return text.match(of)?.length ?? 0;
}
