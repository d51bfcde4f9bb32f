/// Sinks as an administrator manages them: [io.topicstream.events.admin.SinkRoutes] are his routes, and what they
/// change
/// is records of [io.topicstream.events.admin.SinkParts]. Who runs sinks reads those.
@NullMarked
package io.topicstream.events.admin;

import org.jspecify.annotations.NullMarked;
