/// The gateway at the network: [io.topicstream.server.gateway.GatewayDoor] takes handshakes for the stages of gateway
/// APIs, [io.topicstream.server.gateway.CallbackApi] what their back ends ask of connections.
@NullMarked
package io.topicstream.server.gateway;

import org.jspecify.annotations.NullMarked;
