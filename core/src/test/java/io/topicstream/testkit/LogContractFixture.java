package io.topicstream.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.Admission;
import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.Direction;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/// What the two log contracts share: an engine for each test, lanes that are closed (and asked what
/// went wrong on them) after it, and short ways to append and read.
@Timeout(120)
public abstract class LogContractFixture implements ShortWays {
    /// How long an answer may take before the test gives up; far more than any engine needs.
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /// One page as large as a test ever asks for.
    static final int ALL = 1_000_000;

    static final int ANY_SIZE = Integer.MAX_VALUE;

    static final TopicName TOPIC = new TopicName("room:1");
    static final TopicName OTHER = new TopicName("room:2");

    private final List<RecordingLane> lanes = new ArrayList<>();
    private LogUnderTest engine;
    private RecordingLane lane;

    /// Opens an engine with nothing in it.
    protected abstract LogUnderTest open() throws Exception;

    @BeforeEach
    protected void openTheEngine() throws Exception {
        engine = open();
        lane = newLane();
    }

    @AfterEach
    protected void closeTheEngineAndTheLanes() throws Exception {
        try (LogUnderTest ending = engine) {
            ending.shutDown();
        } finally {
            for (RecordingLane each : lanes) {
                each.close();
            }
        }
    }

    @Override
    public LogUnderTest engine() {
        return engine;
    }

    @Override
    public TopicLog log() {
        return engine.log();
    }

    @Override
    public RecordingLane lane() {
        return lane;
    }

    @Override
    public RecordingLane newLane() {
        RecordingLane made = RecordingLane.threaded("contract-" + (lanes.size() + 1));
        lanes.add(made);
        return made;
    }

    @Override
    public AppendResult answerTo(RecordingAppend append) {
        submit(append);
        return get(append.answer());
    }

    @Override
    public void submit(RecordingAppend append) {
        TopicLog log = log();
        if (log.append(append) == Admission.REFUSED) {
            await().atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> log.append(append) != Admission.REFUSED);
        }
    }

    @Override
    public Appended stored(RecordingAppend append) {
        return switch (answerTo(append)) {
            case Appended appended -> appended;
            case AppendResult.Conflict conflict -> fail("not stored: " + conflict);
            case AppendResult.IdConflict conflict -> fail("not stored: " + conflict);
            case AppendResult.Unavailable unavailable -> fail("not stored: " + unavailable);
        };
    }

    @Override
    public void store(TopicName topic, String... json) {
        for (String each : json) {
            stored(RecordingAppend.to(topic).message(each).on(lane));
        }
    }

    @Override
    public void storeNumbers(TopicName topic, int count) {
        for (int from = 1; from <= count; from += 100) {
            RecordingAppend.Builder append = RecordingAppend.to(topic);
            for (int i = from; i < from + 100 && i <= count; i++) {
                append.message(Integer.toString(i));
            }
            stored(append.on(lane));
        }
    }

    @Override
    public Page forward(TopicName topic, long from, int maxMessages) {
        return get(log().read(topic, from, Direction.FORWARD, maxMessages, ANY_SIZE));
    }

    @Override
    public Page backward(TopicName topic, long from, int maxMessages) {
        return get(log().read(topic, from, Direction.BACKWARD, maxMessages, ANY_SIZE));
    }

    @Override
    public List<Message> all(TopicName topic) {
        List<Message> messages = new ArrayList<>();
        long from = 1;
        while (true) {
            Page page = forward(topic, from, ALL);
            if (page.messages().isEmpty()) {
                return messages;
            }
            messages.addAll(page.messages());
            from = page.messages().getLast().offset() + 1;
        }
    }

    @Override
    public Extent extent(TopicName topic) {
        return get(log().extent(topic));
    }

    @Override
    public List<TopicExtent> topics() {
        return get(log().topics("", "", ALL));
    }

    static List<String> payloads(List<Message> messages) {
        return messages.stream().map(LogContractFixture::text).toList();
    }

    static List<Long> offsets(List<Message> messages) {
        return messages.stream().map(Message::offset).toList();
    }

    static String text(Message message) {
        return new String(message.payload(), StandardCharsets.UTF_8);
    }

    static List<Long> range(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    static void assertUnbroken(List<Long> offsets, long first, long last) {
        assertThat(offsets).as("offsets").isEqualTo(range(first, last));
    }

    /// Waits until the condition holds.
    static void awaitUntil(String what, Callable<Boolean> condition) {
        await(what)
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .until(condition);
    }

    static <T> T get(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("no answer within " + PATIENCE, e);
        } catch (ExecutionException e) {
            throw new AssertionError("the answer is a failure: " + e.getCause(), e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while waiting for an answer", e);
        }
    }

    /// What the stage fails with.
    static Throwable failureOf(CompletionStage<?> stage) {
        try {
            Object value = stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            throw new AssertionError("answered, not failed: " + value);
        } catch (TimeoutException e) {
            throw new AssertionError("no answer within " + PATIENCE, e);
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while waiting for an answer", e);
        }
    }

    /// Runs the tasks at once, each on a thread of its own, and throws what the first of them threw.
    static void together(List<? extends Callable<?>> tasks) throws Exception {
        try (var threads = java.util.concurrent.Executors.newFixedThreadPool(tasks.size())) {
            var start = new java.util.concurrent.CountDownLatch(1);
            var futures = tasks.stream()
                    .map(task -> threads.submit(() -> {
                        start.await();
                        return task.call();
                    }))
                    .toList();
            start.countDown();
            for (var future : futures) {
                try {
                    future.get(PATIENCE.toSeconds() * 2, TimeUnit.SECONDS);
                } catch (ExecutionException e) {
                    threads.shutdownNow();
                    throw e.getCause() instanceof Exception cause ? cause : e;
                }
            }
        }
    }
}
