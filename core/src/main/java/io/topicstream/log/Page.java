package io.topicstream.log;

import java.util.List;

/// Some consecutive messages of a topic, and the extent that it had when they were read.
///
/// @param messages ascending, whatever the direction of the read; may be empty
public record Page(Extent extent, List<Message> messages) {}
