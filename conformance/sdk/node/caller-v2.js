"use strict";
// Calls the callback API with version 2 of the SDK for JavaScript.
const AWS = require("aws-sdk");
const { agent, serve } = require("./lines");

const clients = new Map();

function client(endpoint, key, secret) {
  const name = [endpoint, key, secret].join(" ");
  if (!clients.has(name)) {
    clients.set(
      name,
      new AWS.ApiGatewayManagementApi({
        apiVersion: "2018-11-29",
        endpoint,
        region: "us-east-1",
        credentials: new AWS.Credentials(key, secret),
        maxRetries: 0,
        httpOptions: { agent },
      }),
    );
  }
  return clients.get(name);
}

async function call(api, what, ConnectionId, data) {
  if (what === "text") {
    await api.postToConnection({ ConnectionId, Data: data.toString() }).promise();
  } else if (what === "bytes") {
    await api.postToConnection({ ConnectionId, Data: data }).promise();
  } else if (what === "delete") {
    await api.deleteConnection({ ConnectionId }).promise();
  } else {
    const said = await api.getConnection({ ConnectionId }).promise();
    return [+said.ConnectedAt, +said.LastActiveAt, said.Identity.SourceIp, said.Identity.UserAgent ?? ""];
  }
  return [];
}

// This generation has one class of errors, which are told apart by their codes.
const KNOWN = ["GoneException", "ForbiddenException", "LimitExceededException", "PayloadTooLargeException"];

serve(async (what, endpoint, connection, data, key, secret) => {
  try {
    return ["ok", ...(await call(client(endpoint, key, secret), what, connection, data))];
  } catch (error) {
    return error.statusCode === undefined
      ? ["failed", error.message]
      : ["refused", KNOWN.includes(error.code) ? error.code : "", error.statusCode, error.code];
  }
});
