package io.topicstream.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.DirectTopic;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicName;
import io.topicstream.people.Membership.Position;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.Seeds;
import io.topicstream.testkit.SteppedExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MembershipsTest {
    private static final int MOST = 3;
    private static final int MOST_CHATS = 4;

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor executor;
    private final InMemoryLog log;
    private final Memberships memberships;

    MembershipsTest() {
        executor = new SteppedExecutor(clock, new Random(Seeds.next("memberships")));
        log = new InMemoryLog(clock, executor, 7);
        memberships = new Memberships(new InMemoryStateStore(clock, executor), log, log, clock, MOST, MOST_CHATS);
    }

    private <T extends @Nullable Object> T answer(CompletionStage<T> stage) {
        executor.runAll();
        return stage.toCompletableFuture().join();
    }

    private boolean add(String topic) {
        return answer(memberships.add("ann", new TopicName(topic)));
    }

    private @Nullable String chat(String one, String other) {
        return answer(memberships.addChat(DirectTopic.of(one, other)));
    }

    @Test
    void chatsAndOtherTopicsAreCountedApart() {
        assertThat(add("a")).isTrue();
        for (int i = 0; i < MOST_CHATS; i++) {
            assertThat(chat("ann", "u" + i)).isNull();
        }
        assertThat(add("dm:")).isFalse();
        assertThat(add("b")).isTrue();
        assertThat(add("z")).isTrue();

        assertThat(add("zz")).isFalse();
        assertThat(add("aa")).isFalse();
        assertThat(chat("ann", "one.more")).isEqualTo("ann");
        assertThat(add("a")).isTrue();
        assertThat(chat("u0", "ann")).isNull();
        assertThat(answer(memberships.list("ann"))).hasSize(MOST + MOST_CHATS);

        answer(memberships.remove("ann", DirectTopic.of("ann", "u0").name()));
        assertThat(chat("ann", "one.more")).isNull();
    }

    @Test
    void whereOneHasNoRoomNeitherHasTheChat() {
        for (int i = 0; i < MOST_CHATS; i++) {
            chat("bob", "u" + i);
        }

        assertThat(chat("ann", "bob")).isEqualTo("bob");

        assertThat(answer(memberships.list("ann"))).isEmpty();
        assertThat(answer(memberships.list("bob"))).hasSize(MOST_CHATS);
    }

    @Test
    void aChatThatOneHasLeftIsOfBothAgain() {
        TopicName topic = DirectTopic.of("ann", "bob").name();
        chat("ann", "bob");
        answer(memberships.remove("bob", topic));
        assertThat(answer(memberships.list("bob"))).isEmpty();

        assertThat(chat("ann", "bob")).isNull();

        assertThat(answer(memberships.list("bob"))).containsExactly(topic);
        assertThat(answer(memberships.list("ann"))).containsExactly(topic);
        assertThat(chat("ann", "ann")).isNull();
        assertThat(answer(memberships.list("ann"))).hasSize(2);
    }

    /// Each sends when the chat is of both: who joins from the place that is stored hears all of it.
    @Test
    void ofManyAtOnceTheOneThatComesFirstSaysFromWhere() {
        for (int round = 0; round < 100; round++) {
            DirectTopic chat = DirectTopic.of("ann" + round, "bob");
            int sends = 5;
            List<CompletionStage<?>> all = new ArrayList<>();
            for (int i = 0; i < sends; i++) {
                all.add(memberships.addChat(chat).thenAccept(full -> append(chat.name())));
            }
            executor.runAll();
            all.forEach(stage -> stage.toCompletableFuture().join());
            executor.runAll();

            assertThat(answer(log.extent(chat.name())).nextOffset()).isEqualTo(sends + 1);
            for (String user : List.of("ann" + round, "bob")) {
                Membership membership = Objects.requireNonNull(answer(memberships.find(user, chat.name())));
                assertThat(membership.position()).isEqualTo(new Position(7, 1));
            }
            answer(memberships.remove("bob", chat.name()));
        }
    }

    private void append(TopicName topic) {
        log.append(
                new Append(
                        topic,
                        List.of(new Draft(new byte[] {'1'}, null, null)),
                        null,
                        "",
                        Append.ANY_OFFSET,
                        Lane.DIRECT) {
                    @Override
                    public void onAnswered(AppendResult result) {}
                });
    }
}
