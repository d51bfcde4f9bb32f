package io.topicstream.topic;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.log.Details;
import io.topicstream.log.Headers;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.MessageLists;
import io.topicstream.testkit.RecordingListener;
import io.topicstream.testkit.SteppedExecutor;
import io.topicstream.testkit.SteppedLane;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BroadcastTest {
    private static final TopicName TOPIC = new TopicName("t");

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor loop = new SteppedExecutor(clock);
    private final InMemoryLog log = new InMemoryLog(clock, loop, 1);
    private final DeliveryLane lane = new SteppedLane(log, log, loop);
    private final LaneTopic topic = new LaneTopic(lane, TOPIC);
    private final Broadcast broadcast = new Broadcast(lane, TOPIC);
    private final MessageLists words = new MessageLists();
    private final MessageLists otherWords = new MessageLists();
    private final List<RecordingListener> listeners = new ArrayList<>();
    private final List<Subscription> subscriptions = new ArrayList<>();

    private Subscription add(MessageLists encoding) {
        return add(new RecordingListener("c" + listeners.size(), encoding));
    }

    private Subscription add(RecordingListener listener) {
        Subscription subscription = new Subscription(listener, topic);
        listeners.add(listener);
        subscriptions.add(subscription);
        broadcast.add(subscription);
        return subscription;
    }

    private static Message message(long offset, @Nullable String withheldFrom) {
        return new Message(
                offset,
                5,
                null,
                null,
                "x".getBytes(UTF_8),
                new Details(Message.Kind.JSON, null, Headers.NONE, null, null, withheldFrom));
    }

    private static List<Message> run(long first, long last) {
        List<Message> messages = new ArrayList<>();
        for (long offset = first; offset <= last; offset++) {
            messages.add(message(offset, null));
        }
        return messages;
    }

    private List<List<String>> heard() {
        return listeners.stream().map(RecordingListener::heard).toList();
    }

    @Test
    void aRunIsEncodedOnceForEachEncodingThatSomebodyHas() {
        add(words);
        add(otherWords);
        add(words);

        broadcast.begin(run(1, 2));
        int left = broadcast.walk(10);

        assertThat(left).isEqualTo(7);
        assertThat(broadcast.isUnderWay()).isFalse();
        assertThat(words.made()).containsExactly("1-2");
        assertThat(otherWords.made()).containsExactly("1-2");
        assertThat(heard()).containsExactly(List.of("1 x", "2 x"), List.of("1 x", "2 x"), List.of("1 x", "2 x"));
        assertThat(lane.delivered).isEqualTo(6);
    }

    @Test
    void nothingIsEncodedForNobody() {
        broadcast.remove(add(words));

        broadcast.begin(run(1, 1));

        assertThat(broadcast.walk(5)).isEqualTo(5);
        assertThat(words.made()).isEmpty();
    }

    @Test
    void aSliceEndsAfterSoManyListenersAndTheNextGoesOnThere() {
        for (int i = 0; i < 5; i++) {
            add(i < 3 ? words : otherWords);
        }
        broadcast.begin(run(1, 1));

        List<Integer> left = new ArrayList<>();
        List<Long> heardBySlice = new ArrayList<>();
        while (broadcast.isUnderWay()) {
            left.add(broadcast.walk(2));
            heardBySlice.add(heard().stream().filter(one -> !one.isEmpty()).count());
        }

        assertThat(left).containsExactly(Broadcast.UNFINISHED, Broadcast.UNFINISHED, 1);
        assertThat(heardBySlice).containsExactly(2L, 2L, 1L);
    }

    @Test
    void whoJoinsDuringARunBeginsAfterIt() {
        add(words);
        add(words);
        broadcast.begin(run(1, 1));
        broadcast.walk(1);

        add(words);
        add(otherWords);
        int left = broadcast.walk(10);
        List<List<String>> first = heard();
        broadcast.begin(run(2, 2));
        broadcast.walk(10);

        assertThat(left).isEqualTo(9);
        assertThat(first).containsExactly(List.of("1 x"), List.of("1 x"), List.of(), List.of());
        assertThat(heard()).allMatch(List.of("2 x")::equals);
        assertThat(otherWords.made()).containsExactly("2-2");
    }

    @Test
    void whoLeavesDuringARunIsPassedOverAndNobodyElseIs() {
        for (int i = 0; i < 6; i++) {
            add(words);
        }
        broadcast.begin(run(1, 1));
        broadcast.walk(3);

        broadcast.remove(subscriptions.get(1));
        broadcast.remove(subscriptions.get(4));
        broadcast.walk(10);
        List<List<String>> first = heard();
        broadcast.begin(run(2, 2));
        int left = broadcast.walk(10);

        assertThat(first)
                .containsExactly(
                        List.of("1 x"), List.of("1 x"), List.of("1 x"), List.of("1 x"), List.of(), List.of("1 x"));
        // Their places are closed.
        assertThat(left).isEqualTo(6);
        assertThat(heard())
                .containsExactly(List.of("2 x"), List.of(), List.of("2 x"), List.of("2 x"), List.of(), List.of("2 x"));
        assertThat(lane.liveSubscriptions()).isEqualTo(4);
    }

    @Test
    void whoseSocketIsFullFallsBehindAtTheFirstOffsetOfTheRun() {
        Subscription takes = add(words);
        Subscription full = add(words);
        listeners.get(1).setWritable(false);

        broadcast.begin(run(7, 9));
        broadcast.walk(10);

        assertThat(takes.state).isEqualTo(Subscription.State.LIVE);
        assertThat(full.state).isEqualTo(Subscription.State.CATCHING_UP);
        assertThat(full.next).isEqualTo(7);
        assertThat(heard()).containsExactly(List.of("7 x", "8 x", "9 x"), List.of());
        assertThat(lane.liveSubscriptions()).isEqualTo(1);
        assertThat(lane.catchingUpSubscriptions()).isEqualTo(1);
        assertThat(lane.delivered).isEqualTo(3);
    }

    @Test
    void aSocketThatFillsBetweenTwoSlicesFallsBehindOnlyIfItHasNotHadTheRun() {
        Subscription served = add(words);
        Subscription notServed = add(words);
        broadcast.begin(run(7, 9));
        broadcast.walk(1);

        listeners.forEach(listener -> listener.setWritable(false));
        broadcast.walk(10);

        assertThat(served.state).isEqualTo(Subscription.State.LIVE);
        assertThat(notServed.state).isEqualTo(Subscription.State.CATCHING_UP);
        assertThat(notServed.next).isEqualTo(7);
    }

    @Test
    void oneWhoFailsFallsBehindAndKeepsTheOthersFromNothing() {
        Subscription fails = add(new RecordingListener("fails", words) {
            @Override
            protected boolean offer(Encoded run) {
                throw new IllegalStateException("on purpose");
            }
        });
        add(words);

        broadcast.begin(run(1, 1));
        broadcast.walk(10);

        assertThat(heard()).containsExactly(List.of(), List.of("1 x"));
        assertThat(fails.state).isEqualTo(Subscription.State.CATCHING_UP);
        assertThat(fails.next).isEqualTo(1);
    }

    @Test
    void whoIsClearedOutWantsTheRunUnlessItHasHadItOrCameAfterIt() {
        // The encoding that was added last is walked first.
        Subscription second = add(words);
        Subscription third = add(words);
        Subscription first = add(otherWords);
        broadcast.begin(run(7, 9));
        broadcast.walk(2);
        Subscription late = add(words);
        Subscription lateElsewhere = add(new MessageLists());

        List<Subscription> behind = broadcast.clear(10);

        assertThat(behind).containsExactlyInAnyOrder(first, second, third, late, lateElsewhere);
        assertThat(List.of(first.next, second.next, third.next, late.next, lateElsewhere.next))
                .containsExactly(10L, 10L, 7L, 10L, 10L);
        assertThat(broadcast.isUnderWay()).isFalse();
        assertThat(lane.liveSubscriptions()).isZero();
    }

    @Test
    void betweenRunsEverybodyWantsThePosition() {
        Subscription one = add(words);
        broadcast.begin(run(1, 3));
        broadcast.walk(10);

        assertThat(broadcast.clear(4)).containsExactly(one);
        assertThat(one.next).isEqualTo(4);
    }

    @Test
    void whatIsWithheldFromOneTheOthersGetAndTheRunIsNotKept() {
        add(words);
        add(words);

        broadcast.begin(List.of(message(1, "c1"), message(2, null)));
        broadcast.walk(10);

        assertThat(heard()).containsExactly(List.of("1 x", "2 x"), List.of("2 x"));
        assertThat(words.made()).containsExactly("1-2", "2-2");
        assertThat(broadcast.recentRun(words, 1)).isNull();
        assertThat(words.held()).isZero();
    }

    @Test
    void aRunIsKeptInItsEncodingUntilTheRecentOnesAreForgotten() {
        add(words);
        broadcast.begin(run(5, 6));
        broadcast.walk(10);

        Encoded kept = broadcast.recentRun(words, 5);
        assertThat(kept).isInstanceOf(MessageLists.Run.class);
        assertThat(((MessageLists.Run) kept).messages()).hasSize(2);
        assertThat(broadcast.recentRun(words, 6)).isNull();
        assertThat(broadcast.recentRun(otherWords, 5)).isNull();

        broadcast.forgetRecentRuns();
        assertThat(broadcast.recentRun(words, 5)).isNull();
        // The lane releases it when its turn comes.
        assertThat(words.held()).isEqualTo(1);
        lane.recentRuns.clear();
        assertThat(words.held()).isZero();
    }

    @Test
    void aSignalGoesToThoseWhoAreLiveOnceForEachEncoding() {
        add(words);
        add(words);
        add(otherWords);
        broadcast.remove(add(words));

        broadcast.signal("typing".getBytes(UTF_8), false);

        assertThat(heard())
                .containsExactly(
                        List.of("signal typing"), List.of("signal typing"), List.of("signal typing"), List.of());
        assertThat(words.made()).containsExactly("signal");
        assertThat(otherWords.made()).containsExactly("signal");
        assertThat(words.held()).isZero();
    }

    @Test
    void aRunThatOneEncodingFailsAtHasNotBegunAndLeaksNothing() {
        // The encoding that was added last comes first.
        Subscription fragile = add(otherWords);
        add(words);
        otherWords.failNext();

        assertThatThrownBy(() -> broadcast.begin(run(1, 1))).hasMessage("on purpose");

        assertThat(broadcast.isUnderWay()).isFalse();
        assertThat(heard()).allMatch(List::isEmpty);
        broadcast.begin(run(2, 2));
        broadcast.walk(10);
        assertThat(heard()).containsExactly(List.of("2 x"), List.of("2 x"));
        assertThat(fragile.state).isEqualTo(Subscription.State.LIVE);
        lane.recentRuns.clear();
        assertThat(words.held() + otherWords.held()).isZero();
    }
}
