import { useSignal, useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Conversation, Person } from "../model/chat.js";
import { Avatar } from "./avatar.js";
import { isOnline, words } from "./connection.js";
import { useView } from "./context.js";
import { Close, Send } from "./icons.js";
import { candidates, mentionAt, mentionOf, type Mention } from "./mentions.js";

/** A text is at most this long, so that it fits into one message in any language. */
export const LONGEST = 16_000;

/** From here on the rest is counted. */
const COUNTED = LONGEST - 1000;

export function Composer({ conversation }: { readonly conversation: Conversation }) {
  const { chat, ui } = useView();
  const area = useRef<HTMLTextAreaElement>(null);
  const mention = useSignal<Mention | undefined>(undefined);
  const chosen = useSignal(0);

  const draft = conversation.draft.value;
  const connection = chat.connection.value;
  const { enterSends } = chat.preferences.value;
  const online = isOnline(connection);
  const isTooLong = draft.text.length > LONGEST;
  const maySend = online && !isTooLong && draft.text.trim() !== "";
  const people =
    mention.value === undefined ? [] : candidates(conversation.members.value, mention.value.prefix);
  const isOpen = people.length > 0;

  // The text is the textarea's own while it is typed: it is set only where the draft is another one.
  useLayoutEffect(() => {
    const element = area.current;
    if (element !== null && element.value !== draft.text) {
      element.value = draft.text;
    }
  }, [draft.text]);

  useSignalEffect(() => {
    if (ui.toComposer.value > 0) {
      area.current?.focus();
      const end = area.current?.value.length ?? 0;
      area.current?.setSelectionRange(end, end);
    }
  });
  useLayoutEffect(() => {
    // On a touch screen the keyboard would cover what is to be read.
    if (matchMedia("(pointer: fine)").matches) {
      area.current?.focus();
    }
  }, []);

  const look = () => {
    const element = area.current;
    const found = element === null ? undefined : mentionAt(element.value, element.selectionStart);
    if (found?.start !== mention.value?.start || found?.prefix !== mention.value?.prefix) {
      mention.value = found;
      chosen.value = 0;
    }
  };
  const send = () => {
    if (!maySend) {
      ui.said.value = isTooLong
        ? "The text is too long"
        : online
          ? ""
          : `${words(connection)}: your text is kept`;
      return;
    }
    const isEdit = conversation.draft.peek().editing !== undefined;
    mention.value = undefined;
    conversation.send();
    if (!isEdit) {
      ui.toEnd.value++;
    }
    area.current?.focus();
  };
  const complete = (person: Person) => {
    const element = area.current;
    const at = mention.value;
    if (element === null || at === undefined) {
      return;
    }
    element.setRangeText(mentionOf(person), at.start, at.start + 1 + at.prefix.length, "end");
    mention.value = undefined;
    conversation.edit({ text: element.value });
    element.focus();
  };
  const cancel = () => {
    conversation.edit(
      draft.editing === undefined
        ? { replyTo: undefined }
        : { text: "", editing: undefined, replyTo: undefined },
    );
    area.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) {
      return;
    }
    if (isOpen) {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const person = people[chosen.value];
      if (step !== undefined) {
        event.preventDefault();
        chosen.value = (chosen.value + step + people.length) % people.length;
        return;
      }
      if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && person !== undefined) {
        event.preventDefault();
        complete(person);
        return;
      }
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        mention.value = undefined;
        return;
      }
    }
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      if (enterSends !== (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        send();
      }
    } else if (event.key === "Escape" && (draft.editing !== undefined || draft.replyTo !== undefined)) {
      event.preventDefault();
      event.stopPropagation();
      cancel();
    } else if (event.key === "ArrowUp" && draft.text === "" && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      conversation.editLast();
      ui.toComposer.value++;
    }
  };

  return (
    <form
      class="composer"
      aria-label="Write a message"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {isOpen ? (
        <ul class="mentions" role="listbox" id="mentions" aria-label="People">
          {people.map((person, i) => (
            <li
              key={person.user}
              id={`mention-${i}`}
              role="option"
              aria-selected={i === chosen.value}
              onPointerDown={(event) => {
                event.preventDefault();
                complete(person);
              }}
            >
              <Avatar user={person.user} name={person.name} size="small" online={person.online} />
              <bdi class="cut">{person.name}</bdi>
              <span class="quiet cut">{person.user}</span>
            </li>
          ))}
        </ul>
      ) : null}
      <Banner conversation={conversation} cancel={cancel} />
      <div class="composer-line">
        <div class="grow" data-text={`${draft.text} `}>
          <textarea
            id="message"
            ref={area}
            rows={1}
            aria-label="Message"
            placeholder={online ? "Write a message" : "Write now, send when connected"}
            dir="auto"
            enterkeyhint={enterSends ? "send" : "enter"}
            aria-describedby="composer-state"
            aria-autocomplete="list"
            aria-controls={isOpen ? "mentions" : undefined}
            aria-activedescendant={isOpen ? `mention-${chosen.value}` : undefined}
            onInput={(event) => {
              conversation.edit({ text: event.currentTarget.value });
              look();
            }}
            onKeyDown={onKeyDown}
            onKeyUp={(event) => {
              if (event.key.startsWith("Arrow") && !isOpen) {
                look();
              }
            }}
            onClick={look}
            onBlur={() => (mention.value = undefined)}
          />
        </div>
        <button type="submit" class="send" aria-label="Send" title="Send" disabled={!maySend}>
          <Send />
        </button>
      </div>
      <p class="composer-state" id="composer-state">
        {draft.text.length > COUNTED ? (
          <span class={isTooLong ? "problem" : ""}>
            {isTooLong
              ? `${draft.text.length - LONGEST} characters too many`
              : `${LONGEST - draft.text.length} characters left`}
          </span>
        ) : online ? (
          <span class="hidden">{enterSends ? "Enter sends" : "Ctrl and Enter send"}</span>
        ) : (
          <span>{words(connection)} Your text is kept.</span>
        )}
      </p>
    </form>
  );
}

/** Says what the text is: a reply, or an edit. */
function Banner({
  conversation,
  cancel,
}: {
  readonly conversation: Conversation;
  readonly cancel: () => void;
}) {
  const { replyTo, editing } = conversation.draft.value;
  const offset = editing ?? replyTo;
  if (offset === undefined) {
    return null;
  }
  const of = conversation.items.value.find((item) => item.kind === "message" && item.id?.offset === offset);
  return (
    <div class="banner">
      <div class="banner-words">
        <strong>
          {editing === undefined ? "Reply" : "Edit"}
          {of?.kind === "message" && editing === undefined ? (
            <>
              {" to "}
              <bdi>{of.name}</bdi>
            </>
          ) : null}
        </strong>
        <span class="cut" dir="auto">
          {of?.kind === "message" ? of.text : ""}
        </span>
      </div>
      <button
        type="button"
        class="icon-button"
        aria-label={editing === undefined ? "Cancel reply" : "Cancel edit"}
        onClick={cancel}
      >
        <Close />
      </button>
    </div>
  );
}
