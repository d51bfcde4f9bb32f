package io.topicstream.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.From;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ServerFrame;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// What a subscription makes of what a server, or the network between, may do to its order.
class ContinuityTest {
    private static final TopicName TOPIC = new TopicName("t");

    /// Runs one subscription against a peer and waits until its listener was told this.
    private static void expect(From from, ScriptedPeer.Script script, String... told) throws Exception {
        try (ScriptedPeer peer = new ScriptedPeer(script);
                TopicStreamClient client =
                        TopicStreamClient.builder(peer.address()).build()) {
            Recorder recorder = new Recorder();
            client.subscribe("t", from, recorder);
            client.connect().join();
            await().untilAsserted(() -> assertThat(recorder.told).containsExactly(told));
        }
    }

    private interface OnSubscribe extends ScriptedPeer.Script {
        void onSubscribe(ScriptedPeer.Conversation peer, ClientFrame.Subscribe subscribe);

        default void onRead(ScriptedPeer.Conversation peer, Query.Read read) {
            peer.close(4000, "nothing is missing after " + read.after());
        }

        @Override
        default void onFrame(ScriptedPeer.Conversation peer, int number, ClientFrame frame) {
            if (frame instanceof ClientFrame.Subscribe subscribe) {
                onSubscribe(peer, subscribe);
            } else if (frame instanceof Query.Read read) {
                onRead(peer, read);
            }
        }
    }

    @Test
    void repeatsAreDropped() throws Exception {
        expect(
                From.NEW,
                (OnSubscribe) (peer, subscribe) -> {
                    peer.subscribed(subscribe, 1, 1, 5, true);
                    peer.messages(TOPIC, 4, 5, 5, 6, 5, 6, 7);
                },
                "5",
                "6",
                "7");
    }

    @Test
    void arraysOfMessagesAreTaken() throws Exception {
        expect(
                new From.Earliest(),
                (OnSubscribe) (peer, subscribe) -> {
                    peer.subscribed(subscribe, 1, 1, 4, true);
                    peer.array(TOPIC, 1, 2, 3);
                },
                "1",
                "2",
                "3");
    }

    @Test
    void aGapIsReadBeforeGoingOn() throws Exception {
        expect(
                From.NEW,
                new OnSubscribe() {
                    @Override
                    public void onSubscribe(ScriptedPeer.Conversation peer, ClientFrame.Subscribe subscribe) {
                        peer.subscribed(subscribe, 1, 1, 1, true);
                        peer.messages(TOPIC, 1, 5);
                    }

                    @Override
                    public void onRead(ScriptedPeer.Conversation peer, Query.Read read) {
                        if (read.after() == 1) {
                            peer.messages(TOPIC, 6);
                            peer.page(read, 1, 1, 7, 2, 3);
                        } else {
                            assertThat(read.after()).isEqualTo(3);
                            peer.page(read, 1, 1, 7, 4, 5, 6);
                            peer.messages(TOPIC, 7);
                        }
                    }
                },
                "1",
                "2",
                "3",
                "4",
                "5",
                "6",
                "7");
    }

    @Test
    void aGapWhoseMessagesAreGoneIsToldAsTruncated() throws Exception {
        expect(
                From.NEW,
                new OnSubscribe() {
                    @Override
                    public void onSubscribe(ScriptedPeer.Conversation peer, ClientFrame.Subscribe subscribe) {
                        peer.subscribed(subscribe, 4, 1, 1, true);
                        peer.messages(TOPIC, 1, 9);
                    }

                    @Override
                    public void onRead(ScriptedPeer.Conversation peer, Query.Read read) {
                        peer.page(read, 4, 8, 10, 8, 9);
                    }
                },
                "1",
                "truncated 4 8",
                "8",
                "9");
    }

    @Test
    void whatWasAskedForAndIsGoneIsToldAsTruncated() throws Exception {
        expect(
                new From.Resume(2, 3),
                (OnSubscribe) (peer, subscribe) -> {
                    peer.subscribed(subscribe, 2, 10, 12, false);
                    peer.say(new ServerFrame.Truncated(TOPIC, 2, 10));
                    peer.messages(TOPIC, 10, 11);
                },
                "truncated 2 10",
                "10",
                "11");
    }

    @Test
    void anotherLifeOfTheLogIsToldAndFollowed() throws Exception {
        expect(
                new From.Resume(2, 30),
                (OnSubscribe) (peer, subscribe) -> {
                    peer.subscribed(subscribe, 5, 1, 12, false);
                    peer.say(new ServerFrame.Reset(TOPIC, 5, 10));
                    peer.messages(TOPIC, 11, 12);
                },
                "reset 5 10",
                "11",
                "12");
    }

    @Test
    void anotherLifeOfTheLogInTheMiddleOfASubscriptionIsTold() throws Exception {
        expect(
                From.NEW,
                (OnSubscribe) (peer, subscribe) -> {
                    peer.subscribed(subscribe, 2, 1, 9, true);
                    peer.messages(TOPIC, 9, 10, 11);
                    peer.say(new ServerFrame.Reset(TOPIC, 5, 9));
                    peer.messages(TOPIC, 10, 11, 12);
                },
                "9",
                "10",
                "11",
                "reset 5 9",
                "10",
                "11",
                "12");
    }

    @Test
    void aResetBeyondWhatIsBeingReadLeavesNothingOut() throws Exception {
        expect(
                From.NEW,
                new OnSubscribe() {
                    private int times;

                    @Override
                    public void onSubscribe(ScriptedPeer.Conversation peer, ClientFrame.Subscribe subscribe) {
                        peer.subscribed(subscribe, 2, 1, 1, true);
                        peer.messages(TOPIC, 1, 8);
                    }

                    @Override
                    public void onRead(ScriptedPeer.Conversation peer, Query.Read read) {
                        assertThat(read.after()).isEqualTo(1);
                        if (times++ == 0) {
                            peer.say(new ServerFrame.Reset(TOPIC, 5, 4));
                        } else {
                            peer.page(read, 5, 1, 5, 2, 3, 4);
                            peer.messages(TOPIC, 5);
                        }
                    }
                },
                "1",
                "2",
                "3",
                "4",
                "5");
    }

    @Test
    void aRefusedSubscriptionEndsWithTheReason() throws Exception {
        expect(
                From.NEW,
                (OnSubscribe) (peer, subscribe) ->
                        peer.say(new ServerFrame.Error(subscribe.id(), ErrorCode.FORBIDDEN, "not yours", TOPIC, null)),
                "ended forbidden: not yours");
    }

    @Test
    void aSubscriptionToARoomThatIsDeletedEnds() throws Exception {
        expect(
                From.NEW,
                (OnSubscribe) (peer, subscribe) -> {
                    peer.subscribed(subscribe, 5, 1, 1, true);
                    peer.say(new ServerFrame.RoomEnded(TOPIC));
                },
                "ended not_found: the room was deleted");
    }

    @Test
    void aServerThatCannotAnswerNowIsAskedAgain() throws Exception {
        expect(
                From.NEW,
                new OnSubscribe() {
                    private int times;

                    @Override
                    public void onSubscribe(ScriptedPeer.Conversation peer, ClientFrame.Subscribe subscribe) {
                        if (++times < 3) {
                            peer.say(new ServerFrame.Error(
                                    subscribe.id(), ErrorCode.UNAVAILABLE, "not now", TOPIC, null));
                        } else {
                            peer.subscribed(subscribe, 1, 1, 1, true);
                            peer.messages(TOPIC, 1);
                        }
                    }
                },
                "1");
    }

    @Test
    void whatIsNoFrameOfTheProtocolEndsTheConnectionNotTheClient() throws Exception {
        ScriptedPeer.Script script = new ScriptedPeer.Script() {
            @Override
            public void onOpen(ScriptedPeer.Conversation peer, int number) {
                peer.welcome();
                if (number == 1) {
                    peer.say("{\"type\":\"message\",\"topic\":");
                }
            }
        };
        try (ScriptedPeer peer = new ScriptedPeer(script);
                TopicStreamClient client = TopicStreamClient.builder(peer.address())
                        .backoff(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMillis(1))
                        .build()) {
            var _ = client.connect();

            await().until(() -> peer.connections() == 2);
        }
    }

    @Test
    void whatWaitsForAnswersIsBounded() throws Exception {
        try (ScriptedPeer peer = new ScriptedPeer(new ScriptedPeer.Script() {});
                TopicStreamClient client = TopicStreamClient.builder(peer.address())
                        .maxWaitingBytes(2000)
                        .build()) {
            client.connect().join();
            String large = "\"" + "x".repeat(1000) + "\"";

            CompletableFuture<Published> waits = client.publish("t", large);
            CompletableFuture<Published> refused = client.publish("t", large);

            assertThat(refused).isCompletedExceptionally();
            assertThatThrownBy(refused::join).hasCauseInstanceOf(TopicStreamException.BufferFull.class);
            assertThat(waits).isNotDone();
        }
    }

    @Test
    void whatIsNoJsonIsRefusedBeforeItIsSent() throws Exception {
        try (ScriptedPeer peer = new ScriptedPeer(new ScriptedPeer.Script() {});
                TopicStreamClient client =
                        TopicStreamClient.builder(peer.address()).build()) {
            for (String bad : List.of("", "{", "1,\"key\":\"k\"", "1}", "hello", "\"\uD800\"")) {
                assertThatThrownBy(() -> client.publish("t", bad)).as(bad).isInstanceOf(IllegalArgumentException.class);
            }
            assertThatThrownBy(() -> client.publish("no such name", "1")).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
