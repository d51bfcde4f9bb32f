import type { Json } from "./types.js";

/** @throws TypeError if it has no form in JSON */
export function payloadOf(message: Json): string {
  const payload = JSON.stringify(message) as string | undefined;
  if (payload === undefined) {
    throw new TypeError("the message has no form in JSON");
  }
  return payload;
}
