/** What goes wrong between a client and its server. */
export class TopicStreamError extends Error {
  /**
   * @param code a text of the server's, such as `forbidden`; a WebSocket close code; or one of the client's own:
   *   `buffer_full`, `not_connected`
   * @param retryable whether trying again may help
   */
  constructor(
    readonly code: string | number,
    message: string,
    readonly retryable: boolean,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** The server refused a request. */
export class RefusedError extends TopicStreamError {
  /** @param nextOffset of a `conflict`: the offset that the next message gets */
  constructor(
    override readonly code: string,
    message: string,
    retryable: boolean,
    readonly nextOffset?: number,
  ) {
    super(code, message, retryable);
  }
}

/** The client ended: by `close()`, or because the server said that coming back does not help. */
export class EndedError extends TopicStreamError {
  constructor(
    override readonly code: number,
    message: string,
  ) {
    super(code, message, false);
  }
}

/** Too much waits for an answer. Nothing was sent. */
export class BufferFullError extends TopicStreamError {
  constructor(
    readonly waitingBytes: number,
    readonly maxBytes: number,
  ) {
    super("buffer_full", `${waitingBytes} of ${maxBytes} bytes wait for an answer`, true);
  }
}

/** There is no connection, or it was lost, for something that is not said again on the next one. */
export class NotConnectedError extends TopicStreamError {
  constructor(message: string) {
    super("not_connected", message, true);
  }
}
