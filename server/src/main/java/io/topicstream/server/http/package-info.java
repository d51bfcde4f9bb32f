/// The HTTP API: one table of routes over the same commands that every front door uses.
///
/// All of it runs on the event loop of the connection that asks, and everything that it writes into belongs to that
/// loop ([HttpLoop]); what an engine or an authenticator answers later is moved there first. `produce` and `consume`
/// keep the contract of an older API to the byte, so their bodies hold exactly its members and whatever is new is in
/// headers, parameters and the answers to them. `docs/http-api.md` is the contract, `docs/openapi.yaml` its short form.
@NullMarked
package io.topicstream.server.http;

import org.jspecify.annotations.NullMarked;
