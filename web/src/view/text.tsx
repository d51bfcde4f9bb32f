import { useSignal } from "@preact/signals";
import type { MessageItem } from "../model/chat.js";
import { CodeBlock } from "./markdown/code.js";
import { isPlain } from "./markdown/is-plain.js";
import { markdown } from "./markdown/lazy.js";

/** Of a longer text the beginning is shown, until all of it is asked for. */
export const SHOWN = 4000;

interface MessageTextProps {
  readonly item: MessageItem;
  readonly me: readonly string[];
}

/** What a message says: Markdown where it is a text of the chat, and JSON as it is. */
export function MessageText({ item, me }: MessageTextProps) {
  const isWhole = useSignal(false);
  const Markdown = markdown.value?.Markdown;
  const text = isWhole.value ? item.text : beginning(item.text);
  return (
    <div class="text" dir="auto">
      {item.isRaw ? (
        <CodeBlock text={text} language="json" />
      ) : Markdown === undefined || isPlain(text) ? (
        <p>{text}</p>
      ) : (
        <Markdown text={text} me={me} />
      )}
      {text.length < item.text.length ? (
        <button type="button" class="text-button" onClick={() => (isWhole.value = true)}>
          Show all
        </button>
      ) : null}
    </div>
  );
}

function beginning(text: string): string {
  if (text.length <= SHOWN + 200) {
    return text;
  }
  // No character is cut into halves.
  const cut = text.slice(0, SHOWN);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}
