/// Counts what calls of the SDK are billed for: hooks for its clients, which tell a [io.topicstream.aws.cost.Meter].
@NullMarked
package io.topicstream.aws.metering;

import org.jspecify.annotations.NullMarked;
