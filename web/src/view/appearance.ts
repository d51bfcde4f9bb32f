import { useSignalEffect } from "@preact/signals";
import type { Chat } from "../model/chat.js";

/** Read by `theme.js` before the first paint. */
const LOOK = "topicstream.chat.look";

/** Theme and text size are attributes of the root; kept where the next start finds them before anything is painted. */
export function useAppearance(chat: Chat): void {
  useSignalEffect(() => {
    const { theme, textSize } = chat.preferences.value;
    const root = document.documentElement;
    root.dataset["theme"] = theme;
    root.dataset["text"] = textSize;
    try {
      localStorage.setItem(LOOK, `${theme} ${textSize}`);
    } catch {
      // A browser that keeps nothing starts with the theme of its system.
    }
  });
}
