package io.topicstream.client;

import io.topicstream.log.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// What the application asks for, from its own threads: takes room for it in the buffer, hands it to the loop,
/// and completes a future with the answer. Any thread.
final class Requests {
    /// The largest frame that is sent, in bytes: what the server takes as one WebSocket message.
    static final int MAX_FRAME_BYTES = 128 * 1024;

    private static final int REQUEST_BYTES = 256;

    private final Conversation conversation;
    private final ClientSettings settings;

    /// Whether a request's place in the buffer is to be taken, or is taken already.
    enum Room {
        NOW,
        TAKEN
    }

    enum Sending {
        NOW,
        UNTIL_ANSWERED
    }

    Requests(Conversation conversation, ClientSettings settings) {
        this.conversation = conversation;
        this.settings = settings;
    }

    /// How much of the buffer a request with this payload takes.
    static int bytesOf(String payload) {
        return REQUEST_BYTES + payload.getBytes(StandardCharsets.UTF_8).length;
    }

    /// Whether a request of this size can ever be sent.
    boolean fits(int bytes) {
        return bytes <= MAX_FRAME_BYTES && bytes <= settings.maxWaitingBytes();
    }

    <T extends @Nullable Object> CompletableFuture<T> ask(
            LongFunction<String> frame, Sending sending, Function<Heard.Reply, T> result) {
        return ask("", Room.NOW, frame, sending, () -> {}, _ -> {}, result);
    }

    <T extends @Nullable Object> CompletableFuture<T> ask(
            String payload, LongFunction<String> frame, Sending sending, Function<Heard.Reply, T> result) {
        return ask(payload, Room.NOW, frame, sending, () -> {}, _ -> {}, result);
    }

    /// Asks.
    ///
    /// @param payload what of the frame is as large as the application makes it
    /// @param begin run on the loop before it is sent
    /// @param refused run on the loop when it failed
    /// @param result of the reply; an [IllegalArgumentException] if it is not one to this request
    <T extends @Nullable Object> CompletableFuture<T> ask(
            String payload,
            Room room,
            LongFunction<String> frame,
            Sending sending,
            Runnable begin,
            Consumer<TopicStreamException> refused,
            Function<Heard.Reply, T> result) {
        CompletableFuture<T> future = new CompletableFuture<>();
        int bytes = bytesOf(payload);
        if (bytes > MAX_FRAME_BYTES) {
            future.completeExceptionally(new TopicStreamException.Refused(
                    "too_large", "a message of " + bytes + " bytes is more than a server takes", false, -1));
            return future;
        }
        if (room == Room.NOW && !conversation.reserve(bytes)) {
            future.completeExceptionally(full());
            return future;
        }
        Consumer<TopicStreamException> onFailure = failure -> {
            conversation.release(bytes);
            refused.accept(failure);
            settings.callbacks().execute(() -> future.completeExceptionally(failure));
        };
        Consumer<Heard.Reply> onReply = reply -> {
            T value;
            try {
                value = result.apply(reply);
            } catch (IllegalArgumentException e) {
                onFailure.accept(
                        new TopicStreamException.Refused("internal", String.valueOf(e.getMessage()), false, -1));
                return;
            }
            conversation.release(bytes);
            settings.callbacks().execute(() -> future.complete(value));
        };
        conversation.loop().execute(() -> {
            begin.run();
            switch (sending) {
                case NOW -> conversation.askNow(frame, onReply, onFailure);
                case UNTIL_ANSWERED -> conversation.askUntilAnswered(frame, onReply, onFailure);
            }
        });
        return future;
    }

    /// Says how far the user has come. Where nobody more can wait for the answer it is said all the same.
    CompletableFuture<Void> ack(TopicName topic, long delivered, long read) {
        CompletableFuture<Void> future = new CompletableFuture<>();
        int bytes = conversation.reserve(REQUEST_BYTES) ? REQUEST_BYTES : 0;
        if (bytes == 0) {
            future.completeExceptionally(full());
        }
        Consumer<@Nullable TopicStreamException> whenTaken = failure -> {
            conversation.release(bytes);
            settings.callbacks().execute(() -> {
                if (failure == null) {
                    future.complete(null);
                } else {
                    future.completeExceptionally(failure);
                }
            });
        };
        conversation.loop().execute(() -> conversation.ack(topic, delivered, read, bytes == 0 ? null : whenTaken));
        return future;
    }

    private TopicStreamException.BufferFull full() {
        return new TopicStreamException.BufferFull(conversation.waitingBytes(), settings.maxWaitingBytes());
    }

    /// What a reply tells of people.
    ///
    /// @throws IllegalArgumentException if that is something else
    static <T extends Told> T told(Heard.Reply reply, Class<T> kind) {
        if (kind.isInstance(reply.told())) {
            return kind.cast(reply.told());
        }
        throw new IllegalArgumentException("the server's answer is to another question");
    }
}
