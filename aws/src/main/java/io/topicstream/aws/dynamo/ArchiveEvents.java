package io.topicstream.aws.dynamo;

import io.topicstream.log.TopicName;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a function is called with for the stream of the table, and what it answers.
///
/// A record is only a hint that a topic has grown: what is archived is decided by the table. So records may come late,
/// twice or never. The stream needs to show keys only, and rows that begin with `L#`.
///
/// A record whose topic cannot be archived now is named in the answer, and comes again. One that cannot be read, or
/// whose topic is damaged, becomes a dead letter, and its shard goes on. Thread-safe.
public final class ArchiveEvents {
    private final Archiver archiver;
    private final DeadLetters deadLetters;

    public ArchiveEvents(Archiver archiver, DeadLetters deadLetters) {
        this.archiver = archiver;
        this.deadLetters = deadLetters;
    }

    /// Archives what has grown.
    ///
    /// @param event JSON, as a function is called with it
    /// @return the answer of the function, JSON: `batchItemFailures`
    public byte[] handle(byte[] event) {
        List<StreamRecord> records = StreamRecord.of(event);
        Map<TopicName, StreamRecord> grown = new LinkedHashMap<>();
        Set<String> again = new HashSet<>();
        for (StreamRecord one : records) {
            String problem = one.problem();
            TopicName topic = one.grown();
            if (problem != null) {
                deadLetters.bury(one, problem, again);
            } else if (topic != null) {
                grown.put(topic, one);
            }
        }
        for (Archiver.Failure failure : archiver.archive(grown.keySet())) {
            if (failure.mayHelp()) {
                records.stream()
                        .filter(one -> failure.topic().equals(one.grown()))
                        .forEach(one -> again.add(one.number()));
            } else {
                StreamRecord last = grown.get(failure.topic());
                if (last != null) {
                    deadLetters.bury(last, failure.reason(), again);
                }
            }
        }
        return StreamRecord.answer(records, again);
    }
}
