"use strict";
// What the callers of both generations have in common: each line of the input is a call, each of the output what came
// of it.
const https = require("node:https");
const readline = require("node:readline");

// Node asks no proxy by itself, so this connects to the server for every name of another machine. The name in the
// handshake and in the request is the endpoint's all the same.
class ToServer extends https.Agent {
  createConnection(options, done) {
    const to = { host: "127.0.0.1", port: Number(process.env.SERVER_PORT), servername: options.servername || options.host };
    return super.createConnection(["localhost", "127.0.0.1"].includes(options.host) ? options : { ...options, ...to }, done);
  }
}

exports.agent = new ToServer({ keepAlive: true });

// outcome(what, endpoint, connection, data, key, secret) resolves to the words of a line.
exports.serve = async (outcome) => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [what, endpoint, connection, data, key, secret] = line.split("\t");
    const words = await outcome(what, endpoint, connection, Buffer.from(data, "base64"), key, secret);
    process.stdout.write(words.map((word) => String(word).replace(/\s+/g, " ")).join("\t") + "\n");
  }
  exports.agent.destroy();
};
