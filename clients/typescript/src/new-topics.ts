import type { Conversation } from "./conversation.js";
import { Subscription } from "./subscription.js";

/** Far more than a server lets a user have. */
const MOST_TOPICS = 10_000;

/**
 * Topics to which nobody has subscribed here and of which messages come all the same.
 *
 * The message that showed the topic is not handed on: a subscription that begins at its offset brings it again, and with
 * it all that followed meanwhile.
 */
export class NewTopics {
  /** About which the listener was asked on this connection, and those that were left on it. */
  readonly #known = new Set<string>();

  constructor(private readonly conversation: Conversation) {}

  /** A message has come of a topic that has no subscription. */
  onMessage(topic: string, offset: number): void {
    const { onNewTopic, log } = this.conversation.settings;
    if (onNewTopic === undefined || this.#known.has(topic) || this.#known.size >= MOST_TOPICS) {
      return;
    }
    this.#known.add(topic);
    queueMicrotask(() => {
      // The application may have subscribed to it meanwhile, here or when it was asked.
      const isOpen = (): boolean =>
        this.conversation.ended === undefined && this.conversation.subscription(topic) === undefined;
      if (!isOpen()) {
        return;
      }
      try {
        const listener = onNewTopic(topic, offset);
        if (listener !== undefined && isOpen()) {
          this.conversation.add(new Subscription(this.conversation, topic, { from: offset }, listener));
        }
      } catch (error) {
        log("the listener to new topics failed", error);
      }
    });
  }

  /** A subscription has ended. What is still under way for it is no reason to ask for a new one. */
  onLeft(topic: string): void {
    if (this.#known.size < MOST_TOPICS) {
      this.#known.add(topic);
    }
  }

  onDisconnected(): void {
    this.#known.clear();
  }
}
