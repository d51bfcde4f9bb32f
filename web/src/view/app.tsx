import type { Chat } from "../model/chat.js";
import { useEffect, useMemo } from "preact/hooks";
import { ViewContext, useView } from "./context.js";
import { ConnectionState } from "./connection.js";
import { ConversationPane } from "./conversation.js";
import { Places } from "./places.js";
import { Popups } from "./popups.js";
import { Sheets } from "./sheets.js";
import { SidePanel } from "./sidepanel.js";
import { SignInPage } from "./signin.js";
import { Notices, Voice } from "./notices.js";
import { loadMarkdown } from "./markdown/lazy.js";
import { useKeys } from "./keys.js";
import { useRoute } from "./router.js";
import { useAppearance } from "./appearance.js";
import { createUi, type Ui } from "./ui.js";

/** The whole page. A test may give its own `ui`. */
export function App({ chat, ui }: { readonly chat: Chat; readonly ui?: Ui }) {
  const view = useMemo(() => ({ chat, ui: ui ?? createUi() }), [chat, ui]);
  useAppearance(chat);
  useEffect(loadMarkdown, []);
  return (
    <ViewContext.Provider value={view}>
      <Page />
      <Notices />
      <Voice />
    </ViewContext.Provider>
  );
}

function Page() {
  const { chat } = useView();
  switch (chat.session.value.kind) {
    case "out":
      return <SignInPage />;
    case "entering":
      return <Entering />;
    case "in":
      return <Shell />;
  }
}

/** A credential was shown; it is not known yet whose it is. */
function Entering() {
  const { chat } = useView();
  return (
    <main class="starting">
      <h1>Signing in…</h1>
      <ConnectionState />
      <button
        type="button"
        class="button"
        onClick={() => {
          chat.signOut();
        }}
      >
        Cancel
      </button>
    </main>
  );
}

function Shell() {
  const view = useView();
  const { chat, ui } = view;
  useRoute(view);
  useKeys(view);
  const current = chat.current.value;
  const panel = current === undefined ? "none" : ui.panel.value;
  return (
    <div class="shell" data-view={current === undefined ? "list" : "conversation"} data-panel={panel}>
      <a
        class="skip"
        href="#message"
        onClick={(event) => {
          event.preventDefault();
          ui.toComposer.value++;
        }}
      >
        Skip to writing a message
      </a>
      <Places />
      <main class="main" aria-label="Conversation">
        <Popups />
        {current === undefined ? (
          <Nothing />
        ) : (
          <ConversationPane key={current.topic} conversation={current} />
        )}
      </main>
      {current === undefined || panel === "none" ? null : (
        <SidePanel key={current.topic} conversation={current} panel={panel} />
      )}
      <Sheets />
    </div>
  );
}

function Nothing() {
  const { chat, ui } = useView();
  return (
    <div class="nothing">
      <h1>{chat.places.value.length === 0 ? "Welcome" : "Choose a conversation"}</h1>
      <p>
        {chat.places.value.length === 0
          ? "Join a room or make your own to begin."
          : "Your rooms and chats are in the list."}
      </p>
      <button type="button" class="button primary" onClick={() => (ui.sheet.value = "rooms")}>
        Find or create a room
      </button>
    </div>
  );
}
