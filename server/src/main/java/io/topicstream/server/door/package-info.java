/// What comes at the network, as the doorman of the core sees it; for the doors of HTTP and of WebSockets.
@NullMarked
package io.topicstream.server.door;

import org.jspecify.annotations.NullMarked;
