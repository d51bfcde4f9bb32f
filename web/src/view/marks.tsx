import type { Conversation, MessageItem, MessageState } from "../model/chat.js";
import { Avatar } from "./avatar.js";
import { useView } from "./context.js";
import { Check, CheckTwice, Clock, Warning } from "./icons.js";

/** How many of those who have read are shown as pictures. */
const PICTURES = 3;

const STATES = {
  sending: ["Sending", Clock],
  sent: ["Sent", Check],
  delivered: ["Delivered", CheckTwice],
  read: ["Read", CheckTwice],
  failed: ["Not sent", Warning],
} as const;

export function State({ state }: { readonly state: MessageState }) {
  const [word, Picture] = STATES[state.kind];
  return (
    <span class={`state ${state.kind}`} role="img" aria-label={word} title={word}>
      <Picture />
    </span>
  );
}

interface ReactionsProps {
  readonly item: MessageItem;
  readonly conversation: Conversation;
}

/** They stand in the line of the time, so that the first one changes no height. */
export function Reactions({ item, conversation }: ReactionsProps) {
  const offset = item.id?.offset;
  if (item.reactions.length === 0 || offset === undefined) {
    return null;
  }
  return (
    <span class="reactions" role="group" aria-label="Reactions">
      {item.reactions.map((reaction) => (
        <button
          key={reaction.value}
          type="button"
          class={reaction.mine ? "reaction mine" : "reaction"}
          aria-pressed={reaction.mine}
          aria-label={`${reaction.value}, ${reaction.count}`}
          title={reaction.names.join(", ")}
          onClick={() => {
            conversation.react(offset, reaction.value);
          }}
        >
          <bdi class="reaction-value">{reaction.value}</bdi>
          <span>{reaction.count}</span>
        </button>
      ))}
    </span>
  );
}

/** In a column of its own beside the bubbles: who reads on moves no message. */
export function Receipts({ item }: { readonly item: MessageItem }) {
  const { ui } = useView();
  const readers = item.readBy;
  if (readers.length === 0) {
    return <span class="receipts" />;
  }
  const names = readers.map(({ name }) => name);
  return (
    <span class="receipts">
      <button
        type="button"
        class="receipts-button"
        aria-label={`Seen by ${names.join(", ")}`}
        title={`Seen by ${names.join(", ")}`}
        onClick={(event) => {
          ui.popup.value = {
            anchor: event.currentTarget,
            label: "Seen by",
            content: { kind: "names", names },
          };
        }}
      >
        {readers.slice(0, PICTURES).map(({ user, name }) => (
          <Avatar key={user} user={user} name={name} size="tiny" />
        ))}
        {readers.length > PICTURES ? (
          <span class="receipts-more" data-more={readers.length - PICTURES} />
        ) : null}
      </button>
    </span>
  );
}
