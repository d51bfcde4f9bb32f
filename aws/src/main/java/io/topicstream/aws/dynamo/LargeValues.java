package io.topicstream.aws.dynamo;

import org.jspecify.annotations.Nullable;

/// Where values stand that are too large for a row. Thread-safe; calls block, and throw what the service's client
/// throws.
public interface LargeValues {
    /// Stores a value; nobody else uses its key.
    void put(String key, byte[] value);

    /// The value, or null where there is none.
    byte @Nullable [] get(String key);

    /// Deletes the value, if it is there.
    void delete(String key);
}
