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

/** How much is unread stands before the title of the tab, and at the icon where the page is installed. */
export function useTitle(chat: Chat): void {
  useSignalEffect(() => {
    let unread = 0;
    let mentions = 0;
    for (const place of chat.places.value) {
      mentions += place.mentions;
      unread += place.level === "none" ? 0 : place.unread;
    }
    const title = chat.current.value?.place.value.title;
    const count = unread > 99 ? "99+" : String(unread);
    document.title = `${unread > 0 ? `(${count}${mentions > 0 ? " @" : ""}) ` : ""}${title ?? "Chat"}`;
    const badge = navigator as { setAppBadge?: (count: number) => Promise<void> };
    badge.setAppBadge?.(unread).catch(() => undefined);
  });
}
