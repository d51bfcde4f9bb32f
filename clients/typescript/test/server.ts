import { WebSocket } from "ws";
import { type ClientOptions, TopicStreamClient } from "../src/client.js";

export { Server } from "./launcher.js";

const PATIENCE_MS = 120_000;

const clients: TopicStreamClient[] = [];

/** A client that the test ends with {@link closeClients}. */
export function clientOf(address: string, options: ClientOptions = {}): TopicStreamClient {
  const client = new TopicStreamClient(address, { webSocket: WebSocket, log: () => undefined, ...options });
  clients.push(client);
  client.connect().catch(() => undefined);
  return client;
}

export function closeClients(): void {
  for (const client of clients.splice(0)) {
    client.close();
  }
}

/** Waits until something is so. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > end) {
      throw new Error(`in vain: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
