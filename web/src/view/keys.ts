import { useEffect } from "preact/hooks";
import type { View } from "./context.js";

/** The keys that work everywhere on the page. */
export function useKeys(view: View): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!event.defaultPrevented && onKey(view, event)) {
        event.preventDefault();
      }
    };
    document.addEventListener("keydown", press);
    return () => {
      document.removeEventListener("keydown", press);
    };
  }, [view]);
}

/** True where the key was for the page. */
export function onKey(view: View, event: KeyboardEvent): boolean {
  const { chat, ui } = view;
  const withCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
  if (withCommand && !event.shiftKey && event.key.toLowerCase() === "k") {
    ui.sheet.value = ui.sheet.value === "palette" ? undefined : "palette";
    return true;
  }
  if (ui.sheet.value !== undefined || ui.question.value !== undefined) {
    return false;
  }
  if (withCommand && !event.shiftKey && event.key.toLowerCase() === "f" && chat.current.value !== undefined) {
    ui.panel.value = "search";
    return true;
  }
  if (event.altKey && !withCommand && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    return step(view, event.key === "ArrowUp" ? -1 : 1, event.shiftKey);
  }
  if (event.key === "?" && !isTyping(event.target)) {
    ui.sheet.value = "shortcuts";
    return true;
  }
  if (event.key === "Escape") {
    return escape(view);
  }
  return false;
}

/** The place before or after the one that is shown; of those with something unread where it is asked. */
function step({ chat }: View, direction: 1 | -1, onlyUnread: boolean): boolean {
  const places = chat.places.value;
  const count = places.length;
  const at = places.findIndex(({ topic }) => topic === chat.current.value?.topic);
  for (let i = 1; i <= count; i++) {
    const from = at < 0 && direction < 0 ? 0 : at;
    const place = places[(from + direction * i + count * 2) % count];
    if (
      place !== undefined &&
      (!onlyUnread || place.unread > 0) &&
      place.topic !== chat.current.value?.topic
    ) {
      chat.open(place.topic);
      return true;
    }
  }
  return count > 0;
}

/** Closes what is open last; without that, goes to the composer. */
function escape({ chat, ui }: View): boolean {
  if (ui.popup.value !== undefined) {
    ui.popup.value = undefined;
    return true;
  }
  if (ui.panel.value !== "none") {
    ui.panel.value = "none";
    ui.toComposer.value++;
    return true;
  }
  const draft = chat.current.value?.draft.value;
  if (chat.current.value !== undefined && draft !== undefined) {
    if (draft.editing !== undefined) {
      chat.current.value.edit({ text: "", editing: undefined, replyTo: undefined });
    } else if (draft.replyTo !== undefined) {
      chat.current.value.edit({ replyTo: undefined });
    }
    ui.toComposer.value++;
    return true;
  }
  return false;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null
  );
}
