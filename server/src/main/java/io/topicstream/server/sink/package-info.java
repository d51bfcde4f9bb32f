/// The sinks of a server: [io.topicstream.server.sink.Sinks] runs all of a node, each on one node at a
/// time ([io.topicstream.server.sink.SinkRun]), and one topic after another in order
/// ([io.topicstream.server.sink.TopicDelivery]). What a sink and an event is stands in
/// `io.topicstream.events`.
@NullMarked
package io.topicstream.server.sink;

import org.jspecify.annotations.NullMarked;
