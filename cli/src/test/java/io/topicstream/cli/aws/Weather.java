package io.topicstream.cli.aws;

import io.topicstream.aws.audience.Callbacks;
import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.model.Integration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// How the gateway behaves in what API Gateway leaves open, drawn from a seed. That a connection is gone (410) is not
/// drawn: it is so until it has opened, which may be late, and from its end on. Thread-safe.
final class Weather {
    private static final long LONGEST_DELAY_MS = 15;

    private final Random random;
    private final Set<String> lost = ConcurrentHashMap.newKeySet();
    private final AtomicInteger busy = new AtomicInteger();
    private volatile int busyIn100;
    private volatile int lostEndsIn100;
    private volatile boolean delaysFrames;
    private volatile int earlyDescribes;
    private volatile int earlyPosts;
    private final Map<String, Early> early = new ConcurrentHashMap<>();
    private volatile int mostPostBytes = Callbacks.MAX_POST_BYTES;

    /// Calm at first.
    Weather(long seed) {
        random = new Random(seed);
    }

    /// So many posts of a hundred are answered that there is too much just now.
    Weather busy(int in100) {
        busyIn100 = in100;
        return this;
    }

    /// Of so many connections of a hundred the end is told to nobody.
    Weather losingEnds(int in100) {
        lostEndsIn100 = in100;
        return this;
    }

    /// Half of the frames that run at once are late.
    Weather delayingFrames() {
        delaysFrames = true;
        return this;
    }

    /// Of each connection from now on, the first so many questions whether it is open and the first so many posts come
    /// before it is.
    void openingLate(int describes, int posts) {
        earlyDescribes = describes;
        earlyPosts = posts;
    }

    /// What of one connection is answered as if it was not open yet.
    private record Early(AtomicInteger describes, AtomicInteger posts) {}

    private Early early(String connectionId) {
        return early.computeIfAbsent(
                connectionId, _ -> new Early(new AtomicInteger(earlyDescribes), new AtomicInteger(earlyPosts)));
    }

    private static boolean isEarly(AtomicInteger left) {
        return left.getAndUpdate(some -> Math.max(0, some - 1)) > 0;
    }

    /// A larger post is refused.
    Weather takingPostsOf(int bytes) {
        mostPostBytes = bytes;
        return this;
    }

    /// The end of this connection is told to nobody.
    void lose(String connectionId) {
        lost.add(connectionId);
    }

    /// How many posts were answered that there is too much just now.
    int busyPosts() {
        return busy.get();
    }

    Callbacks over(Callbacks callbacks) {
        return new Callbacks() {
            @Override
            public Answer post(String connectionId, byte[] text) {
                if (text.length > mostPostBytes) {
                    return Answer.TOO_LARGE;
                }
                if (random.nextInt(100) < busyIn100) {
                    busy.incrementAndGet();
                    return Answer.BUSY;
                }
                if (isEarly(early(connectionId).posts())) {
                    return Answer.GONE;
                }
                return callbacks.post(connectionId, text);
            }

            @Override
            public Answer describe(String connectionId) {
                return isEarly(early(connectionId).describes()) ? Answer.GONE : callbacks.describe(connectionId);
            }

            @Override
            public void close(String connectionId, int code, String reason) {
                callbacks.close(connectionId, code, reason);
            }
        };
    }

    BackEnd over(BackEnd backEnd) {
        return (GatewayEvent event, Integration integration) -> switch (event.cause()) {
            case GatewayEvent.Connect _ -> backEnd.call(event, integration);
            case GatewayEvent.Message _ -> delayed(() -> backEnd.call(event, integration));
            case GatewayEvent.Disconnect _ ->
                lost.remove(event.peer().connectionId()) || random.nextInt(100) < lostEndsIn100
                        ? CompletableFuture.completedStage(new Answer.Given(200, Map.of(), null, null))
                        : backEnd.call(event, integration);
        };
    }

    private <T> CompletionStage<T> delayed(Supplier<CompletionStage<T>> call) {
        long delayMs = delaysFrames ? Math.max(0, random.nextLong(2 * LONGEST_DELAY_MS) - LONGEST_DELAY_MS) : 0;
        return delayMs == 0
                ? call.get()
                : CompletableFuture.supplyAsync(call, CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS))
                        .thenCompose(answer -> answer);
    }
}
