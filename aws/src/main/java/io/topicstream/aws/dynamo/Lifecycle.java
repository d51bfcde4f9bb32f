package io.topicstream.aws.dynamo;

import io.topicstream.log.Retention;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// What the table and the bucket are to delete by themselves: what a stack sets up. The engine deletes what has ended
/// when somebody looks at a topic; this is for topics at which nobody looks any more.
///
/// @param expiresAttribute the attribute of the table by which rows end
/// @param rules of the bucket
public record Lifecycle(String expiresAttribute, List<Rule> rules) {
    /// Clocks differ, and S3 counts whole days.
    private static final int MARGIN_DAYS = 2;

    private static final String SEGMENTS = "topics/";

    /// A rule of the bucket.
    ///
    /// @param prefix of the keys that it is for
    /// @param expireDays how many days after they were put objects are deleted; 0 where they are not
    /// @param noncurrentDays how many days later versions of a bucket go that were replaced or deleted
    public record Rule(String prefix, int expireDays, int noncurrentDays) {}

    public Lifecycle {
        rules = List.copyOf(rules);
    }

    /// That for these policies.
    ///
    /// No rule ends large batches: their rows name them, and the newest row of a topic is kept for ever.
    ///
    /// @param retentions of all topics, with that which holds where no policy does
    public static Lifecycle of(Collection<Retention> retentions) {
        long days = 0;
        for (Retention retention : retentions) {
            days = retention.hasAge() && days != Retention.UNLIMITED
                    ? Math.max(
                            days,
                            Math.ceilDiv(retention.ageMs(), Duration.ofDays(1).toMillis()))
                    : Retention.UNLIMITED;
        }
        boolean hasEnd = !retentions.isEmpty() && days <= Integer.MAX_VALUE - MARGIN_DAYS;
        List<Rule> rules = new ArrayList<>();
        // A segment is put after its messages, so it outlives each of them.
        rules.add(new Rule(SEGMENTS, hasEnd ? (int) days + MARGIN_DAYS : 0, 1));
        rules.add(new Rule(LogRows.BATCHES, 0, 1));
        return new Lifecycle(DynamoTable.EXPIRES, rules);
    }
}
