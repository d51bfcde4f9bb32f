/** The model of the chat page. */
import type { Chat } from "./chat.js";
import { ChatModel } from "./chat-model.js";
import type { Ports } from "./ports.js";

export { browserPorts } from "./browser.js";
export type * from "./chat.js";
export type { Ports } from "./ports.js";

/** A chat; who signed in here before is signed in again. */
export function createChat(ports: Ports): Chat {
  return new ChatModel(ports);
}
