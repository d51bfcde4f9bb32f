import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useView, type View } from "./context.js";
import { isDark } from "./conversation.js";
import { Dialog } from "./dialog.js";

/** As many as are shown at once. */
const AT_MOST = 12;

interface Command {
  readonly id: string;
  readonly kind: "Place" | "Person" | "Action";
  readonly title: string;
  readonly hint?: string;
  readonly run: () => void;
}

/** Everything by its name. */
export default function Palette({ close }: { readonly close: () => void }) {
  const view = useView();
  const text = useSignal("");
  const chosen = useSignal(0);
  const list = useRef<HTMLUListElement>(null);
  const found = ranked(commands(view), text.value);
  const at = Math.min(chosen.value, found.length - 1);

  useLayoutEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const run = (command: Command | undefined) => {
    if (command !== undefined) {
      close();
      command.run();
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && found.length > 0) {
      event.preventDefault();
      chosen.value = (at + step + found.length) % found.length;
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(found[at]);
    }
  };
  return (
    <Dialog title="Commands" kind="palette" close={close}>
      <input
        class="palette-input"
        role="combobox"
        aria-label="Command, room or person"
        aria-expanded="true"
        aria-controls="palette-list"
        aria-activedescendant={found.length > 0 ? `palette-${at}` : undefined}
        placeholder="Room, person or action"
        dir="auto"
        autofocus
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
          chosen.value = 0;
        }}
        onKeyDown={onKeyDown}
      />
      <ul role="listbox" id="palette-list" aria-label="Commands" ref={list} class="palette-list">
        {found.map((command, i) => (
          <li
            key={command.id}
            id={`palette-${i}`}
            role="option"
            aria-selected={i === at}
            onClick={() => {
              run(command);
            }}
            onPointerMove={() => (chosen.value = i)}
          >
            <bdi class="cut">{command.title}</bdi>
            <span class="quiet cut">{command.hint ?? command.kind}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p class="quiet pad">Nothing by that name.</p> : null}
    </Dialog>
  );
}

export function commands({ chat, ui }: View): Command[] {
  const all: Command[] = [];
  const known = new Set<string>();
  for (const place of chat.places.value) {
    if (place.with !== undefined) {
      known.add(place.with.user);
    }
    all.push({
      id: `place ${place.topic}`,
      kind: "Place",
      title: place.title,
      hint: place.unread > 0 ? `${place.unread} unread` : place.kind === "room" ? "Room" : "Chat",
      run: () => {
        chat.open(place.topic);
      },
    });
  }
  const conversation = chat.current.value;
  const session = chat.session.value;
  for (const person of conversation?.members.value ?? []) {
    if (!known.has(person.user) && !(session.kind === "in" && session.user === person.user)) {
      all.push({
        id: `person ${person.user}`,
        kind: "Person",
        title: person.name,
        run: () => {
          chat.talkTo(person.user);
        },
      });
    }
  }
  const action = (title: string, run: () => void) => {
    all.push({ id: `action ${title}`, kind: "Action", title, run });
  };
  action("Find or create a room", () => (ui.sheet.value = "rooms"));
  if (conversation !== undefined) {
    action("Search in this conversation", () => (ui.panel.value = "search"));
    action("Show the members", () => (ui.panel.value = "members"));
    action("Jump to the latest message", () => ui.toEnd.value++);
    action("Settings of this place", () => (ui.sheet.value = "place"));
  }
  const dark = isDark(chat.preferences.value.theme);
  action(dark ? "Light theme" : "Dark theme", () => {
    chat.prefer({ theme: dark ? "light" : "dark" });
  });
  action("Settings", () => (ui.sheet.value = "settings"));
  action("Keyboard shortcuts", () => (ui.sheet.value = "shortcuts"));
  return all;
}

/** Those that have all the words, first those that begin so. */
export function ranked(all: readonly Command[], text: string): Command[] {
  const wanted = text.trim().toLocaleLowerCase();
  const words = wanted.split(/\s+/);
  return all
    .filter(({ title }) => words.every((word) => title.toLocaleLowerCase().includes(word)))
    .map((command, i) => ({
      command,
      rank: command.title.toLocaleLowerCase().startsWith(wanted) ? i : i + all.length,
    }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, AT_MOST)
    .map(({ command }) => command);
}
