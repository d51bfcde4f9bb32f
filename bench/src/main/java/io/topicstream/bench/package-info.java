/// Measures a messaging server from outside: a load generator for WebSocket, HTTP and RESP, the
/// least servers that such a load can be compared with, and the suite that runs them side by side.
///
/// Nothing here knows the server's code. A figure alone means nothing on another machine, so the
/// suite always runs a server beside a limit or a peer, interleaved, and reports the ratio.
@NullMarked
package io.topicstream.bench;

import org.jspecify.annotations.NullMarked;
