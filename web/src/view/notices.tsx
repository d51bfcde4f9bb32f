import { useEffect } from "preact/hooks";
import { Close } from "./icons.js";
import { useView } from "./context.js";

/** How long a toast stays, in milliseconds. */
const TOAST = 2500;

export function Notices() {
  const { chat, ui } = useView();
  const toast = ui.toast.value;
  useEffect(() => {
    if (toast === "") {
      return undefined;
    }
    const timer = setTimeout(() => (ui.toast.value = ""), TOAST);
    return () => {
      clearTimeout(timer);
    };
  }, [toast]);
  return (
    <div class="notices" role="status" aria-label="Notices">
      {chat.notices.value.map((notice) => (
        <div key={notice.text} class={`notice ${notice.kind}`}>
          <span dir="auto">{notice.text}</span>
          <button
            type="button"
            class="icon-button"
            aria-label="Dismiss"
            onClick={() => {
              chat.dismiss(notice);
            }}
          >
            <Close />
          </button>
        </div>
      ))}
      {toast === "" ? null : <div class="notice toast">{toast}</div>}
    </div>
  );
}

/** What is said to screen readers alone: new messages, and what a key has done. */
export function Voice() {
  const { ui } = useView();
  return (
    <div class="hidden" aria-live="polite" data-voice>
      {ui.said.value}
    </div>
  );
}
