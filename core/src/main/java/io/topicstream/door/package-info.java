/// Who may come in, by any door and over any network: [io.topicstream.door.Doorman] asks for the host, the page and
/// the credentials, whether the caller comes by HTTP or by WebSocket.
@NullMarked
package io.topicstream.door;

import org.jspecify.annotations.NullMarked;
