/// A client of HTTP/1.1 servers on event loops: a call stays on the loop that asks for it. Without TLS.
@NullMarked
package io.topicstream.transport.client;

import org.jspecify.annotations.NullMarked;
