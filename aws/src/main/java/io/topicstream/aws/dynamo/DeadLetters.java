package io.topicstream.aws.dynamo;

import java.util.Set;

/// Where records of a stream go that cannot be handled, and never will: they stand in no other record's way.
public interface DeadLetters {
    /// Keeps a record. What it throws says that the record is to be handed in once more.
    ///
    /// @param record as it came, JSON; without what its row had
    /// @param reason a sentence for people
    void put(String record, String reason);

    /// Keeps a record, or has it handed in once more.
    ///
    /// @param again gets its number where it was not kept
    default void bury(StreamRecord record, String reason, Set<String> again) {
        try {
            put(record.letter(), reason);
        } catch (RuntimeException e) {
            System.getLogger(DeadLetters.class.getName())
                    .log(System.Logger.Level.WARNING, "a dead letter was not taken: {0}", e.getMessage());
            again.add(record.number());
        }
    }
}
