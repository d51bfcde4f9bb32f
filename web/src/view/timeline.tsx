import { effect, useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Conversation, Item, Session } from "../model/chat.js";
import { useView } from "./context.js";
import { Check, Down } from "./icons.js";
import { Row } from "./row.js";
import { rowsOf } from "./rows.js";
import { Reader } from "./reader.js";
import { Scroller } from "./scroller.js";

/** How many heights of the window before an end of what is loaded more is asked for. */
const AHEAD = 2;

/** How long the target of a jump is marked. */
const MARKED = 2500;

export function Timeline({ conversation }: { readonly conversation: Conversation }) {
  const { ui, chat } = useView();
  const frame = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLOListElement>(null);
  const scroller = useRef<Scroller>();
  const reader = useRef<Reader>();
  const targeted = useRef(0);
  const isAtEnd = useSignal(true);

  const rows = useComputed(() => rowsOf(conversation.items.value, conversation.firstUnread.value));
  const loading = conversation.loading.value;
  const target = conversation.target.value;
  const hasOlder = conversation.hasOlder.value;
  const hasNewer = conversation.hasNewer.value;
  const items = rows.value;

  /** Asks for more where an end of what is loaded is near. */
  const reach = () => {
    const at = scroller.current;
    if (at === undefined || !at.placed) {
      return;
    }
    isAtEnd.value = at.following && !conversation.hasNewer.peek();
    if (conversation.loading.peek() !== "none") {
      return;
    }
    if (conversation.hasOlder.peek() && at.above < at.height * AHEAD) {
      conversation.older();
    } else if (conversation.hasNewer.peek() && at.below < at.height * AHEAD) {
      conversation.newer();
    }
  };

  useLayoutEffect(() => {
    const reading = new Reader(frame.current as HTMLElement, conversation);
    const scrolling = new Scroller(frame.current as HTMLElement, list.current as HTMLElement, reach);
    reader.current = reading;
    scroller.current = scrolling;
    return () => {
      scrolling.close();
      reading.close();
    };
  }, [conversation]);

  useLayoutEffect(() => {
    const at = scroller.current;
    if (at === undefined || loading === "first") {
      return;
    }
    if (target !== undefined && target.tick !== targeted.current) {
      const row = rowAt(list.current, target.offset);
      if (row !== null) {
        targeted.current = target.tick;
        at.toElement(row, 0.4);
        mark(row);
        return;
      }
    }
    if (!at.placed && items.length > 0 && (target === undefined || target.tick === targeted.current)) {
      const line = list.current?.querySelector<HTMLElement>("[data-new]");
      if (line == null) {
        at.toEnd();
      } else {
        at.toElement(line, 0.15);
      }
    } else {
      at.keep();
    }
  }, [items, loading, target, hasOlder, hasNewer]);

  const toLatest = () => {
    scroller.current?.toEnd();
    if (conversation.hasNewer.peek()) {
      conversation.toLatest();
    }
  };

  useEffect(() => {
    let before = ui.toEnd.peek();
    return effect(() => {
      if (ui.toEnd.value !== before) {
        before = ui.toEnd.peek();
        toLatest();
      }
    });
  }, [conversation]);
  useEffect(() => announceNew(conversation, (text) => (ui.said.value = text)), [conversation]);

  const me = useComputed(() => namesOf(chat.session.value)).value;
  return (
    <div class="timeline">
      <div
        class="timeline-frame"
        ref={frame}
        role="log"
        aria-label="Messages"
        aria-live="off"
        aria-busy={loading !== "none"}
        tabIndex={0}
        onKeyDown={(event) => {
          moveAmongRows(event, toLatest);
        }}
      >
        <p class="timeline-start" data-start={!hasOlder}>
          {loading === "first"
            ? "Loading…"
            : hasOlder
              ? "Loading older messages…"
              : items.length === 0
                ? "Nothing has been said here yet. Say the first words."
                : "This is the beginning."}
        </p>
        <ol class="rows" ref={list}>
          {items.map((row) => (
            <Row
              key={row.item.key}
              item={row.item}
              startsDay={row.startsDay}
              startsGroup={row.startsGroup}
              endsGroup={row.endsGroup}
              isNew={row.isNew}
              conversation={conversation}
              reader={reader}
              me={me}
            />
          ))}
        </ol>
      </div>
      {isAtEnd.value ? null : <Jump conversation={conversation} jump={toLatest} />}
      <Typing conversation={conversation} />
    </div>
  );
}

function Jump({ conversation, jump }: { readonly conversation: Conversation; readonly jump: () => void }) {
  const below = conversation.below.value;
  const newest = conversation.hasNewer.value ? undefined : newestOf(conversation.items.value);
  return (
    <div class="jump">
      <button type="button" class="jump-button" onClick={jump}>
        <Down />
        {below > 0 ? `${below} new · Jump to latest` : "Jump to latest"}
      </button>
      {below > 0 && newest !== undefined ? (
        <button
          type="button"
          class="jump-button"
          onClick={() => {
            conversation.read(newest);
          }}
        >
          <Check />
          Mark read
        </button>
      ) : null}
    </div>
  );
}

function newestOf(items: readonly Item[]): number | undefined {
  const last = items.findLast((item) => item.kind === "message" && item.id !== undefined);
  return last?.kind === "message" ? last.id?.offset : undefined;
}

/** Its height is always there, so that nothing moves when somebody begins to type. */
function Typing({ conversation }: { readonly conversation: Conversation }) {
  const names = conversation.typing.value;
  return (
    <p class="typing" aria-live="off" data-typing={names.length}>
      {names.length === 0 ? null : (
        <>
          <span class="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span class="cut">
            {names.length > 3 ? (
              "Several people are typing"
            ) : (
              <>
                {names.map((name, i) => (
                  <>
                    {i === 0 ? null : i === names.length - 1 ? " and " : ", "}
                    <bdi>{name}</bdi>
                  </>
                ))}
                {names.length === 1 ? " is typing" : " are typing"}
              </>
            )}
          </span>
        </>
      )}
    </p>
  );
}

/** By what this user can be meant, in small letters. */
function namesOf(session: Session): readonly string[] {
  return session.kind === "in"
    ? [session.name, session.user, session.user.replace(/^guest\./, "")].map((name) =>
        name.toLocaleLowerCase(),
      )
    : [];
}

export function rowAt(list: ParentNode | null, offset: number): HTMLElement | null {
  return list?.querySelector<HTMLElement>(`[data-offset="${offset}"]`) ?? null;
}

function mark(row: HTMLElement): void {
  row.dataset["marked"] = "";
  const focused = document.activeElement;
  if (focused === null || focused === document.body || focused.closest(".timeline") !== null) {
    row.focus({ preventScroll: true });
  }
  setTimeout(() => {
    delete row.dataset["marked"];
  }, MARKED);
}

/** The arrows go from message to message; the log itself is one stop of the tab key. */
function moveAmongRows(event: KeyboardEvent, toLatest: () => void): void {
  if (event.altKey || event.ctrlKey || event.metaKey) {
    return;
  }
  const log = event.currentTarget as HTMLElement;
  if (event.key === "End") {
    event.preventDefault();
    toLatest();
    return;
  }
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") {
    return;
  }
  const rows = [...log.querySelectorAll<HTMLElement>("[data-key]")];
  const row = (document.activeElement as HTMLElement | null)?.closest<HTMLElement>("[data-key]");
  let to: HTMLElement | undefined;
  if (row == null) {
    const bottom = log.getBoundingClientRect().bottom;
    to = rows.findLast((one) => one.getBoundingClientRect().bottom <= bottom + 1) ?? rows.at(-1);
  } else {
    to = rows[rows.indexOf(row) + (event.key === "ArrowUp" ? -1 : 1)];
  }
  if (to !== undefined) {
    event.preventDefault();
    to.focus({ preventScroll: true });
    to.scrollIntoView({ block: "nearest" });
  }
}

/** Says what others write while the end is shown: once, and nothing of the history. */
export function announceNew(conversation: Conversation, say: (text: string) => void): () => void {
  let last: Item | undefined;
  let isSettled = false;
  return effect(() => {
    const items = conversation.items.value;
    const loads = conversation.loading.value === "first" || conversation.hasNewer.value;
    if (loads) {
      isSettled = false;
      return;
    }
    const known = last === undefined ? -1 : items.findLastIndex((item) => item.key === last?.key);
    const fresh =
      isSettled && (known >= 0 || last === undefined)
        ? items.slice(known + 1).filter((item) => item.kind === "message" && !item.mine)
        : [];
    last = items[items.length - 1];
    isSettled = true;
    const one = fresh[0];
    if (fresh.length === 1 && one?.kind === "message") {
      say(`${one.name}: ${one.text.slice(0, 300)}`);
    } else if (fresh.length > 1) {
      say(`${fresh.length} new messages`);
    }
  });
}
