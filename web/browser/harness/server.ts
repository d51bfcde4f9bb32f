import { Server } from "../../../clients/typescript/test/launcher.js";

export { Server };

interface Consumed {
  messages: LoggedMessage[];
  next_offset: number;
}

export interface LoggedMessage {
  offset: number;
  payload: unknown;
  from?: string;
  message_id?: string;
}

export function addressOf(server: Server): string {
  return `http://127.0.0.1:${server.port}`;
}

/** All that the server has of a topic, by HTTP. */
export async function logOf(server: Server, topic: string, token?: string): Promise<LoggedMessage[]> {
  const messages: LoggedMessage[] = [];
  for (let next = 1; ;) {
    const answer = await fetch(`${addressOf(server)}/topics/${topic}/consume?offset=${next}&limit=1000`, {
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    });
    if (!answer.ok) {
      throw new Error(`consume of ${topic}: ${answer.status} ${await answer.text()}`);
    }
    const page = (await answer.json()) as Consumed;
    messages.push(...page.messages);
    if (page.messages.length === 0) {
      return messages;
    }
    next = page.next_offset;
  }
}

export function textsOf(messages: readonly LoggedMessage[]): string[] {
  return messages.map(({ payload }) => (payload as { text: string }).text);
}
