import type { RefObject } from "preact";
import type { Conversation, MessageItem } from "../model/chat.js";
import { useView, type View } from "./context.js";
import { Copy, Edit, Link, More, Reply, Smile, Trash, Unread } from "./icons.js";
import type { Reader } from "./reader.js";
import { permanentLink } from "./route.js";
import type { MenuEntry } from "./ui.js";

interface ActionsProps {
  readonly item: MessageItem;
  readonly conversation: Conversation;
  readonly reader: RefObject<Reader | undefined>;
}

/** What can be done with a message. Nothing before the server has it. */
export function Actions({ item, conversation, reader }: ActionsProps) {
  const view = useView();
  const id = item.id;
  if (id === undefined) {
    return null;
  }
  const { ui } = view;
  const reply = () => {
    conversation.edit({ replyTo: id.offset, editing: undefined });
    ui.toComposer.value++;
  };
  return (
    <div class="actions" role="toolbar" aria-label="Actions on this message">
      {item.redacted ? null : (
        <>
          <button
            type="button"
            class="icon-button"
            aria-label="React"
            title="React"
            aria-haspopup="dialog"
            onClick={(event) => {
              ui.popup.value = {
                anchor: event.currentTarget,
                label: "Reactions",
                content: {
                  kind: "reactions",
                  choose: (value) => {
                    conversation.react(id.offset, value);
                  },
                },
              };
            }}
          >
            <Smile />
          </button>
          <button type="button" class="icon-button" aria-label="Reply" title="Reply" onClick={reply}>
            <Reply />
          </button>
          {item.may.edit ? (
            <button
              type="button"
              class="icon-button"
              aria-label="Edit"
              title="Edit"
              onClick={() => {
                beginEdit(view, conversation, item);
              }}
            >
              <Edit />
            </button>
          ) : null}
        </>
      )}
      <button
        type="button"
        class="icon-button"
        aria-label="More actions"
        title="More actions"
        aria-haspopup="menu"
        onClick={(event) => {
          ui.popup.value = {
            anchor: event.currentTarget,
            label: "More actions",
            content: { kind: "menu", entries: moreActions(view, conversation, item, reader) },
          };
        }}
      >
        <More />
      </button>
    </div>
  );
}

export function beginEdit({ ui }: View, conversation: Conversation, item: MessageItem): void {
  conversation.edit({ text: item.text, editing: item.id?.offset, replyTo: undefined });
  ui.toComposer.value++;
}

function moreActions(
  view: View,
  conversation: Conversation,
  item: MessageItem,
  reader: RefObject<Reader | undefined>,
): MenuEntry[] {
  const { ui } = view;
  const id = item.id;
  if (id === undefined) {
    return [];
  }
  const entries: MenuEntry[] = [
    {
      label: "Copy link",
      icon: <Link />,
      run: () => {
        copy(view, permanentLink(conversation.topic, id), "Link copied");
      },
    },
  ];
  if (!item.redacted) {
    entries.push({
      label: "Copy text",
      icon: <Copy />,
      run: () => {
        copy(view, item.text, "Text copied");
      },
    });
  }
  entries.push({
    label: "Mark unread",
    icon: <Unread />,
    run: () => {
      reader.current?.suspend();
      conversation.markUnread(id.offset);
    },
  });
  if (item.may.redact && !item.redacted) {
    entries.push({
      label: "Take back",
      icon: <Trash />,
      danger: true,
      run: () => {
        ui.question.value = {
          text: "Take this message back? Nobody can read it any more, and this can not be undone.",
          action: "Take back",
          run: () => {
            conversation.redact(id.offset);
          },
        };
      },
    });
  }
  return entries;
}

/** Puts a text into the clipboard and says so. */
export function copy({ ui }: View, text: string, said: string): void {
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard === undefined) {
    ui.toast.value = "This browser gives no access to the clipboard here";
    return;
  }
  clipboard.writeText(text).then(
    () => {
      ui.toast.value = said;
    },
    () => {
      ui.toast.value = "The browser did not allow to copy";
    },
  );
}
