import { connect } from "node:net";
import { addressOf, type Server } from "./server.js";

/** How many requests are under way on the one connection. */
const AT_ONCE = 200;

/** Produces `count` messages by HTTP, in their order: the requests of one connection have it. */
export async function produceMany(
  server: Server,
  topic: string,
  count: number,
  textOf: (number: number) => string,
): Promise<void> {
  const socket = connect(server.port, "127.0.0.1");
  const host = new URL(addressOf(server)).host;
  let sent = 0;
  let answered = 0;
  let rest = "";
  const ask = () => {
    let requests = "";
    for (; sent < count && sent - answered < AT_ONCE; sent++) {
      const body = JSON.stringify({ payload: { text: textOf(sent + 1) } });
      requests +=
        `POST /topics/${topic}/produce HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
    }
    if (requests !== "") socket.write(requests);
  };
  try {
    await new Promise<void>((done, failed) => {
      socket.on("error", failed);
      socket.on("close", () => {
        failed(new Error(`the server closed after ${answered} of ${count}`));
      });
      socket.on("connect", ask);
      socket.on("data", (data) => {
        rest += data.toString("latin1");
        let end = 0;
        for (const answer of rest.matchAll(/HTTP\/1\.1 (\d+).*?\r\n\r\n\{[^}]*\}/gs)) {
          if (answer[1] !== "200") {
            failed(new Error(`not produced: ${answer[0]}`));
          }
          answered++;
          end = answer.index + answer[0].length;
        }
        rest = rest.slice(end);
        if (answered === count) {
          done();
        }
        ask();
      });
    });
  } finally {
    socket.destroy();
  }
}
