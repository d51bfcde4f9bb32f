/// WebSocket connections of clients: [io.topicstream.server.websocket.Stages] decides who may open one
/// and in which dialect; [io.topicstream.server.websocket.ClientConnection] joins a socket to its
/// session and its place in the lane.
@NullMarked
package io.topicstream.server.websocket;

import org.jspecify.annotations.NullMarked;
