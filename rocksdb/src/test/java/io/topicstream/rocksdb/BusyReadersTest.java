package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.Direction;
import io.topicstream.log.Lane;
import io.topicstream.log.Page;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Many reads hold up each other, and nothing else: all readers stand still here until the test lets them go.
@Timeout(60)
class BusyReadersTest {
    private static final TopicName COLD = new TopicName("room:cold");
    private static final int READERS = 2;

    @TempDir
    private Path directory;

    private final CountDownLatch gate = new CountDownLatch(1);
    private final List<CompletionStage<?>> waiting = new ArrayList<>();
    private RocksLog log;

    @BeforeEach
    void holdTheReaders() throws Exception {
        try (RocksLog before = RocksLog.open(directory, StoreUnderTest.small())) {
            for (String topic : List.of("room:cold", "room:other")) {
                Publish publish = new Publish(topic, "1", "id-1", -1);
                before.append(publish);
                publish.await();
            }
            before.state()
                    .put("p", "k", new byte[1], StateStore.ANY_VERSION, StateStore.NEVER)
                    .toCompletableFuture()
                    .get();
        }
        log = RocksLog.open(directory, StoreUnderTest.small().withReaderThreads(READERS));
        CountDownLatch held = new CountDownLatch(READERS);
        for (int i = 0; i < READERS; i++) {
            waiting.add(log.onAReader(() -> {
                held.countDown();
                gate.await();
            }));
        }
        held.await();
        for (int i = 0; i < 100; i++) {
            waiting.add(log.read(new TopicName("room:other"), 1, Direction.FORWARD, 10, 1000));
            waiting.add(log.topics("", "", 1000));
        }
    }

    @AfterEach
    void letThemGo() {
        gate.countDown();
        log.close();
        assertThat(waiting).allMatch(each -> each.toCompletableFuture().isDone());
        assertThat(log.openHandles()).isZero();
    }

    @Test
    void anAppendToAColdTopicIsStored() throws Exception {
        Publish publish = new Publish(COLD.value(), "2", "id-2", 2);

        log.append(publish);

        assertThat(publish.await()).isInstanceOf(Appended.class);
    }

    @Test
    void whoFollowsAColdTopicIsAnswered() {
        HeardFollower follower = new HeardFollower();

        log.follow(COLD, Lane.DIRECT, follower);

        await().until(() -> follower.heard.contains("followed 2"));
    }

    @Test
    void stateRecordsAreReadAndChanged() throws Exception {
        StateStore state = log.state();

        assertThat(answer(state.get("p", "k"))).isNotNull();
        assertThat(answer(state.put("p", "new", new byte[1], StateStore.ABSENT, StateStore.NEVER)))
                .isPositive();
        assertThat(answer(state.advance("p", "number", 3))).isEqualTo(3);
        assertThat(answer(state.delete("p", "k", StateStore.ANY_VERSION))).isTrue();
    }

    @Test
    void theExtentOfAColdTopicIsTold() throws Exception {
        assertThat(answer(log.extent(COLD)).nextOffset()).isEqualTo(2);
    }

    @Test
    void listsLeaveTheReadersToPages() throws Exception {
        gate.countDown();
        List<CompletableFuture<List<TopicExtent>>> lists = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            lists.add(log.topics("", "", 1000).toCompletableFuture());
        }

        Page page = answer(log.read(COLD, 1, Direction.FORWARD, 10, 1000));

        assertThat(page.messages()).hasSize(1);
        assertThat(lists.getLast()).as("the page went ahead of the lists").isNotDone();
        assertThat(lists.getLast().get(30, TimeUnit.SECONDS)).hasSize(2);
    }

    private static <T> T answer(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
}
