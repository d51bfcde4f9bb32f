import { useComputed } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Place } from "../model/chat.js";
import { Avatar } from "./avatar.js";
import { ConnectionState } from "./connection.js";
import { useView } from "./context.js";
import { Command, Gear, Pin, Plus } from "./icons.js";
import { routeTo } from "./route.js";
import { isoTime, shortTime } from "./time.js";

export function Places() {
  const { chat, ui } = useView();
  const list = useRef<HTMLUListElement>(null);
  const session = chat.session.value;
  const shown = useComputed(() => matching(chat.places.value, ui.filter.value));
  const places = shown.value;
  const current = chat.current.value?.topic;
  const tabbed = places.find((place) => place.topic === current) ?? places[0];

  const move = (event: KeyboardEvent) => {
    const links = [...(list.current?.querySelectorAll<HTMLElement>("a") ?? [])];
    const at = links.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key];
    if (to !== undefined && !event.altKey && at >= 0) {
      event.preventDefault();
      links[Math.max(0, Math.min(to, links.length - 1))]?.focus();
    }
  };
  const enterList = (event: KeyboardEvent) => {
    const first = list.current?.querySelector<HTMLElement>("a");
    if (event.key === "Escape" && ui.filter.value !== "") {
      event.stopPropagation();
      ui.filter.value = "";
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      first?.focus();
    } else if (event.key === "Enter") {
      first?.click();
    }
  };

  return (
    <nav class="places" aria-label="Places">
      <header class="places-head">
        <h2 class="brand">Chat</h2>
        <button
          type="button"
          class="icon-button"
          aria-label="Commands"
          title="Commands (Ctrl+K)"
          onClick={() => (ui.sheet.value = "palette")}
        >
          <Command />
        </button>
        <button
          type="button"
          class="icon-button"
          aria-label="Find or create a room"
          title="Find or create a room"
          onClick={() => (ui.sheet.value = "rooms")}
        >
          <Plus />
        </button>
      </header>
      <input
        class="filter"
        type="search"
        aria-label="Filter places"
        placeholder="Filter"
        dir="auto"
        value={ui.filter.value}
        onInput={(event) => (ui.filter.value = event.currentTarget.value)}
        onKeyDown={enterList}
      />
      <ul class="places-list" ref={list} onKeyDown={move}>
        {places.map((place) => (
          <PlaceRow
            key={place.topic}
            place={place}
            isCurrent={place.topic === current}
            isTabbed={place === tabbed}
          />
        ))}
      </ul>
      {places.length === 0 ? (
        <p class="quiet pad">
          {chat.places.value.length === 0
            ? "No rooms yet. Find or create one with +."
            : "Nothing by that name."}
        </p>
      ) : null}
      <footer class="places-foot">
        {session.kind === "in" ? (
          <button type="button" class="me" onClick={() => (ui.sheet.value = "settings")}>
            <Avatar user={session.user} name={session.name} size="small" />
            <span class="me-words">
              <span class="hidden">Settings of </span>
              <bdi class="cut">{session.name}</bdi>
              {session.isGuest ? <span class="quiet">guest</span> : null}
            </span>
            <Gear />
          </button>
        ) : null}
        <ConnectionState />
      </footer>
    </nav>
  );
}

interface PlaceRowProps {
  readonly place: Place;
  readonly isCurrent: boolean;
  readonly isTabbed: boolean;
}

function PlaceRow({ place, isCurrent, isTabbed }: PlaceRowProps) {
  const { chat } = useView();
  const { last } = place;
  const open = (event: MouseEvent) => {
    // The address is the same already, and so nothing would come of it.
    if (!event.ctrlKey && !event.metaKey && !event.shiftKey && location.hash === routeTo(place.topic)) {
      event.preventDefault();
      chat.open(place.topic);
    }
  };
  return (
    <li class="place" data-topic={place.topic} data-unread={place.unread}>
      <a
        href={routeTo(place.topic)}
        class={place.unread > 0 && place.level !== "none" ? "place-link unread" : "place-link"}
        aria-current={isCurrent ? "page" : undefined}
        tabIndex={isTabbed ? 0 : -1}
        onClick={open}
      >
        <Avatar
          user={place.with?.user ?? place.topic}
          name={place.title}
          online={place.kind === "chat" ? place.with?.online : undefined}
        />
        <span class="place-title">
          <bdi class="cut">{place.title}</bdi>
          {place.kind === "chat" && place.with?.online !== undefined ? (
            <span class="hidden">{place.with.online ? ", online" : ", offline"}</span>
          ) : null}
        </span>
        <span class="place-time">
          {place.pinned ? (
            <>
              <Pin />
              <span class="hidden">pinned</span>
            </>
          ) : null}
          {last === undefined ? null : <time datetime={isoTime(last.at)}>{shortTime(last.at)}</time>}
        </span>
        <span class="place-last">
          {place.hasDraft ? (
            <span class="cut">
              <em>Draft</em>
            </span>
          ) : last === undefined ? (
            <span class="cut">{place.kind === "room" ? "Nothing said yet" : ""}</span>
          ) : (
            <span class="cut">
              {place.kind === "room" ? (
                <>
                  <bdi>{last.from}</bdi>
                  {": "}
                </>
              ) : null}
              <bdi>{last.text}</bdi>
            </span>
          )}
        </span>
        <span class="place-badges">
          {place.mentions > 0 ? (
            <span class="badge at">
              <span aria-hidden="true">@{capped(place.mentions)}</span>
              <span class="hidden">
                {place.mentions === 1 ? "1 mention" : `${place.mentions} mentions`} of you
              </span>
            </span>
          ) : null}
          {place.unread > 0 ? (
            <span class={place.level === "none" ? "badge muted" : "badge"}>
              <span aria-hidden="true">{capped(place.unread)}</span>
              <span class="hidden">{place.unread} unread</span>
            </span>
          ) : null}
        </span>
      </a>
    </li>
  );
}

function capped(count: number): string {
  return count > 99 ? "99+" : String(count);
}

export function matching(places: readonly Place[], filter: string): readonly Place[] {
  const wanted = filter.trim().toLocaleLowerCase();
  return wanted === ""
    ? places
    : places.filter(
        (place) =>
          place.title.toLocaleLowerCase().includes(wanted) ||
          place.topic.toLocaleLowerCase().includes(wanted),
      );
}
