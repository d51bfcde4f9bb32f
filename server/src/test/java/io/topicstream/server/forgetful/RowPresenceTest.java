package io.topicstream.server.forgetful;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.TopicName;
import io.topicstream.people.Presence;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.TestPeople;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RowPresenceTest {
    private static final TopicName ROOM = new TopicName("room:tea");

    private final InstantSource clock = InstantSource.system();
    private final ExecutorService engine = Executors.newSingleThreadExecutor();
    private final ExecutorService functions = Executors.newVirtualThreadPerTaskExecutor();
    private final StateStore store = new InMemoryStateStore(clock, engine);
    private final Presence presence = new RowPresence(
            TestPeople.policies(),
            store,
            new ConnectionRows(store, clock, UnaryOperator.identity()),
            new Runs(functions, _ -> {}),
            Duration.ZERO,
            clock,
            _ -> false,
            _ -> {},
            (_, _, _) -> {});

    @AfterEach
    void end() {
        engine.shutdownNow();
        functions.shutdownNow();
    }

    @Test
    void whatIsAskedOnTheEnginesThreadKeepsItFromNothing() throws Exception {
        CompletionStage<Long> asked = store.get("t", "k")
                .thenCompose(_ -> presence.members(ROOM, "", 1))
                .thenCompose(_ -> presence.online(List.of("ann")))
                .thenCompose(_ -> presence.crowds("room:", "", 1))
                .thenCompose(_ -> store.get("t", "k"))
                .thenCompose(_ -> presence.crowd(ROOM))
                .thenApply(Presence.Crowd::users);

        assertThat(asked.toCompletableFuture().get(20, TimeUnit.SECONDS)).isZero();
    }
}
