/** What went wrong, in words for people. */
export function wordsOf(error: unknown): string {
  switch (codeOf(error)) {
    case "forbidden":
      return "You may not do this here.";
    case "not_found":
      return "It is not there any more.";
    case "too_large":
      return "The message is too long.";
    case "limit_exceeded":
      return "You have as many of these as you may have.";
    case "conflict":
      return "Somebody else has this name.";
    case "unauthenticated":
      return "The server does not know this key or token.";
    case "bad_topic":
      return "This name cannot be used.";
    case "rate_limited":
      return "That was too fast. Try again in a moment.";
    case "overloaded":
    case "unavailable":
    case "internal":
      return "The server cannot do this now. Try again in a moment.";
    case "buffer_full":
      return "Too much waits to be sent.";
    case "not_connected":
      return "There is no connection.";
    default:
      return error instanceof Error && error.message !== "" ? error.message : "It did not work.";
  }
}

/** What ended the connection for good. */
export function wordsOfEnd(error: unknown, isGuest = false): string {
  switch (codeOf(error)) {
    case 4001:
      if (isGuest) {
        return "This server wants a key or a token.";
      }
      return "The key or token has ended, or the server does not know it. Sign in again.";
    case 4003:
      return "The server does not let you in.";
    case 4004:
      return "There is no chat at this address.";
    default:
      return wordsOf(error);
  }
}

export function codeOf(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

export function isRetryable(error: unknown): boolean {
  return typeof error === "object" && error !== null && "retryable" in error && error.retryable === true;
}
