/// The HTTP API without a network: one table of routes, one file a family of them, over the same commands that every
/// front door uses.
///
/// A door makes an [Exchange] of what it is asked and hands it to [Routes]. Nothing here blocks, and an exchange is
/// handled on its door's own thread, to which all that is written into belongs ([HttpLane]); what an engine or an
/// authenticator answers later is moved there first. `produce` and `consume` keep the contract of an older API to the
/// byte, so their bodies hold exactly its members, and what is new is in headers, parameters and the answers to them.
/// `docs/http-api.md` is the contract, `docs/openapi.yaml` its short form.
@NullMarked
package io.topicstream.http;

import org.jspecify.annotations.NullMarked;
