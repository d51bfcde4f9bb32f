/// Delivery on event loops: a run of messages is encoded once per dialect and framing into bytes that are ready
/// for any outlet, written to every live listener of the loop, and flushed once a turn.
@NullMarked
package io.topicstream.server.delivery;

import org.jspecify.annotations.NullMarked;
