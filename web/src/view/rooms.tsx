import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useView } from "./context.js";
import { Dialog } from "./dialog.js";

/** How long after the last key the server is asked, in milliseconds. */
const PAUSE = 200;

/** Finds the rooms of others, and makes new ones. */
export default function Rooms({ close }: { readonly close: () => void }) {
  const { chat } = useView();
  const text = useSignal("");
  const title = useSignal("");
  const found = chat.found.value;

  useEffect(() => {
    const timer = setTimeout(
      () => {
        chat.findRooms(text.value.trim());
      },
      text.value === "" ? 0 : PAUSE,
    );
    return () => {
      clearTimeout(timer);
    };
  }, [text.value]);

  const name = text.value.trim();
  const isFree = name !== "" && found?.some(({ topic }) => topic === `room:${name}`) !== true;
  const create = (event: Event) => {
    event.preventDefault();
    if (name !== "") {
      const its = title.value.trim();
      chat.createRoom(name, its === "" ? undefined : its);
      close();
    }
  };
  return (
    <Dialog title="Rooms" close={close}>
      <form onSubmit={create} class="stack">
        <label class="field">
          <span>Name of a room</span>
          <input
            type="search"
            dir="auto"
            maxLength={100}
            value={text.value}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
        </label>
        {isFree ? (
          <>
            <label class="field">
              <span>Title (not needed)</span>
              <input
                dir="auto"
                maxLength={100}
                value={title.value}
                onInput={(event) => (title.value = event.currentTarget.value)}
              />
            </label>
            <button type="submit" class="button primary">
              Create room
            </button>
          </>
        ) : null}
      </form>
      <h3 class="quiet">Rooms to join</h3>
      {found === undefined ? <p class="quiet">Looking…</p> : null}
      {found?.length === 0 ? <p class="quiet">None found.</p> : null}
      <ul class="found">
        {found?.map((room) => (
          <li key={room.topic}>
            <span class="found-words">
              <bdi class="cut">{room.title}</bdi>
              <span class="quiet">{room.members === 1 ? "1 member" : `${room.members} members`}</span>
            </span>
            <button
              type="button"
              class="button"
              onClick={() => {
                if (room.joined) {
                  chat.open(room.topic);
                } else {
                  chat.join(room.topic);
                }
                close();
              }}
            >
              {room.joined ? "Open" : "Join"}
              <span class="hidden"> {room.title}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
