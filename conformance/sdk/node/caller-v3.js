"use strict";
// Calls the callback API with version 3 of the SDK for JavaScript.
const sdk = require("@aws-sdk/client-apigatewaymanagementapi");
const { agent, serve } = require("./lines");

const clients = new Map();

function client(endpoint, key, secret) {
  const name = [endpoint, key, secret].join(" ");
  if (!clients.has(name)) {
    clients.set(
      name,
      new sdk.ApiGatewayManagementApiClient({
        endpoint,
        region: "us-east-1",
        credentials: { accessKeyId: key, secretAccessKey: secret },
        requestHandler: { httpsAgent: agent },
      }),
    );
  }
  return clients.get(name);
}

async function call(api, what, ConnectionId, data) {
  if (what === "text") {
    await api.send(new sdk.PostToConnectionCommand({ ConnectionId, Data: data.toString() }));
  } else if (what === "bytes") {
    await api.send(new sdk.PostToConnectionCommand({ ConnectionId, Data: data }));
  } else if (what === "delete") {
    await api.send(new sdk.DeleteConnectionCommand({ ConnectionId }));
  } else {
    const said = await api.send(new sdk.GetConnectionCommand({ ConnectionId }));
    return [+said.ConnectedAt, +said.LastActiveAt, said.Identity.SourceIp, said.Identity.UserAgent ?? ""];
  }
  return [];
}

const KNOWN = ["GoneException", "ForbiddenException", "LimitExceededException", "PayloadTooLargeException"];

serve(async (what, endpoint, connection, data, key, secret) => {
  try {
    return ["ok", ...(await call(client(endpoint, key, secret), what, connection, data))];
  } catch (error) {
    const status = error.$metadata?.httpStatusCode;
    return status === undefined
      ? ["failed", error.message]
      : ["refused", KNOWN.find((name) => error instanceof sdk[name]) ?? "", status, error.name];
  }
});
