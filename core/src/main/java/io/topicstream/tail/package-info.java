/// Readers of topics that are no connections: [io.topicstream.tail.Tail] reads one topic from a stored
/// place on, at least once and in order; [io.topicstream.tail.Lease] sees to it that one node does so at
/// a time.
@NullMarked
package io.topicstream.tail;

import org.jspecify.annotations.NullMarked;
