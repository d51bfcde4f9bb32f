import { Component, type RefObject } from "preact";
import type { Conversation, Item, MessageItem } from "../model/chat.js";
import { Actions } from "./actions.js";
import { Avatar } from "./avatar.js";
import { Reactions, Receipts, State } from "./marks.js";
import { MessageText } from "./text.js";
import type { Reader } from "./reader.js";
import type { RowOf } from "./rows.js";
import { clockTime, dayLabel, fullTime, isoTime } from "./time.js";

interface RowProps extends RowOf {
  readonly conversation: Conversation;
  readonly reader: RefObject<Reader | undefined>;
  readonly me: readonly string[];
}

const ACTIONS: Record<string, string | undefined> = {
  r: "Reply",
  e: "Edit",
  "+": "React",
  enter: "More actions",
};

/**
 * One row of the timeline. It is drawn again only when its item is another object, or what stands before it: a new message
 * draws one row. Its actions exist only while it is pointed at or has the focus.
 */
export class Row extends Component<RowProps, { isActive: boolean }> {
  override state = { isActive: false };
  #element: HTMLElement | null = null;
  #isPointed = false;
  #isFocused = false;

  override shouldComponentUpdate(next: RowProps, state: { isActive: boolean }): boolean {
    const now = this.props;
    return (
      state.isActive !== this.state.isActive ||
      next.item !== now.item ||
      next.startsDay !== now.startsDay ||
      next.startsGroup !== now.startsGroup ||
      next.endsGroup !== now.endsGroup ||
      next.isNew !== now.isNew ||
      next.me !== now.me
    );
  }

  override componentDidMount(): void {
    if (this.#element !== null) {
      this.props.reader.current?.add(this.#element);
    }
  }

  override componentDidUpdate(before: RowProps): void {
    const { item, reader } = this.props;
    if (item.kind === "message" && before.item.kind === "message" && item.id !== before.item.id) {
      reader.current?.update();
    }
  }

  override componentWillUnmount(): void {
    if (this.#element !== null) {
      this.props.reader.current?.remove(this.#element);
    }
  }

  override render() {
    const { item, startsDay, isNew } = this.props;
    return (
      <li
        class={this.#class()}
        ref={(element) => {
          this.#element = element;
        }}
        tabIndex={-1}
        data-key={item.key}
        data-offset={item.kind === "message" ? item.id?.offset : undefined}
        data-state={item.kind === "message" ? item.state?.kind : undefined}
        data-mine={item.kind === "message" ? item.mine : undefined}
        onKeyDown={this.#press}
        onPointerEnter={(event) => {
          this.#isPointed = event.pointerType !== "touch";
          this.#activate();
        }}
        onPointerLeave={() => {
          this.#isPointed = false;
          this.#activate();
        }}
        onFocusIn={() => {
          this.#isFocused = true;
          this.#activate();
        }}
        onFocusOut={(event) => {
          this.#isFocused = event.currentTarget.contains(event.relatedTarget as Node | null);
          this.#activate();
        }}
      >
        {startsDay && item.kind === "message" ? <Day at={item.at} /> : null}
        {isNew ? (
          <div class="new-line" data-new>
            <span>New</span>
          </div>
        ) : null}
        {item.kind === "gap" ? <Gap item={item} /> : this.#message(item)}
      </li>
    );
  }

  /** The keys of a message that has the focus itself: each is a click on the action. */
  readonly #press = (event: KeyboardEvent) => {
    const action =
      event.target === this.#element && !event.ctrlKey && !event.metaKey && !event.altKey
        ? ACTIONS[event.key.toLowerCase()]
        : undefined;
    const button =
      action === undefined
        ? null
        : this.#element?.querySelector<HTMLElement>(`.actions [aria-label="${action}"]`);
    if (button != null) {
      event.preventDefault();
      button.click();
    }
  };

  #activate(): void {
    this.setState({ isActive: this.#isPointed || this.#isFocused });
  }

  #class(): string {
    const { item, startsGroup, endsGroup } = this.props;
    if (item.kind === "gap") {
      return "row gap";
    }
    return [
      "row",
      item.mine ? "mine" : "other",
      startsGroup ? "starts" : "",
      endsGroup ? "ends" : "",
      item.mentionsMe && !item.mine ? "for-me" : "",
      item.redacted ? "redacted" : "",
    ]
      .filter((name) => name !== "")
      .join(" ");
  }

  #message(item: MessageItem) {
    const { conversation, startsGroup, me } = this.props;
    return (
      <div class="line">
        {item.mine ? null : startsGroup ? (
          <Avatar user={item.user ?? item.name} name={item.name} size="small" />
        ) : (
          <span class="avatar-room" />
        )}
        <div class="body">
          {startsGroup && !item.mine ? (
            <div class="who">
              <bdi>{item.name}</bdi>
            </div>
          ) : item.mine ? (
            <span class="hidden">You:</span>
          ) : (
            <span class="hidden">{item.name}:</span>
          )}
          <div class="bubble" data-anchor>
            {item.replyTo === undefined ? null : <Quote of={item.replyTo} conversation={conversation} />}
            {item.redacted ? (
              <p class="text gone">This message was taken back.</p>
            ) : (
              <MessageText item={item} me={me} />
            )}
            <div class="foot">
              <Reactions item={item} conversation={conversation} />
              {item.replies > 0 ? (
                <span class="replies">{item.replies === 1 ? "1 reply" : `${item.replies} replies`}</span>
              ) : null}
              <span class="when">
                {item.editedAt === undefined || item.redacted ? null : (
                  <span title={fullTime(item.editedAt)}>edited</span>
                )}
                <time datetime={isoTime(item.at)} title={fullTime(item.at)}>
                  {clockTime(item.at)}
                </time>
                {item.state === undefined ? null : <State state={item.state} />}
              </span>
            </div>
            {item.state?.kind === "failed" ? (
              <Failed
                item={item}
                reason={item.state.reason}
                retryable={item.state.retryable}
                conversation={conversation}
              />
            ) : null}
          </div>
          {this.state.isActive ? (
            <Actions item={item} conversation={conversation} reader={this.props.reader} />
          ) : null}
        </div>
        <Receipts item={item} />
      </div>
    );
  }
}

function Day({ at }: { readonly at: number }) {
  return (
    <div class="day">
      <time datetime={isoTime(at).slice(0, 10)}>{dayLabel(at)}</time>
    </div>
  );
}

function Gap({ item }: { readonly item: Extract<Item, { kind: "gap" }> }) {
  return (
    <p class="gap-words" data-anchor>
      {item.reason === "truncated"
        ? "Older messages are no longer kept here."
        : "Messages may be missing here: the server lost part of this conversation."}
    </p>
  );
}

interface QuoteProps {
  readonly of: NonNullable<MessageItem["replyTo"]>;
  readonly conversation: Conversation;
}

function Quote({ of, conversation }: QuoteProps) {
  return (
    <button
      type="button"
      class="quote"
      onClick={() => {
        conversation.goTo(of.offset);
      }}
    >
      <span class="hidden">In reply to </span>
      <bdi class="quote-who">{of.name}</bdi>
      <span class="quote-text" dir="auto">
        {of.text}
      </span>
    </button>
  );
}

interface FailedProps {
  readonly item: MessageItem;
  readonly reason: string;
  readonly retryable: boolean;
  readonly conversation: Conversation;
}

function Failed({ item, reason, retryable, conversation }: FailedProps) {
  return (
    <div class="failed">
      <span>Not sent: {reason}</span>
      {retryable ? (
        <button
          type="button"
          class="text-button"
          onClick={() => {
            conversation.retry(item.key);
          }}
        >
          Retry
        </button>
      ) : null}
      <button
        type="button"
        class="text-button"
        onClick={() => {
          conversation.discard(item.key);
        }}
      >
        Discard
      </button>
    </div>
  );
}
