package io.topicstream.aws.dynamo;

import io.topicstream.aws.s3.Objects;
import io.topicstream.log.RetentionRules;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// What can be chosen about the log in a table.
///
/// @param clock for timestamps, ages and message ids
/// @param retention what is kept; null to keep everything
/// @param large the bucket in which batches stand that are larger than `inlineBytes`; null without one: then
///     an append that does not fit a row is refused
/// @param archive the bucket in which segments stand; null without one: then nothing can be read that was archived
/// @param inlineBytes how large a batch may be that stands in its row, 1 to [#MAX_INLINE_BYTES]
/// @param softBytes queued bytes above which publishers are asked to slow down
/// @param hardBytes queued bytes above which appends are refused
public record DynamoOptions(
        InstantSource clock,
        @Nullable RetentionRules retention,
        @Nullable Objects large,
        @Nullable Objects archive,
        int inlineBytes,
        long softBytes,
        long hardBytes) {
    /// A row holds 400 KB with its keys and everything else.
    public static final int MAX_INLINE_BYTES = 380 << 10;

    /// From here on an object in S3 is cheaper to write than a row.
    private static final int CHEAPER_INLINE_BYTES = 9 << 10;

    /// The usual ones: everything is kept, in rows; 8 MiB, 64 MiB.
    public static final DynamoOptions DEFAULTS =
            new DynamoOptions(InstantSource.system(), null, null, null, MAX_INLINE_BYTES, 8 << 20, 64 << 20);

    public DynamoOptions {
        if (inlineBytes < 1 || inlineBytes > MAX_INLINE_BYTES) {
            throw new IllegalArgumentException("a row holds 1 to " + MAX_INLINE_BYTES + " bytes, not " + inlineBytes);
        }
        if (softBytes < 1 || hardBytes < softBytes) {
            throw new IllegalArgumentException("no bounds: soft " + softBytes + ", hard " + hardBytes);
        }
    }

    /// The same with this clock.
    public DynamoOptions withClock(InstantSource other) {
        return new DynamoOptions(other, retention, large, archive, inlineBytes, softBytes, hardBytes);
    }

    /// The same with these rules.
    public DynamoOptions withRetention(@Nullable RetentionRules rules) {
        return new DynamoOptions(clock, rules, large, archive, inlineBytes, softBytes, hardBytes);
    }

    /// The same with a bucket for large batches, which take it where it is cheaper.
    public DynamoOptions withLarge(Objects bucket) {
        return new DynamoOptions(clock, retention, bucket, archive, CHEAPER_INLINE_BYTES, softBytes, hardBytes);
    }

    /// The same with a bucket for segments; it may be that of large batches.
    public DynamoOptions withArchive(Objects bucket) {
        return new DynamoOptions(clock, retention, large, bucket, inlineBytes, softBytes, hardBytes);
    }

    /// The same with this limit of what stands in a row.
    public DynamoOptions withInlineBytes(int bytes) {
        return new DynamoOptions(clock, retention, large, archive, bytes, softBytes, hardBytes);
    }
}
