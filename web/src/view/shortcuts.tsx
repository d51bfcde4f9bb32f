import { Dialog } from "./dialog.js";

const SHORTCUTS: readonly (readonly [string, string])[] = [
  ["Ctrl K", "Commands: rooms, people, actions"],
  ["Ctrl F", "Search in this conversation"],
  ["Alt ↑ / Alt ↓", "Previous or next place"],
  ["Alt Shift ↓", "Next place with something unread"],
  ["↑", "In an empty message: edit the last own one"],
  ["Enter", "Send, or begin a new line, as set"],
  ["Shift Enter", "New line"],
  ["Ctrl Enter", "Send where Enter begins a new line"],
  ["Escape", "Close, cancel, and go to writing"],
  ["↑ / ↓", "In the messages or the places: the one before or after"],
  ["R, E, +, Enter", "On a message: reply, edit, react, more"],
  ["End", "In the messages: the latest"],
  ["@", "Name somebody"],
  ["?", "This list"],
];

export default function Shortcuts({ close }: { readonly close: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" close={close}>
      <dl class="shortcuts">
        {SHORTCUTS.map(([keys, words]) => (
          <div key={words}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
