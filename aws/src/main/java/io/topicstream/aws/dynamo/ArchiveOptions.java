package io.topicstream.aws.dynamo;

import io.topicstream.aws.s3.Segment;
import java.time.Duration;

/// When messages are archived, and how long the ids of those that are stay known.
///
/// @param messages how many make a segment, 1 to [Segment#MAX_MESSAGES]; the same for all archivers of a table
/// @param bytes how many bytes make one that has fewer messages; a segment has at most one batch more
/// @param age how old the oldest message of a topic may be in the table, where they are fewer
/// @param rowsKept how long the row of a batch stays that was archived, with its ids and without its messages; at least
///     [#MIN_ROWS_KEPT]
public record ArchiveOptions(int messages, long bytes, Duration age, Duration rowsKept) {
    /// Ids are remembered for a day, and a writer may believe for a while that a row is the newest.
    public static final Duration MIN_ROWS_KEPT = LogParts.REPEATS_KEPT.plusHours(1);

    /// The usual ones: 1,000 messages, 8 MiB, a day, and two days.
    public static final ArchiveOptions DEFAULTS =
            new ArchiveOptions(Segment.MAX_MESSAGES, 8 << 20, Duration.ofDays(1), Duration.ofDays(2));

    public ArchiveOptions {
        if (messages < 1 || messages > Segment.MAX_MESSAGES || bytes < 1) {
            throw new IllegalArgumentException("no segment: " + messages + " messages, " + bytes + " bytes");
        }
        if (age.isNegative() || rowsKept.compareTo(MIN_ROWS_KEPT) < 0) {
            throw new IllegalArgumentException("no age: " + age + "; or rows are kept too short: " + rowsKept);
        }
    }
}
