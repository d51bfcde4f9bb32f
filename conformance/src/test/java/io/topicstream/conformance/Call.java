package io.topicstream.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.List;

/// A call of the callback API, as the callers are told it: one line.
///
/// @param what `text`, `bytes`, `get` or `delete`
/// @param endpoint as applications write it, with the stage
/// @param connection its id
/// @param data what is posted; is not changed
/// @param key with which it is signed
record Call(String what, String endpoint, String connection, byte[] data, Key key) {
    /// A key of a caller.
    record Key(String id, String secret) {}

    String line() {
        return String.join(
                "\t", what, endpoint, connection, Base64.getEncoder().encodeToString(data), key.id(), key.secret());
    }

    /// A call that a caller was told.
    static Call of(String line) {
        List<String> words = List.of(line.split("\t", -1));
        return new Call(
                words.get(0),
                words.get(1),
                words.get(2),
                Base64.getDecoder().decode(words.get(3)),
                new Key(words.get(4), words.get(5)));
    }

    String text() {
        return new String(data, UTF_8);
    }
}
