package io.topicstream.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.From;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.testkit.ManualClock;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReconnectTest {
    private static final Duration SOON = Duration.ofMillis(5);

    private record Loss(int code, String reason, long retryInMs) {}

    private static final class Losses implements ConnectionListener {
        final List<Loss> all = new CopyOnWriteArrayList<>();

        @Override
        public void onDisconnected(int code, String reason, long retryInMs) {
            all.add(new Loss(code, reason, retryInMs));
        }
    }

    private static TopicStreamClient.Builder impatient(URI address) {
        return TopicStreamClient.builder(address).backoff(SOON, SOON, SOON);
    }

    private static URI closedPort() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return LocalServer.at(taken.getLocalPort());
        }
    }

    @Test
    void waitsAreDrawnFromBoundsThatDoubleUpToTheCap() throws IOException {
        SteppedLoop loop = new SteppedLoop();
        Losses losses = new Losses();
        long seed = 4711;
        TopicStreamClient client = TopicStreamClient.builder(closedPort())
                .user("me")
                .random(new Random(seed))
                .backoff(Duration.ofMillis(100), Duration.ofSeconds(2), Duration.ofSeconds(10))
                .connectionListener(losses)
                .loop(loop)
                .build();
        Random twin = new Random(seed);
        long[] bounds = {100, 200, 400, 800, 1600, 2000, 2000};

        var _ = client.connect();
        for (int i = 0; i < bounds.length; i++) {
            int attempts = i + 1;
            await().until(() -> {
                loop.turn();
                return losses.all.size() == attempts;
            });
            long expected = twin.nextLong(bounds[i] + 1);
            assertThat(losses.all.get(i).retryInMs()).isEqualTo(expected).isBetween(0L, bounds[i]);

            // Nothing is tried before the wait is over.
            loop.advance(expected - 1);
            assertThat(losses.all).hasSize(attempts);
            loop.advance(1);
        }
        client.close();
        loop.turn();
    }

    /// The JDK's WebSocket loses an end that it reads while no message is asked for.
    @Test
    void anEndRightBehindAMessageIsHeardAtOnce() throws Exception {
        AtomicInteger connections = new AtomicInteger();
        ScriptedPeer.Script script = new ScriptedPeer.Script() {
            @Override
            public void onOpen(ScriptedPeer.Conversation peer, int number) {
                connections.incrementAndGet();
                peer.welcome();
                peer.abort();
            }
        };
        try (ScriptedPeer peer = new ScriptedPeer(script);
                TopicStreamClient client = impatient(peer.address()).build()) {
            var _ = client.connect();

            // By its silence the end of one takes 50 seconds to be noticed.
            await().atMost(Duration.ofSeconds(40)).until(() -> connections.get() >= 200);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4001, 4003, 4000, 4099})
    void aCloseThatMeansStayAwayEndsTheClientWithItsReason(int code) throws Exception {
        ScriptedPeer.Script script = new ScriptedPeer.Script() {
            @Override
            public void onOpen(ScriptedPeer.Conversation peer, int number) {
                peer.welcome();
                peer.close(code, "the credentials have ended");
            }
        };
        Losses losses = new Losses();
        CompletableFuture<TopicStreamException.Ended> ended = new CompletableFuture<>();
        try (ScriptedPeer peer = new ScriptedPeer(script);
                TopicStreamClient client = impatient(peer.address())
                        .connectionListener(new ConnectionListener() {
                            @Override
                            public void onDisconnected(int lost, String reason, long retryInMs) {
                                losses.onDisconnected(lost, reason, retryInMs);
                            }

                            @Override
                            public void onEnded(TopicStreamException.Ended reason) {
                                ended.complete(reason);
                            }
                        })
                        .build()) {
            Recorder recorder = new Recorder();
            client.subscribe("t", From.NEW, recorder);
            CompletableFuture<Published> publish = client.publish("t", "1");
            var _ = client.connect();

            assertThat(ended.join().code()).isEqualTo(code);
            assertThat(ended.join()).hasMessage("the credentials have ended");
            assertThatThrownBy(publish::join)
                    .isInstanceOf(CompletionException.class)
                    .hasCause(ended.join());
            await().until(() -> recorder.told.equals(List.of("ended the credentials have ended")));
            assertThat(client.publish("t", "2")).failsWithin(Duration.ofSeconds(5));
            assertThat(losses.all).isEmpty();
            assertThat(peer.connections()).isEqualTo(1);
        }
    }

    @Test
    void aSubscriptionThatIsNotPermittedAnyMoreEndsAndTheOthersGoOn() throws Exception {
        TopicName kept = new TopicName("kept");
        TopicName lost = new TopicName("lost");
        ScriptedPeer.Script script = new ScriptedPeer.Script() {
            @Override
            public void onFrame(ScriptedPeer.Conversation peer, int number, ClientFrame frame) {
                if (frame instanceof ClientFrame.Subscribe subscribe) {
                    peer.subscribed(subscribe, 1, 1, 1, false);
                    if (subscribe.topic().equals(lost)) {
                        peer.say(new ServerFrame.Error(null, ErrorCode.FORBIDDEN, "not any more", lost, null));
                        peer.messages(lost, 1);
                        peer.messages(kept, 1);
                    }
                }
            }
        };
        try (ScriptedPeer peer = new ScriptedPeer(script);
                TopicStreamClient client = impatient(peer.address()).build()) {
            Recorder ofKept = new Recorder();
            Recorder ofLost = new Recorder();
            client.subscribe(kept.value(), From.NEW, ofKept);
            client.subscribe(lost.value(), From.NEW, ofLost);
            var _ = client.connect();

            await().until(() -> ofKept.told.equals(List.of("1")));
            assertThat(ofLost.told).containsExactly("ended forbidden: not any more");
        }
    }

    @Test
    void aRefusedHandshakeEndsTheClient() throws Exception {
        try (ScriptedPeer peer = new ScriptedPeer(new ScriptedPeer.Script() {});
                TopicStreamClient client =
                        impatient(URI.create(peer.address() + "?refuse=403")).build()) {
            assertThatThrownBy(() -> client.connect().join())
                    .cause()
                    .isInstanceOfSatisfying(
                            TopicStreamException.Ended.class,
                            e -> assertThat(e.code()).isEqualTo(403))
                    .hasMessageContaining("forbidden");
            assertThat(peer.connections()).isEqualTo(1);
        }
    }

    @Test
    void aServerThatIsUnavailableIsAskedAgain() throws Exception {
        try (ScriptedPeer peer = new ScriptedPeer(new ScriptedPeer.Script() {});
                TopicStreamClient client =
                        impatient(URI.create(peer.address() + "?refuse=503")).build()) {
            var _ = client.connect();

            await().until(() -> peer.connections() >= 3);
        }
    }

    @Test
    void withFailFastAnUnreachableServerEndsTheClient() throws IOException {
        try (TopicStreamClient client = impatient(closedPort()).failFast(true).build()) {
            assertThatThrownBy(() -> client.connect().join())
                    .cause()
                    .isInstanceOf(TopicStreamException.Ended.class)
                    .hasMessage("cannot connect: nobody listens there")
                    .hasCauseInstanceOf(ConnectException.class);
        }
        try (TopicStreamClient client =
                impatient(URI.create("ws://host.invalid:1/v1")).failFast(true).build()) {
            assertThatThrownBy(() -> client.connect().join())
                    .cause()
                    .hasMessage("cannot connect: nobody knows a host of this name");
        }
    }

    @Test
    void aServerThatIsNotThereIsInTheLogOnceAMinute() throws IOException {
        try (LogRecords log = new LogRecords(TopicStreamClient.class);
                TopicStreamClient client = TopicStreamClient.builder(closedPort())
                        .backoff(Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofSeconds(10))
                        .build()) {
            var _ = client.connect();

            await().until(() -> !log.lines.isEmpty());

            assertThat(log.lines.getFirst())
                    .startsWith("no connection to 127.0.0.1:")
                    .contains("nobody listens there");
        }
        ManualClock clock = new ManualClock();
        try (LogRecords log = new LogRecords(TopicStreamClient.class)) {
            LoggedConnection listener = new LoggedConnection(URI.create("ws://127.0.0.1:1/v1"), clock);
            for (int i = 0; i < 121; i++) {
                listener.onDisconnected(1006, "cannot connect", 100);
                clock.advance(Duration.ofSeconds(1));
            }
            assertThat(log.lines).hasSize(3);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1001, 1008, 1011, 1012, 1013, 4100})
    void onEveryOtherCloseTheClientComesBackAndResumes(int code) throws Exception {
        List<From> asked = new CopyOnWriteArrayList<>();
        ScriptedPeer.Script script = new ScriptedPeer.Script() {
            @Override
            public void onFrame(ScriptedPeer.Conversation peer, int number, ClientFrame frame) {
                if (frame instanceof ClientFrame.Subscribe subscribe) {
                    asked.add(subscribe.from());
                    peer.subscribed(subscribe, 3, 1, 8, true);
                    if (number == 1) {
                        peer.messages(subscribe.topic(), 8, 9);
                        peer.close(code, "");
                    } else {
                        peer.messages(subscribe.topic(), 9, 10);
                    }
                }
            }
        };
        try (ScriptedPeer peer = new ScriptedPeer(script);
                TopicStreamClient client = impatient(peer.address()).build()) {
            Recorder recorder = new Recorder();
            client.subscribe("t", From.NEW, recorder);
            var _ = client.connect();

            await().until(() -> recorder.told.equals(List.of("8", "9", "10")));
            assertThat(asked).containsExactly(From.NEW, new From.Resume(3, 9));
        }
    }

    @Test
    void unansweredPublishesAreSentAgainInOrderWithTheirIds() throws Exception {
        List<String> first = new CopyOnWriteArrayList<>();
        List<String> second = new CopyOnWriteArrayList<>();
        ScriptedPeer.Script script = new ScriptedPeer.Script() {
            @Override
            public void onFrame(ScriptedPeer.Conversation peer, int number, ClientFrame frame) {
                if (frame instanceof ClientFrame.Publish publish) {
                    List<String> seen = number == 1 ? first : second;
                    seen.add(publish.draft().messageId());
                    if (number == 2) {
                        peer.published(publish, seen.size());
                    } else if (seen.size() == 20) {
                        peer.abort();
                    }
                }
            }
        };
        try (ScriptedPeer peer = new ScriptedPeer(script);
                TopicStreamClient client = impatient(peer.address()).build()) {
            client.connect().join();
            List<CompletableFuture<Published>> futures = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                futures.add(client.publish("t", Integer.toString(i)));
            }

            assertThat(futures.stream().map(future -> future.join().offset()))
                    .containsExactlyElementsOf(java.util.stream.LongStream.rangeClosed(1, 20)
                            .boxed()
                            .toList());
            assertThat(first).doesNotHaveDuplicates().containsExactlyElementsOf(second);
        }
    }

    @Test
    void aServerThatFallsSilentIsLeft() throws Exception {
        Losses losses = new Losses();
        ScriptedPeer.Script script = new ScriptedPeer.Script() {
            @Override
            public void onOpen(ScriptedPeer.Conversation peer, int number) {
                peer.welcome(40);
            }
        };
        try (ScriptedPeer peer = new ScriptedPeer(script);
                TopicStreamClient client =
                        impatient(peer.address()).connectionListener(losses).build()) {
            var _ = client.connect();

            await().until(() -> peer.connections() >= 2);
            assertThat(losses.all.getFirst().reason()).contains("silent");
            assertThat(peer.frames).hasAtLeastOneElementOfType(ClientFrame.Ping.class);
        }
    }

    @Test
    void aServerThatIsAboutToStopIsLeftForAsLongAsItSays() throws Exception {
        Losses losses = new Losses();
        SteppedLoop loop = new SteppedLoop();
        ScriptedPeer.Script script = new ScriptedPeer.Script() {
            @Override
            public void onOpen(ScriptedPeer.Conversation peer, int number) {
                peer.welcome();
                if (number == 1) {
                    peer.say("{\"type\":\"draining\",\"reconnect_in_ms\":7000}");
                    peer.close(1012, "restart");
                }
            }
        };
        try (ScriptedPeer peer = new ScriptedPeer(script)) {
            TopicStreamClient client = impatient(peer.address())
                    .connectionListener(losses)
                    .loop(loop)
                    .build();
            var _ = client.connect();
            await().until(() -> {
                loop.turn();
                return !losses.all.isEmpty();
            });

            assertThat(losses.all.getFirst().code()).isEqualTo(1012);
            assertThat(losses.all.getFirst().retryInMs()).isBetween(7000L, 7005L);
            loop.advance(6999);
            assertThat(peer.connections()).isEqualTo(1);
            loop.advance(6);
            await().until(() -> {
                loop.turn();
                return peer.connections() == 2;
            });
            client.close();
            loop.turn();
        }
    }
}
