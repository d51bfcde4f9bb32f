/** A connection, as much as the client needs of it. */
export interface Link {
  send(text: string): void;
  /** Closes it as the application wants; nothing of it is heard any more. */
  close(): void;
}

/** What happens to a connection. Nothing comes after `closed`, which comes without `opened` where the attempt failed. */
export interface LinkEvents {
  opened(): void;
  text(data: string): void;
  closed(code: number, reason: string): void;
}

/** Opens connections. Tests have one that follows a script. */
export type Transport = (url: string, protocols: string[], events: LinkEvents) => Link;

/** What the client uses of a WebSocket: that of browsers and that of the package `ws` have it. */
export interface WebSocketLike {
  send(data: string): void;
  close(code?: number, reason?: string): void;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
}

export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

const NORMAL = 1000;
const ABNORMAL = 1006;

/** Connections by WebSocket. */
export function webSockets(given: WebSocketConstructor | undefined): Transport {
  const Socket = given ?? (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
  if (Socket === undefined) {
    throw new TypeError(
      "there is no global WebSocket here: pass a constructor as the option webSocket, " +
        'such as that of the package ws: import { WebSocket } from "ws"',
    );
  }
  return (url, protocols, events) => {
    let gone = false;
    const close = (code: number, reason: string): void => {
      if (!gone) {
        gone = true;
        events.closed(code, reason);
      }
    };
    const socket = new Socket(url, protocols);
    socket.onopen = () => {
      if (!gone) {
        events.opened();
      }
    };
    socket.onmessage = (event: { data: unknown }) => {
      if (!gone && typeof event.data === "string") {
        events.text(event.data);
      }
    };
    socket.onclose = (event: { code: number; reason: string }) => {
      close(event.code, event.reason);
    };
    // A close follows; without a handler some WebSockets take the error for one that nobody expected.
    socket.onerror = (event: { message?: unknown }) => {
      if (typeof event.message === "string") {
        close(ABNORMAL, event.message);
      }
    };
    return {
      send(text) {
        if (!gone) {
          socket.send(text);
        }
      },
      close() {
        gone = true;
        socket.close(NORMAL, "");
      },
    };
  };
}
