/// Who is listening. A [io.topicstream.topic.Subscription] is a cursor on a topic's log; a
/// [io.topicstream.topic.DeliveryLane] is the part of every audience that one event loop serves,
/// and moves its cursors: live while they keep up, out of the log while they do not.
@NullMarked
package io.topicstream.topic;

import org.jspecify.annotations.NullMarked;
