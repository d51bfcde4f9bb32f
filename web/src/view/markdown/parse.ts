import type { Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmAutolinkLiteralFromMarkdown } from "mdast-util-gfm-autolink-literal";
import { gfmStrikethroughFromMarkdown } from "mdast-util-gfm-strikethrough";
import { gfmAutolinkLiteral } from "micromark-extension-gfm-autolink-literal";
import { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";

/** Longer texts are shown as they are. */
export const LONGEST_MARKED = 8000;

/**
 * How many characters may be there that can open or close something: some ways to arrange them cost the parser the square
 * of their number.
 */
const MOST_SIGNS = 1000;

/** How deep one line may nest quotes and lists. */
const DEEPEST_LINE = 12;

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
  if (text.length > LONGEST_MARKED || signs(text) > MOST_SIGNS || isTooDeep(text)) {
    return undefined;
  }
  try {
    return fromMarkdown(text, { extensions, mdastExtensions });
  } catch {
    // No text may end the page.
    return undefined;
  }
}

function signs(text: string): number {
  return text.match(/[*_~`[\]<>\\]/g)?.length ?? 0;
}

function isTooDeep(text: string): boolean {
  return text.split("\n").some((line) => {
    const beginning = /^[\s>*+\-\d.)]*/.exec(line)?.[0] ?? "";
    return (beginning.match(/[>*+-]|\d[.)]/g)?.length ?? 0) > DEEPEST_LINE && beginning !== line;
  });
}
