/// Where events go: what happens in the server is sent as CloudEvents to webhooks. A sink is a webhook
/// and the rules by which it gets events ([io.topicstream.server.sink.SinkDefinition]);
/// [io.topicstream.server.sink.Sinks] runs all of a node, each on one node at a time
/// ([io.topicstream.server.sink.SinkRun]), and one topic after another in order
/// ([io.topicstream.server.sink.TopicDelivery]).
@NullMarked
package io.topicstream.server.sink;

import org.jspecify.annotations.NullMarked;
