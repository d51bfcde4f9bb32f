import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

const SPECIAL = /(?<![\p{L}\p{N}_@.])@[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}|\|\|[^|\n]{1,500}\|\|/gu;

interface WordsProps {
  readonly text: string;
  /** The names of this user, in small letters. */
  readonly me: readonly string[];
}

/** Plain text in which people are named and spoilers hidden. */
export function Words({ text, me }: WordsProps) {
  if (!text.includes("@") && !text.includes("||")) {
    return <>{text}</>;
  }
  const parts: ComponentChildren[] = [];
  let from = 0;
  for (const match of text.matchAll(SPECIAL)) {
    if (match.index < from) {
      continue;
    }
    let found = match[0];
    parts.push(text.slice(from, match.index));
    if (found.startsWith("@")) {
      const mine = nameAt(text, match.index + 1, me);
      found = mine === undefined ? found.replace(/[._-]+$/, "") : `@${mine}`;
      parts.push(<span class={mine === undefined ? "mention" : "mention to-me"}>{found}</span>);
    } else {
      parts.push(<Spoiler text={found.slice(2, -2)} />);
    }
    from = match.index + found.length;
  }
  parts.push(text.slice(from));
  return <>{parts}</>;
}

/** The longest of the names that stands here, as it is written: it may have spaces. */
function nameAt(text: string, at: number, names: readonly string[]): string | undefined {
  let longest: string | undefined;
  for (const name of names) {
    const written = text.slice(at, at + name.length);
    const isWhole = !/^(?:[\p{L}\p{N}_]|[.-][\p{L}\p{N}_])/u.test(text.slice(at + name.length));
    if (
      name !== "" &&
      written.toLocaleLowerCase() === name &&
      isWhole &&
      name.length > (longest?.length ?? 0)
    ) {
      longest = written;
    }
  }
  return longest;
}

/** Nobody reads it, by eye or ear, before it is asked for. */
function Spoiler({ text }: { readonly text: string }) {
  const isShown = useSignal(false);
  return (
    <button
      type="button"
      class="spoiler"
      aria-expanded={isShown.value}
      onClick={() => (isShown.value = !isShown.value)}
    >
      {isShown.value ? text : "Show spoiler"}
    </button>
  );
}
