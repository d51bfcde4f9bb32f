import type { Nodes } from "mdast";

/** The text of a node, without recursion: it may be deep. */
export function plainText(of: Nodes): string {
  const parts: string[] = [];
  const open: Nodes[] = [of];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if ("value" in next) {
      parts.push(next.value);
    } else if ("children" in next) {
      open.push(...[...next.children].reverse());
    }
  }
  return parts.join("");
}
