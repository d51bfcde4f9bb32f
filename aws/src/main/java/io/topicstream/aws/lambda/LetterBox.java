package io.topicstream.aws.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.aws.dynamo.DeadLetters;
import io.topicstream.aws.s3.Objects;
import io.topicstream.json.JsonWriter;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/// Dead letters as objects in a bucket, below [#FOLDER]. The same letter is one object, however often it comes.
/// Thread-safe.
public record LetterBox(Objects bucket) implements DeadLetters {
    /// Where objects begin that are dead letters.
    public static final String FOLDER = "dead-letters/";

    private static final System.Logger LOGGER = System.getLogger(LetterBox.class.getName());

    @Override
    public void put(String record, String reason) {
        LOGGER.log(System.Logger.Level.WARNING, "a record of the stream is a dead letter: {0}", reason);
        JsonWriter json = new JsonWriter();
        json.raw('{').string("reason").raw(':').string(reason);
        json.raw(',').string("record").raw(':').string(record).raw('}');
        var _ = bucket.putIfAbsent(FOLDER + digest(record) + ".json", json.toByteArray(), "application/json", Map.of());
    }

    private static String digest(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
