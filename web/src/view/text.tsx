import type { MessageItem } from "../model/chat.js";

export function MessageText({ item }: { readonly item: MessageItem; readonly me: string | undefined }) {
  return (
    <div class="text" dir="auto">
      <p>{item.text}</p>
    </div>
  );
}
