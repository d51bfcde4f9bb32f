import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Conversation, Person } from "../model/chat.js";
import { Avatar } from "./avatar.js";
import { useView } from "./context.js";
import { Close } from "./icons.js";
import { ago, clockTime, isoTime, shortTime } from "./time.js";
import type { Panel } from "./ui.js";

interface SidePanelProps {
  readonly conversation: Conversation;
  readonly panel: Exclude<Panel, "none">;
}

export function SidePanel({ conversation, panel }: SidePanelProps) {
  const { ui } = useView();
  const element = useRef<HTMLElement>(null);
  const title = panel === "members" ? "Members" : "Search";
  useLayoutEffect(() => {
    const opener = document.activeElement as HTMLElement | null;
    (
      element.current?.querySelector<HTMLElement>("input") ?? element.current?.querySelector("button")
    )?.focus();
    return () => {
      if (opener?.isConnected === true && element.current?.contains(document.activeElement) === true) {
        opener.focus();
      }
    };
  }, [panel]);
  // Another place is shown: where the panel lies over it, it would not be seen.
  useEffect(
    () => () => {
      if (covers("72rem")) {
        ui.panel.value = "none";
      }
    },
    [],
  );
  return (
    <aside class="panel" aria-label={title} ref={element}>
      <header class="panel-head">
        <h2>{title}</h2>
        <button
          type="button"
          class="icon-button"
          aria-label={`Close ${title.toLowerCase()}`}
          onClick={() => (ui.panel.value = "none")}
        >
          <Close />
        </button>
      </header>
      {panel === "members" ? (
        <Members conversation={conversation} />
      ) : (
        <SearchIn conversation={conversation} />
      )}
    </aside>
  );
}

/** Whether the window is narrower than this, as in `shell.css`: then a panel lies over the conversation. */
function covers(width: "44rem" | "72rem"): boolean {
  return matchMedia(`(width < ${width})`).matches;
}

function Members({ conversation }: { readonly conversation: Conversation }) {
  const { chat } = useView();
  const session = chat.session.value;
  const members = conversation.members.value;
  const hidden = conversation.memberCount.value - members.length;
  return (
    <>
      <ul class="members">
        {sorted(members).map((person) => (
          <li key={person.user} class="member" data-user={person.user}>
            <Avatar user={person.user} name={person.name} size="small" online={person.online} />
            <span class="member-words">
              <bdi class="cut">{person.name}</bdi>
              <span class="quiet cut">{presence(person)}</span>
            </span>
            {session.kind === "in" && session.user === person.user ? (
              <span class="quiet">you</span>
            ) : (
              <button
                type="button"
                class="button"
                aria-label={`Chat with ${person.name}`}
                onClick={() => {
                  chat.talkTo(person.user);
                }}
              >
                Chat
              </button>
            )}
          </li>
        ))}
      </ul>
      {hidden > 0 ? <p class="quiet pad">and {hidden} more</p> : null}
    </>
  );
}

function presence({ online, lastSeen }: Person): string {
  if (online === true) {
    return "online";
  }
  return lastSeen === undefined ? (online === false ? "offline" : "") : `last seen ${ago(lastSeen)}`;
}

function sorted(members: readonly Person[]): readonly Person[] {
  return [...members].sort(
    (a, b) => Number(b.online === true) - Number(a.online === true) || a.name.localeCompare(b.name),
  );
}

/** How long after the last key the search begins, in milliseconds. */
const PAUSE = 250;

function SearchIn({ conversation }: { readonly conversation: Conversation }) {
  const { ui } = useView();
  const search = conversation.search.value;
  const text = useSignal(search.text);
  useEffect(() => {
    if (text.value.trim() === conversation.search.peek().text) {
      return undefined;
    }
    const timer = setTimeout(() => {
      conversation.find(text.value.trim());
    }, PAUSE);
    return () => {
      clearTimeout(timer);
    };
  }, [text.value]);
  return (
    <div class="search">
      <input
        class="filter"
        type="search"
        aria-label="Search messages"
        placeholder="Words in messages"
        dir="auto"
        value={text.value}
        onInput={(event) => (text.value = event.currentTarget.value)}
      />
      <label class="field">
        <span>Go to a time</span>
        <input
          type="datetime-local"
          onChange={(event) => {
            const time = new Date(event.currentTarget.value).getTime();
            if (!Number.isNaN(time)) {
              conversation.goToTime(time);
            }
          }}
        />
      </label>
      <p class="quiet" role="status">
        {search.state === "looking"
          ? "Looking…"
          : search.state === "done"
            ? search.hits.length === 1
              ? "1 message"
              : `${search.hits.length} messages`
            : ""}
      </p>
      <ul class="hits" aria-label="Found messages">
        {search.hits.map((hit) => (
          <li key={hit.offset}>
            <button
              type="button"
              class="hit"
              onClick={() => {
                conversation.goTo(hit.offset);
                if (covers("44rem")) {
                  ui.panel.value = "none";
                }
              }}
            >
              <span class="hit-head">
                <bdi class="cut">{hit.name}</bdi>
                <time class="quiet" datetime={isoTime(hit.at)}>
                  {whenShort(hit.at)}
                </time>
              </span>
              <span class="hit-text" dir="auto">
                <Marked text={hit.text} wanted={search.text} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function whenShort(at: number): string {
  const day = shortTime(at);
  const time = clockTime(at);
  return day === time ? time : `${day}, ${time}`;
}

/** A text around the first place where the wanted stands, which is marked. */
function Marked({ text, wanted }: { readonly text: string; readonly wanted: string }) {
  const at = wanted === "" ? -1 : text.toLowerCase().indexOf(wanted.toLowerCase());
  if (at < 0) {
    return <>{text.slice(0, 200)}</>;
  }
  const from = Math.max(0, at - 40);
  const end = at + wanted.length;
  return (
    <>
      {from > 0 ? "…" : ""}
      {text.slice(from, at)}
      <mark>{text.slice(at, end)}</mark>
      {text.slice(end, end + 160)}
    </>
  );
}
