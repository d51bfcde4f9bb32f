import type { Conversation } from "../model/chat.js";
import { Avatar } from "./avatar.js";
import { Composer } from "./composer.js";
import { isOnline, words } from "./connection.js";
import { useView } from "./context.js";
import { Back, Gear, Moon, People, Search, Sun } from "./icons.js";
import { Timeline } from "./timeline.js";
import { ago } from "./time.js";

export function ConversationPane({ conversation }: { readonly conversation: Conversation }) {
  return (
    <>
      <Header conversation={conversation} />
      <Timeline conversation={conversation} />
      <Composer conversation={conversation} />
    </>
  );
}

function Header({ conversation }: { readonly conversation: Conversation }) {
  const { chat, ui } = useView();
  const place = conversation.place.value;
  const connection = chat.connection.value;
  const toggle = (panel: "members" | "search") => {
    ui.panel.value = ui.panel.value === panel ? "none" : panel;
  };
  return (
    <header class="head">
      <button
        type="button"
        class="icon-button only-narrow"
        aria-label="Back to places"
        onClick={() => {
          chat.close();
        }}
      >
        <Back />
      </button>
      <Avatar
        user={place.with?.user ?? place.topic}
        name={place.title}
        size="small"
        online={place.kind === "chat" ? place.with?.online : undefined}
      />
      <div class="head-words">
        <h1 class="cut">
          <bdi>{place.title}</bdi>
        </h1>
        <p class="quiet cut">
          {isOnline(connection) ? null : <span class="head-connection">{words(connection)} · </span>}
          <About conversation={conversation} />
        </p>
      </div>
      <button
        type="button"
        class="icon-button"
        aria-label="Search"
        title="Search (Ctrl+F)"
        aria-pressed={ui.panel.value === "search"}
        onClick={() => {
          toggle("search");
        }}
      >
        <Search />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label="Members"
        title="Members"
        aria-pressed={ui.panel.value === "members"}
        onClick={() => {
          toggle("members");
        }}
      >
        <People />
      </button>
      <ThemeToggle />
      <button
        type="button"
        class="icon-button"
        aria-label="Settings of this place"
        title="Settings of this place"
        onClick={() => (ui.sheet.value = "place")}
      >
        <Gear />
      </button>
    </header>
  );
}

function About({ conversation }: { readonly conversation: Conversation }) {
  const place = conversation.place.value;
  if (place.kind === "room") {
    const count = conversation.memberCount.value;
    return <>{count === 1 ? "1 member" : `${count} members`}</>;
  }
  if (place.with?.online === true) {
    return <>online</>;
  }
  return <>{place.with?.lastSeen === undefined ? "" : `last seen ${ago(place.with.lastSeen)}`}</>;
}

export function isDark(theme: "system" | "light" | "dark"): boolean {
  return theme === "dark" || (theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
}

function ThemeToggle() {
  const { chat } = useView();
  const dark = isDark(chat.preferences.value.theme);
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={dark ? "Light theme" : "Dark theme"}
      title={dark ? "Light theme" : "Dark theme"}
      onClick={() => {
        chat.prefer({ theme: dark ? "light" : "dark" });
      }}
    >
      {dark ? <Sun /> : <Moon />}
    </button>
  );
}
