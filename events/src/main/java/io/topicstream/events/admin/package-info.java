/// Sinks as an administrator manages them: [io.topicstream.events.admin.SinkRoutes] are his routes. What they change is
/// records in the stores of [io.topicstream.events.admin.SinkParts], which those read who run sinks.
@NullMarked
package io.topicstream.events.admin;

import org.jspecify.annotations.NullMarked;
