import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Connection } from "../model/chat.js";
import { useView } from "./context.js";

/** True where what is written now goes out at once. */
export function isOnline(connection: Connection): boolean {
  return connection.kind === "online";
}

/** The state in words; while it waits, with the seconds that are left. */
export function ConnectionState() {
  const { chat } = useView();
  const connection = chat.connection.value;
  const now = useSignal(Date.now());
  const retryAt = connection.kind === "waiting" ? connection.retryAt : undefined;
  useEffect(() => {
    if (retryAt === undefined) {
      return undefined;
    }
    now.value = Date.now();
    const timer = setInterval(() => (now.value = Date.now()), 1000);
    return () => {
      clearInterval(timer);
    };
  }, [retryAt]);
  return (
    <div class="connection" data-connection={connection.kind}>
      <span class="connection-dot" aria-hidden="true" />
      <span role="status" aria-label="Connection">
        {words(connection)}
      </span>
      {retryAt === undefined || retryAt <= now.value ? null : (
        <span class="quiet" aria-hidden="true">
          {" "}
          again in {Math.ceil((retryAt - now.value) / 1000)} s
        </span>
      )}
    </div>
  );
}

export function words(connection: Connection): string {
  switch (connection.kind) {
    case "connecting":
      return "Connecting…";
    case "online":
      return "Connected";
    case "waiting":
      return "Reconnecting…";
    case "offline":
      return "No network";
    case "ended":
      return `Disconnected: ${connection.reason}`;
  }
}
