/** Something that is to be published, as it is kept until it is answered. */
export interface Draft {
  action: "publish" | "send";
  /** The frame's members but `id` and `message`: the `message_id` is among them. */
  members: Record<string, unknown>;
  /** The payload as JSON text. */
  payload: string;
}

/**
 * Where what is published waits until the server has answered it, so that the end of the program does not lose it.
 *
 * Several clients may share one. What one of them has added belongs to it as long as it lives.
 */
export interface Outbox {
  /** Keeps a draft. Drafts that are added one after the other are kept in this order. @returns its key */
  add(draft: Draft): Promise<number>;
  /** It is answered. */
  remove(key: number): Promise<void>;
  /** Takes over what clients left that do not live any more, in its order. */
  takeOver(): Promise<{ key: number; draft: Draft }[]>;
  /** The client has ended: what it leaves may be taken over. */
  close(): void;
}
