package io.topicstream.people;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.access.ApiKey;
import io.topicstream.access.ApiKeys;
import io.topicstream.access.DirectTopic;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Extent;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.FixedPresence;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import io.topicstream.testkit.TestPeople;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A user is erased: what goes, what of others stays, and that a server which ends does not end it.
class ErasuresTest {
    private static final TopicName CHAT = DirectTopic.of("ann", "bob").name();
    private static final TopicName NOTES = DirectTopic.of("ann", "ann").name();
    private static final TopicName ROOM = new TopicName("room:tea");

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor executor = new SteppedExecutor(clock);
    private final InMemoryLog log = new InMemoryLog(clock, executor, 7);
    private final InMemoryStateStore state = new InMemoryStateStore(clock, executor);
    private final Memberships memberships = new Memberships(state, log, log, clock, 10, 10);
    private final People people = TestPeople.of(state, log, log, memberships, new FixedPresence(), clock);
    private final ApiKeys keys = new ApiKeys(state, new Random(1), clock);
    private final Erasures erasures = node();

    private Erasures node() {
        return new Erasures(state, log, people.redactions(), new UserPlaces(state, people, keys), clock, executor);
    }

    @Test
    void whatTheUserSaidAndAllThatIsKeptOfHimGoesAndWhatOthersSaidStays() {
        for (int i = 0; i < 5; i++) {
            publish(ROOM, "ann", "ann " + i);
            publish(ROOM, "bob", "bob " + i);
        }
        publish(CHAT, "ann", "secret");
        publish(CHAT, "bob", "mine");
        publish(NOTES, "ann", "note");
        publish(new TopicName("others"), "bob", "alone");
        get(memberships.add("ann", ROOM));
        get(memberships.add("bob", ROOM));
        get(people.rooms().put(ROOM, "ann", Rooms.Change.of("of ann"), false));
        get(people.receipts().store("ann", ROOM, new Progress(3, 2)));
        get(people.receipts().store("bob", ROOM, new Progress(3, 2)));
        get(state.advance(PresenceRecords.LAST_SEEN, "ann", 1));
        get(keys.create("ann", null));
        get(keys.create("bob", null));

        assertThat(get(erasures.begin("ann")).isDone()).isFalse();
        settle();

        Erasure done = get(erasures.find("ann"));
        assertThat(done).isNotNull();
        assertThat(done.isDone()).isTrue();
        assertThat(done.messages()).isEqualTo(6);
        assertThat(done.topics()).isEqualTo(4);
        assertThat(get(keys.list())).extracting(ApiKey::name).containsExactly("bob");
        assertThat(payloads(ROOM)).containsExactly("", "bob 0", "", "bob 1", "", "bob 2", "", "bob 3", "", "bob 4");
        assertThat(read(ROOM)).extracting(Message::from).doesNotContain("ann").contains("bob");
        assertThat(payloads(CHAT)).containsExactly("", "mine");
        assertThat(payloads(NOTES)).isEmpty();
        assertThat(get(log.extent(NOTES))).isEqualTo(new Extent(7, 2, 2));
        assertThat(get(memberships.list("ann"))).isEmpty();
        assertThat(get(memberships.list("bob"))).containsExactly(ROOM);
        assertThat(get(people.receipts().find("ann", ROOM))).isEqualTo(new Progress(0, 0));
        assertThat(get(people.receipts().isKnown(ROOM, "ann"))).isFalse();
        assertThat(get(people.receipts().find("bob", ROOM))).isEqualTo(new Progress(3, 2));
        assertThat(get(people.rooms().find(ROOM))).isNull();
        assertThat(get(state.get(PresenceRecords.LAST_SEEN, "ann"))).isNull();
        clock.advance(Duration.ofMillis(Erasures.KEPT_MS + 1));
        assertThat(get(erasures.find("ann")))
                .as("nothing says that there was one")
                .isNull();
    }

    @Test
    void aServerThatEndsIsFollowedByOneThatGoesOnWhereItWas() {
        for (int topic = 100; topic < 400; topic++) {
            publish(new TopicName("t" + topic), "ann", "said");
        }
        get(erasures.begin("ann"));
        executor.advance(Duration.ofMillis(5));
        Erasure before = get(erasures.find("ann"));
        assertThat(before).isNotNull();
        assertThat(before.isDone()).isFalse();
        assertThat(before.topics()).isGreaterThan(0).isLessThan(300);
        assertThat(before.after()).startsWith("t");
        erasures.stop();
        executor.advance(Duration.ofMinutes(1));
        Erasure left = get(erasures.find("ann"));
        assertThat(left).isNotNull();
        assertThat(left.isDone()).isFalse();

        node().resume();
        settle();

        Erasure done = get(erasures.find("ann"));
        assertThat(done).isNotNull();
        assertThat(done.isDone()).isTrue();
        assertThat(done.messages()).isEqualTo(300);
        for (int topic = 100; topic < 400; topic++) {
            assertThat(payloads(new TopicName("t" + topic))).containsExactly("");
        }
    }

    @Test
    void twoNodesAtOnceDoItOnce() {
        for (int topic = 100; topic < 300; topic++) {
            publish(new TopicName("t" + topic), "ann", "said");
        }
        get(erasures.begin("ann"));
        node().resume();
        settle();

        Erasure done = get(erasures.find("ann"));
        assertThat(done).isNotNull();
        assertThat(done.isDone()).isTrue();
        assertThat(done.topics()).isEqualTo(200);
    }

    @Test
    void oneAfterTheOtherIsErasedAndMayBeErasedAgain() {
        publish(ROOM, "ann", "1");
        publish(ROOM, "bob", "2");
        get(erasures.begin("ann"));
        get(erasures.begin("bob"));
        settle();
        publish(ROOM, "ann", "3");

        assertThat(payloads(ROOM)).containsExactly("", "", "3");
        get(erasures.begin("ann"));
        settle();
        assertThat(payloads(ROOM)).containsExactly("", "", "");
    }

    @Test
    void theRecordIsReadAsItWasWritten() {
        Erasure erasure = new Erasure(false, 1, 0, 3, 4, "room:tea");

        assertThat(Erasure.decode(erasure.encode())).isEqualTo(erasure);
        assertThat(Erasure.decode(erasure.done(9).encode())).isEqualTo(new Erasure(true, 1, 9, 3, 4, ""));
        byte[] other = erasure.encode();
        other[0] = 2;
        assertThatThrownBy(() -> Erasure.decode(other)).hasMessageContaining("version 2");
        assertThatThrownBy(() -> Erasure.decode(new byte[] {1, 0, 0})).hasMessageContaining("cut off");
    }

    // ---- short ways

    private void publish(TopicName topic, String user, String said) {
        byte[] payload = said.getBytes(StandardCharsets.UTF_8);
        var _ = log.append(
                new Append(
                        topic,
                        List.of(new Draft(payload, null, null)),
                        user,
                        "u:" + user,
                        Append.ANY_OFFSET,
                        Lane.DIRECT) {
                    @Override
                    public void onAnswered(AppendResult result) {
                        assertThat(result).isInstanceOf(AppendResult.Appended.class);
                    }
                });
        executor.runAll();
    }

    private List<Message> read(TopicName topic) {
        return get(log.read(topic, 1, Direction.FORWARD, 1_000, 1 << 20)).messages();
    }

    private List<String> payloads(TopicName topic) {
        return read(topic).stream()
                .map(message -> new String(message.payload(), StandardCharsets.UTF_8))
                .toList();
    }

    private void settle() {
        executor.advance(Duration.ofMinutes(1));
    }

    private <T extends @Nullable Object> T get(CompletionStage<T> stage) {
        executor.runAll();
        assertThat(stage.toCompletableFuture()).isCompleted();
        return stage.toCompletableFuture().join();
    }
}
