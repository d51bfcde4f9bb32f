package io.topicstream.gateway.http;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Takes in the body of one answer, so long as it stays within its bounds. Memory grows with what has come, not with
/// what was announced. Its methods run one after the other, as those of subscribers do; [#release] may come any time.
final class BoundedBody implements BodySubscriber<byte[]> {
    private static final byte[] NOTHING = new byte[0];
    private static final int FIRST_BYTES = 1024;

    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
    private final int maxBytes;
    private final CallBounds bounds;
    private final int announced;

    private byte[] taken = NOTHING;
    private int length;
    private boolean ended;
    private Flow.@Nullable Subscription subscription;

    /// What was taken from the bound of all; negative once it was given back.
    private final AtomicLong held = new AtomicLong();

    /// @param bounds how large the body may be, and how much all bodies may take
    /// @param announced how large the server says it will be, or -1
    BoundedBody(CallBounds bounds, long announced) {
        this.maxBytes = bounds.limits().answerBytes();
        this.bounds = bounds;
        this.announced = Math.clamp(announced, -1, maxBytes);
        if (announced > maxBytes) {
            fail(tooLarge());
        }
    }

    @Override
    public void onSubscribe(Flow.Subscription to) {
        subscription = to;
        if (ended) {
            to.cancel();
        } else {
            to.request(Long.MAX_VALUE);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            if (ended) {
                return;
            }
            take(buffer);
        }
    }

    private void take(ByteBuffer buffer) {
        int more = buffer.remaining();
        if (more > maxBytes - length) {
            fail(tooLarge());
            return;
        }
        int needed = length + more;
        if (needed > taken.length) {
            // What was announced is believed a little only: it may be a lie.
            int size = Math.max(needed, Math.min(maxBytes, Math.max(FIRST_BYTES, taken.length * 2)));
            if (announced >= needed && announced <= size) {
                size = announced;
            }
            if (!hold(size - taken.length)) {
                fail(new AnswerTooLargeException("The answers under way are larger than may be taken in."));
                return;
            }
            taken = Arrays.copyOf(taken, size);
        }
        buffer.get(taken, length, more);
        length = needed;
    }

    private AnswerTooLargeException tooLarge() {
        return new AnswerTooLargeException("The answer has more than " + maxBytes + " bytes.");
    }

    private boolean hold(int bytes) {
        if (!bounds.hold(bytes)) {
            return false;
        }
        if (held.getAndUpdate(now -> now < 0 ? now : now + bytes) < 0) {
            bounds.giveBack(bytes);
            return false;
        }
        return true;
    }

    /// Gives back what the body took of the bound of all. To be called when nobody waits for it any more.
    void release() {
        long had = held.getAndSet(-1);
        if (had > 0) {
            bounds.giveBack(had);
        }
    }

    /// Takes in no more, and says why.
    void fail(Throwable why) {
        ended = true;
        Flow.Subscription open = subscription;
        if (open != null) {
            open.cancel();
        }
        taken = NOTHING;
        whole.completeExceptionally(why);
    }

    @Override
    public void onError(Throwable why) {
        ended = true;
        whole.completeExceptionally(why);
    }

    @Override
    public void onComplete() {
        if (!ended) {
            ended = true;
            whole.complete(length == taken.length ? taken : Arrays.copyOf(taken, length));
        }
    }

    @Override
    public CompletionStage<byte[]> getBody() {
        return whole;
    }
}
