import type { NotifyLevel } from "../model/chat.js";
import { useView } from "./context.js";
import { Dialog } from "./dialog.js";
import { Choice, Switch } from "./settings.js";

/** What can be set for one room or chat, and how to go from it. */
export default function PlaceSheet({ close }: { readonly close: () => void }) {
  const { chat, ui } = useView();
  const place = chat.current.value?.place.value;
  if (place === undefined) {
    return null;
  }
  const { topic } = place;
  const ask = (text: string, action: string, run: () => void) => {
    close();
    ui.question.value = { text, action, run };
  };
  return (
    <Dialog title={place.kind === "room" ? "This room" : "This chat"} close={close}>
      <p class="place-name">
        <bdi>{place.title}</bdi>
      </p>
      <Switch
        title="Pinned"
        hint="Stands above the others in the list."
        on={place.pinned}
        turn={(pinned) => {
          chat.pin(topic, pinned);
        }}
      />
      <Choice<NotifyLevel>
        title="Notify me"
        value={place.level}
        values={[
          ["all", "Of everything"],
          ["mentions", "When I am named"],
          ["none", "Never"],
        ]}
        choose={(level) => {
          chat.level(topic, level);
        }}
      />
      <div class="dialog-foot">
        <button
          type="button"
          class="button danger"
          onClick={() => {
            ask("Leave? You can come back as long as it is there.", "Leave", () => {
              chat.leave(topic);
            });
          }}
        >
          Leave
        </button>
        {place.owner ? (
          <button
            type="button"
            class="button danger"
            onClick={() => {
              ask("End this room for all? Its messages are gone then.", "Delete room", () => {
                chat.deleteRoom(topic);
              });
            }}
          >
            Delete room
          </button>
        ) : null}
      </div>
    </Dialog>
  );
}
