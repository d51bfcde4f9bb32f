package io.topicstream.migration;

import io.topicstream.state.StateRecord;

/// A state record with the partition in which it stands.
public record CopiedRecord(String partition, StateRecord record) {}
