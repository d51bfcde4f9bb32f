package io.topicstream.aws.dynamo;

/// Where records of a stream go that cannot be handled, and never will: they stand in no other record's way.
public interface DeadLetters {
    /// Keeps a record. What it throws says that the record is to be handed in once more.
    ///
    /// @param record as it came, JSON
    /// @param reason a sentence for people
    void put(String record, String reason);
}
