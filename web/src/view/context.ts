import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Chat } from "../model/chat.js";
import type { Ui } from "./ui.js";

export interface View {
  readonly chat: Chat;
  readonly ui: Ui;
}

export const ViewContext = createContext<View | undefined>(undefined);

export function useView(): View {
  const view = useContext(ViewContext);
  if (view === undefined) {
    throw new Error("no chat around this part of the page");
  }
  return view;
}
