/// What is told to other programs of what happens, from the stream of the table: to a bus of EventBridge.
/// [io.topicstream.aws.events.EventStream] takes records of the stream; [io.topicstream.aws.events.ChatEvents] makes
/// of them what stands on the bus, and [io.topicstream.aws.events.EventBus] puts it there.
@NullMarked
package io.topicstream.aws.events;

import org.jspecify.annotations.NullMarked;
