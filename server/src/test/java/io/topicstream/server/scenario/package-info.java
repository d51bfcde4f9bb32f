/// The black-box conformance suite: the same stories told to any server over WebSocket and HTTP, given
/// as a list of base URLs over which the clients are spread. It knows nothing of the inside.
package io.topicstream.server.scenario;
