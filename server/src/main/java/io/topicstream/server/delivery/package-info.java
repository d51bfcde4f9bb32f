/// Delivery on event loops: a run of messages is encoded once per wire format into one buffer that is
/// ready for any socket, written to every live connection of the loop, and flushed once a turn.
@NullMarked
package io.topicstream.server.delivery;

import org.jspecify.annotations.NullMarked;
