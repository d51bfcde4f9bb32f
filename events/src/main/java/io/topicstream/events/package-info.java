/// What is told to other programs of what happens, without a server that runs: an event is a CloudEvent
/// ([io.topicstream.events.CloudEvents]); a sink is a webhook and the rules by which it gets events
/// ([io.topicstream.events.SinkDefinition]), stored as a [io.topicstream.events.SinkRecord];
/// [io.topicstream.events.Webhook] posts to it, and to no address inside a network
/// ([io.topicstream.events.Destinations]). Who runs sinks, and when, is a server's or a function's.
@NullMarked
package io.topicstream.events;

import org.jspecify.annotations.NullMarked;
