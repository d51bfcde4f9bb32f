package io.topicstream.aws.dynamo;

import io.topicstream.aws.s3.BadSegmentException;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.TopicName;
import io.topicstream.row.BadRowException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import software.amazon.awssdk.core.exception.SdkException;

/// Moves older messages of a table's log into segments in a bucket ([DynamoOptions#archive]). What is archived stands
/// in the segments alone, and is read and taken back as before.
///
/// It keeps nothing: it may be told of a topic too late, twice or never, die at any instant, and run many times at
/// once. [#sweep] finds what nobody told it of.
///
/// Blocks; thread-safe.
public final class Archiver {
    private static final int NAMES_AT_ONCE = 200;

    private final LogRows rows;
    private final Sealing sealing;

    /// What could not be archived.
    ///
    /// @param mayHelp whether it may go well another time: a service could not be had
    public record Failure(TopicName topic, String reason, boolean mayHelp) {}

    /// @param options those of the log; with a bucket for segments
    public Archiver(DynamoTable table, DynamoOptions options, ArchiveOptions archiving) {
        if (options.archive() == null) {
            throw new IllegalArgumentException("an archiver needs a bucket for segments");
        }
        this.rows = new LogRows(table, options);
        this.sealing = new Sealing(rows, new Archive(table, options), archiving, options.clock());
    }

    /// Archives of topics that have grown what makes whole segments. One call for each that has not so much.
    ///
    /// @return those that could not be archived; the others were
    public List<Failure> archive(Collection<TopicName> topics) {
        return each(topics, Sealing.Rest.STAYS);
    }

    /// Archives all of these topics, but for the newest batch of each.
    public List<Failure> seal(Collection<TopicName> topics) {
        return each(topics, Sealing.Rest.GOES);
    }

    /// Goes through all topics, and archives what makes whole segments or is as old as it may be.
    public List<Failure> sweep() {
        List<Failure> failures = new ArrayList<>();
        String after = "";
        while (true) {
            List<String> names = rows.names(after, false, NAMES_AT_ONCE);
            if (names.isEmpty()) {
                return failures;
            }
            failures.addAll(each(names.stream().map(TopicName::new).toList(), Sealing.Rest.IF_OLD));
            after = names.getLast();
        }
    }

    private List<Failure> each(Collection<TopicName> topics, Sealing.Rest rest) {
        List<Failure> failures = new ArrayList<>();
        for (TopicName topic : new LinkedHashSet<>(topics)) {
            try {
                sealing.seal(topic.value(), rest);
            } catch (SdkException | LogUnavailableException e) {
                failures.add(new Failure(topic, reason(e), true));
            } catch (BadRowException | BadSegmentException | IllegalArgumentException e) {
                failures.add(new Failure(topic, reason(e), false));
            }
        }
        return failures;
    }

    private static String reason(RuntimeException e) {
        return String.valueOf(e.getMessage());
    }
}
