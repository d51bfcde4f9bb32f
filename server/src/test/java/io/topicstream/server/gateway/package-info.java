/// The gateway at real sockets: its door, its connections and its callback API.
@NullMarked
package io.topicstream.server.gateway;

import org.jspecify.annotations.NullMarked;
