package io.topicstream.aws.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.aws.dynamo.ArchiveEvents;
import io.topicstream.aws.dynamo.Archiver;
import io.topicstream.aws.s3.Objects;
import io.topicstream.json.JsonObjectReader;
import java.util.List;

/// The archiver as a function: called with records of the table's stream, or with anything else, such as an event of a
/// schedule, to go through all topics. Thread-safe.
///
/// A record that cannot be handled, and never will, becomes an object in the bucket, see [LetterBox].
public final class ArchiveFunction {
    private static final System.Logger LOGGER = System.getLogger(ArchiveFunction.class.getName());
    private static final JsonObjectReader.Builder EVENT = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member RECORDS = EVENT.add("Records", JsonObjectReader.Trait.PAYLOAD);

    private final Archiver archiver;
    private final LetterBox letters;

    /// @param bucket for dead letters
    public ArchiveFunction(Archiver archiver, Objects bucket) {
        this.archiver = archiver;
        this.letters = new LetterBox(bucket);
    }

    /// Archives what the event is about; blocks.
    ///
    /// @return the answer, in JSON
    public byte[] handle(byte[] event) {
        return hasRecords(event) ? new ArchiveEvents(archiver, letters).handle(event) : sweep();
    }

    private static boolean hasRecords(byte[] event) {
        JsonObjectReader reader = EVENT.build();
        return reader.read(event, 0, event.length) && reader.has(RECORDS);
    }

    private byte[] sweep() {
        List<Archiver.Failure> failures = archiver.sweep();
        failures.forEach(failure -> LOGGER.log(
                System.Logger.Level.WARNING,
                "the topic {0} could not be archived: {1}",
                failure.topic().value(),
                failure.reason()));
        return ("{\"failures\":" + failures.size() + "}").getBytes(UTF_8);
    }
}
