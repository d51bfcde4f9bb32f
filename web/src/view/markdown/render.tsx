import type { Nodes, PhrasingContent } from "mdast";
import type { ComponentChildren } from "preact";
import { CodeBlock } from "./code.js";
import { safeLink } from "./links.js";
import { parse } from "./parse.js";
import { plainText } from "./plain.js";
import { Words } from "./words.js";

/** Deeper than this, only the text of a node is shown. */
const DEEPEST = 16;

/** A text as Markdown: elements of a fixed list, and everything else as text. */
export default function Markdown({ text, me }: { readonly text: string; readonly me: readonly string[] }) {
  const tree = parse(text);
  return tree === undefined ? (
    <p>
      <Words text={text} me={me} />
    </p>
  ) : (
    <>{nodes(tree.children, me, 0)}</>
  );
}

function nodes(children: readonly Nodes[], me: readonly string[], depth: number): ComponentChildren {
  return children.map((child) => node(child, me, depth + 1));
}

function node(of: Nodes, me: readonly string[], depth: number): ComponentChildren {
  if (depth > DEEPEST) {
    return plainText(of);
  }
  switch (of.type) {
    case "text":
      return <Words text={of.value} me={me} />;
    case "paragraph":
      return <p>{nodes(of.children, me, depth)}</p>;
    case "heading":
      return (
        <p>
          <strong>{nodes(of.children, me, depth)}</strong>
        </p>
      );
    case "emphasis":
      return <em>{nodes(of.children, me, depth)}</em>;
    case "strong":
      return <strong>{nodes(of.children, me, depth)}</strong>;
    case "delete":
      return <del>{nodes(of.children, me, depth)}</del>;
    case "inlineCode":
      return <code>{of.value}</code>;
    case "code":
      return <CodeBlock text={of.value} language={of.lang ?? undefined} />;
    case "blockquote":
      return <blockquote>{nodes(of.children, me, depth)}</blockquote>;
    case "list":
      return of.ordered === true ? (
        <ol start={of.start ?? 1}>{nodes(of.children, me, depth)}</ol>
      ) : (
        <ul>{nodes(of.children, me, depth)}</ul>
      );
    case "listItem":
      return <li>{nodes(of.children, me, depth)}</li>;
    case "break":
      return <br />;
    case "thematicBreak":
      return <hr />;
    case "link":
      return link(of.url, of.children, me, depth);
    case "image":
      return link(of.url, [{ type: "text", value: of.alt ?? of.url }], me, depth);
    default:
      return plainText(of);
  }
}

function link(
  address: string,
  children: readonly PhrasingContent[],
  me: readonly string[],
  depth: number,
): ComponentChildren {
  const href = safeLink(address);
  const shown = nodes(children, me, depth);
  if (href === undefined) {
    // What stands in the brackets, and where it would have led.
    return (
      <>
        {shown} ({address})
      </>
    );
  }
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={href}>
      {shown}
    </a>
  );
}
