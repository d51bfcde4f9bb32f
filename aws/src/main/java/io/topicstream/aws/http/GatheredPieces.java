package io.topicstream.aws.http;

import io.topicstream.http.StreamedAnswer;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// An answer in pieces that is given as one, since a function returns once. One that is cut off is not given: a
/// part would pass for the whole. Its state belongs to the thread of its run; pieces may come from any thread.
final class GatheredPieces implements StreamedAnswer.Pieces {
    /// What fits into an answer of a function, in base64 too.
    static final int MOST_BYTES = 4 << 20;

    private final StreamedAnswer answer;
    private final Executor thread;
    private final Consumer<byte @Nullable []> onEnd;
    private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();
    private boolean ended;

    /// @param thread runs a task on the thread of the run
    /// @param onEnd told of the whole answer, or null where it was cut off
    GatheredPieces(StreamedAnswer answer, Executor thread, Consumer<byte @Nullable []> onEnd) {
        this.answer = answer;
        this.thread = thread;
        this.onEnd = onEnd;
    }

    void open() {
        answer.onOpen(this);
    }

    void cutOff() {
        onEnd(null);
    }

    @Override
    public CompletionStage<Boolean> write(byte[] piece) {
        CompletableFuture<Boolean> taken = new CompletableFuture<>();
        thread.execute(() -> {
            if (!ended && gathered.size() + piece.length > MOST_BYTES) {
                onEnd(null);
            }
            if (!ended) {
                gathered.writeBytes(piece);
            }
            taken.complete(!ended);
        });
        return taken;
    }

    @Override
    public void end() {
        thread.execute(() -> onEnd(gathered.toByteArray()));
    }

    @Override
    public void abort() {
        thread.execute(() -> onEnd(null));
    }

    private void onEnd(byte @Nullable [] whole) {
        if (!ended) {
            ended = true;
            onEnd.accept(whole);
            answer.onClosed();
        }
    }
}
