import { useLayoutEffect, useRef } from "preact/hooks";
import { useView } from "./context.js";
import { ReactionPicker } from "./picker.js";
import type { MenuEntry, Popup } from "./ui.js";

/** The room between a popup and the edges of the window, in pixels. */
const EDGE = 8;

export function Popups() {
  const { ui } = useView();
  const popup = ui.popup.value;
  return popup === undefined ? null : <Open key={popup.label} popup={popup} />;
}

function Open({ popup }: { readonly popup: Popup }) {
  const { ui } = useView();
  const box = useRef<HTMLDivElement>(null);
  const close = () => {
    if (ui.popup.peek() === popup) {
      ui.popup.value = undefined;
    }
  };

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) {
      return undefined;
    }
    // The anchor goes with the actions of its row; the row stays.
    const row = popup.anchor.closest<HTMLElement>("[data-key]");
    place(element, popup.anchor);
    (element.querySelector<HTMLElement>("button, input") ?? element).focus();
    const outside = (event: Event) => {
      if (!element.contains(event.target as Node)) {
        close();
      }
    };
    document.addEventListener("pointerdown", outside, true);
    window.addEventListener("resize", close);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      window.removeEventListener("resize", close);
      if (element.contains(document.activeElement) || document.activeElement === document.body) {
        (popup.anchor.isConnected ? popup.anchor : row)?.focus({ preventScroll: true });
      }
    };
  }, [popup]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };

  const { content } = popup;
  return (
    <div class="popup" ref={box} tabIndex={-1} onKeyDown={onKeyDown}>
      {content.kind === "menu" ? (
        <Menu label={popup.label} entries={content.entries} close={close} />
      ) : content.kind === "reactions" ? (
        <ReactionPicker
          choose={(value) => {
            close();
            content.choose(value);
          }}
        />
      ) : (
        <div role="dialog" aria-label={popup.label} class="names">
          <h2>{popup.label}</h2>
          <ul>
            {content.names.map((name) => (
              <li key={name}>
                <bdi>{name}</bdi>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

interface MenuProps {
  readonly label: string;
  readonly entries: readonly MenuEntry[];
  readonly close: () => void;
}

function Menu({ label, entries, close }: MenuProps) {
  const move = (event: KeyboardEvent) => {
    const items = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("button")];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      items.at(to % items.length)?.focus();
    }
  };
  return (
    <div role="menu" aria-label={label} class="menu" onKeyDown={move}>
      {entries.map((entry) => (
        <button
          key={entry.label}
          type="button"
          role="menuitem"
          class={entry.danger === true ? "menu-entry danger" : "menu-entry"}
          onClick={() => {
            close();
            entry.run();
          }}
        >
          {entry.icon}
          {entry.label}
        </button>
      ))}
    </div>
  );
}

/** Above or below the anchor, where there is room, and inside of the window. */
function place(box: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect();
  const width = box.offsetWidth;
  const height = box.offsetHeight;
  const left = Math.max(EDGE, Math.min(at.right - width, innerWidth - width - EDGE));
  const isBelow = at.bottom + height + EDGE <= innerHeight;
  const top = isBelow ? at.bottom + 4 : Math.max(EDGE, at.top - height - 4);
  box.style.left = `${left}px`;
  box.style.top = `${top}px`;
}
