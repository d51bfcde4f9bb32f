/// The network: HTTP/1.1 and WebSocket on one port, over Netty.
///
/// Everything a peer may do wrong below the level of a topic is answered here, once: heads, bodies, frames,
/// deadlines, floods, sockets that stall. The rest of the server sees checked requests ([HttpExchange]),
/// upgrades to decide ([UpgradeDecision]) and whole, valid messages ([WebSocketListener]); it never sees a
/// Netty pipeline. The transport knows nothing of topics.
///
/// Threads: each connection belongs to one event loop for life, and every callback of this package comes on
/// that loop. What may be called from elsewhere says so.
@NullMarked
package io.topicstream.transport;

import org.jspecify.annotations.NullMarked;
