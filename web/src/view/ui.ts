import { signal, type Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

/** What is open beside the conversation. */
export type Panel = "none" | "members" | "search";

export type Sheet = "settings" | "shortcuts" | "palette" | "rooms" | "place";

export interface MenuEntry {
  readonly label: string;
  readonly icon?: ComponentChildren;
  readonly danger?: boolean;
  readonly run: () => void;
}

/** Something small that opens at an element and goes when anything else is done. */
export interface Popup {
  readonly anchor: HTMLElement;
  readonly label: string;
  readonly content:
    | { readonly kind: "menu"; readonly entries: readonly MenuEntry[] }
    | { readonly kind: "reactions"; readonly choose: (value: string) => void }
    | { readonly kind: "names"; readonly names: readonly string[] };
}

/** Something that can not be undone: asked before it is done. */
export interface Question {
  readonly text: string;
  readonly action: string;
  readonly run: () => void;
}

/** What only the view knows: what is open, and what is to be said to screen readers. */
export interface Ui {
  readonly panel: Signal<Panel>;
  readonly sheet: Signal<Sheet | undefined>;
  readonly popup: Signal<Popup | undefined>;
  readonly question: Signal<Question | undefined>;
  readonly filter: Signal<string>;
  /** Said politely by the live region. */
  readonly said: Signal<string>;
  /** Shown and said for a moment: what a click has done. */
  readonly toast: Signal<string>;
  /** Rises when the timeline is to go to its end, and stay there. */
  readonly toEnd: Signal<number>;
  /** Rises when the composer is to have the focus. */
  readonly toComposer: Signal<number>;
}

export function createUi(): Ui {
  return {
    panel: signal<Panel>("none"),
    sheet: signal<Sheet | undefined>(undefined),
    popup: signal<Popup | undefined>(undefined),
    question: signal<Question | undefined>(undefined),
    filter: signal(""),
    said: signal(""),
    toast: signal(""),
    toEnd: signal(0),
    toComposer: signal(0),
  };
}
