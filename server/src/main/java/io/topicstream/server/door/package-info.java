/// Who may come in, by any door: [io.topicstream.server.door.Doorman] asks for the host, the page and the credentials,
/// whether the caller comes by HTTP or by WebSocket.
@NullMarked
package io.topicstream.server.door;

import org.jspecify.annotations.NullMarked;
