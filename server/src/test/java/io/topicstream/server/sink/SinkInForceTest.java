package io.topicstream.server.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.event.EventLog;
import io.topicstream.events.SinkRecord;
import io.topicstream.events.admin.SinkAdmin;
import io.topicstream.log.Direction;
import io.topicstream.log.TopicName;
import io.topicstream.people.PresenceEvents;
import io.topicstream.server.Engine;
import io.topicstream.signal.SystemTopics;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What an administrator was answered is in force: over a store whose answers the test holds back.
class SinkInForceTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String WANTS = "{\"url\":\"http://127.0.0.1:9\",\"also\":[\"presence\"]}";

    private final Engine engine = Engine.inMemory(InstantSource.system());
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final EventLog events = new EventLog(engine.log(), false, InstantSource.system());
    private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();
    private volatile boolean holds;
    private final Sinks sinks = new Sinks(
            List.of(),
            Set.of(),
            _ -> true,
            EventWish.AUTO,
            events,
            engine.log(),
            engine.feed(),
            slow(engine.state()),
            engine.ephemeral(),
            InstantSource.system(),
            new SecureRandom(),
            thread,
            (task, delayMs) -> {
                var _ = thread.schedule(task, delayMs, TimeUnit.MILLISECONDS);
            });
    private final SinkAdmin admin = new SinkAdmin(sinks.parts());

    @AfterEach
    void stop() {
        holds = false;
        release();
        sinks.stop().toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
        thread.shutdownNow();
        engine.close().run();
    }

    /// Pages of sinks that the sinks' thread asks for come when the test lets them; an administrator's at once.
    private StateStore slow(StateStore store) {
        return (StateStore) Proxy.newProxyInstance(
                StateStore.class.getClassLoader(), new Class<?>[] {StateStore.class}, (_, method, arguments) -> {
                    Object answer;
                    try {
                        answer = method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    boolean isOfTheSinks = holds
                            && method.getName().equals("scan")
                            && arguments[0].equals(SinkRecord.SINKS)
                            && arguments[3].equals(SinkRecord.MOST + 1);
                    if (!isOfTheSinks) {
                        return answer;
                    }
                    CompletableFuture<StatePage> later = new CompletableFuture<>();
                    StatePage page = (StatePage)
                            ((CompletionStage<?>) answer).toCompletableFuture().join();
                    held.add(() -> later.complete(page));
                    return later;
                });
    }

    private void release() {
        for (Runnable each = held.poll(); each != null; each = held.poll()) {
            each.run();
        }
    }

    private String written() {
        return engine
                .log()
                .read(SystemTopics.PRESENCE_EVENTS, 1, Direction.FORWARD, 10, 1 << 20)
                .toCompletableFuture()
                .join()
                .messages()
                .stream()
                .map(message -> new String(message.payload(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("\n"));
    }

    @Test
    void whatHappensAfterTheAnswerIsWrittenDown() {
        PresenceEvents presence = events;
        presence.joined(new TopicName("room:lobby"), "ann");
        assertThat(written()).isEmpty();

        // A page is under way that was read before the sink was stored.
        holds = true;
        CompletionStage<Void> before = sinks.read();
        await().atMost(PATIENCE).until(() -> held.size() == 1);
        CompletableFuture<SinkAdmin.Answer> made =
                admin.put("hook", WANTS.getBytes(StandardCharsets.UTF_8)).toCompletableFuture();
        await().atMost(PATIENCE)
                .until(() -> engine.state()
                                .get(SinkRecord.SINKS, "hook")
                                .toCompletableFuture()
                                .join()
                        != null);
        release();
        before.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
        await().atMost(PATIENCE).until(() -> held.size() == 1);
        assertThat(made).isNotDone();

        release();
        assertThat(made.orTimeout(20, TimeUnit.SECONDS).join()).isInstanceOf(SinkAdmin.Answer.Done.class);
        presence.joined(new TopicName("room:lobby"), "bob");
        await().atMost(PATIENCE).until(() -> !written().isEmpty());
        assertThat(written()).contains("\"subject\":\"bob\"").doesNotContain("ann");

        holds = false;
        assertThat(admin.delete("hook")
                        .toCompletableFuture()
                        .orTimeout(20, TimeUnit.SECONDS)
                        .join())
                .isInstanceOf(SinkAdmin.Answer.Done.class);
        presence.left(new TopicName("room:lobby"), "bob");
        assertThat(written()).doesNotContain("presence.left");
    }
}
