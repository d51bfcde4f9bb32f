package io.topicstream.people;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonWriter;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The lines of an export: an object of JSON each, with a member `kind`. They leave in pieces, and who
/// writes waits until the reader has room for more.
///
/// Not thread-safe: one step writes after the other.
final class UserLines {
    private static final int PIECE_BYTES = 64 * 1024;
    private static final byte[] KIND = ascii("{\"kind\":");
    private static final byte[] END = ascii("}\n");

    private final JsonWriter json = new JsonWriter(4096);
    private final Function<byte[], ? extends CompletionStage<Boolean>> reader;

    /// @param reader takes a piece; answers when there is room for the next one, and whether anybody
    ///     reads still
    UserLines(Function<byte[], ? extends CompletionStage<Boolean>> reader) {
        this.reader = reader;
    }

    /// Begins a line; its members follow, each with a comma in front.
    JsonWriter begin(String kind) {
        return json.raw(KIND).string(kind);
    }

    /// Ends a line, where others follow at once.
    void endOfLine() {
        json.raw(END);
    }

    /// Ends a line, and waits where a piece is full.
    CompletionStage<@Nullable Void> end() {
        endOfLine();
        return json.length() < PIECE_BYTES ? CompletableFuture.<@Nullable Void>completedFuture(null) : send();
    }

    /// Sends what was written, and waits for room. Fails where nobody reads any more.
    CompletionStage<@Nullable Void> send() {
        if (json.length() == 0) {
            return CompletableFuture.<@Nullable Void>completedFuture(null);
        }
        byte[] piece = json.toByteArray();
        json.reset();
        return reader.apply(piece)
                .thenCompose(isRead -> isRead
                        ? CompletableFuture.<@Nullable Void>completedFuture(null)
                        : CompletableFuture.failedFuture(
                                new CancellationException("nobody reads the export any more")));
    }
}
