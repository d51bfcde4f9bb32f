package io.topicstream.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.topicstream.protocol.From;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The client and the real server, over a network that holds.
class ServerTest {
    @TempDir
    private Path directory;

    private LocalServer server;

    @BeforeEach
    void start() throws Exception {
        server = new LocalServer(directory);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private TopicStreamClient client() {
        return TopicStreamClient.builder(server.address()).build();
    }

    @Test
    void whatIsPublishedArrives() {
        try (TopicStreamClient client = client()) {
            assertThat(client.connect().join().user()).startsWith("guest.c-");
            Recorder recorder = new Recorder();
            Subscription subscription = client.subscribe("t", From.NEW, recorder);
            subscription.ready().toCompletableFuture().join();

            Published published = client.publish("t", " {\"a\": [1, \"ü\"]} ").join();

            await().until(() -> recorder.told.equals(List.of("{\"a\": [1, \"ü\"]}")));
            assertThat(published.offset()).isEqualTo(1);
            await().until(() -> new Subscription.Position(published.epoch(), 1).equals(subscription.position()));
        }
    }

    @Test
    void aSubscriptionGoesOnWhereAnotherOneEnded() {
        try (TopicStreamClient client = client()) {
            var _ = client.connect();
            Recorder first = new Recorder();
            Subscription subscription = client.subscribe("t", new From.Earliest(), first);
            client.publish("t", "1").join();
            await().until(() -> subscription.position() != null);
            subscription.close();
            client.publish("t", "2").join();
            client.publish("t", "3").join();

            Recorder second = new Recorder();
            client.subscribe("t", subscription.position().resume(), second);

            await().until(() -> second.told.equals(List.of("2", "3")));
            await().until(() -> first.told.equals(List.of("1", "ended ")));
        }
    }

    @Test
    void oneTopicHasOneSubscriptionOfAClient() {
        try (TopicStreamClient client = client()) {
            var _ = client.connect();
            client.subscribe("t", From.NEW, new Recorder());

            assertThatThrownBy(() -> client.subscribe("t", From.NEW, new Recorder()))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aRepeatedIdIsStoredOnce() {
        try (TopicStreamClient client = client()) {
            var _ = client.connect();
            PublishOptions options = PublishOptions.DEFAULT.withMessageId("m-1").withKey("k");

            Published first = client.publish("t", "1", options).join();
            Published again = client.publish("t", "1", options).join();

            assertThat(again).isEqualTo(first);
            assertThat(client.readAfter("t", 0, 10).join().messages())
                    .singleElement()
                    .satisfies(message -> {
                        assertThat(message.messageId()).isEqualTo("m-1");
                        assertThat(message.key()).isEqualTo("k");
                    });
        }
    }

    @Test
    void headersGoWithTheMessage() {
        try (TopicStreamClient client = client();
                TopicStreamClient other = client()) {
            var _ = client.connect();
            var _ = other.connect();
            List<ReceivedMessage> heard = new CopyOnWriteArrayList<>();
            other.subscribe("t", new From.Earliest(), heard::add)
                    .ready()
                    .toCompletableFuture()
                    .join();
            Map<String, String> headers = Map.of("trace", "0af7", "sender", "Änn \"A\"");

            client.publish("t", "1", PublishOptions.DEFAULT.withHeaders(headers).withKey("k"))
                    .join();
            client.publish("t", "2").join();

            await().until(() -> heard.size() == 2);
            assertThat(heard.getFirst().headers()).isEqualTo(headers);
            assertThat(heard.getFirst().key()).isEqualTo("k");
            assertThat(heard.getLast().headers()).isEmpty();
            assertThat(client.readAfter("t", 0, 10).join().messages()).isEqualTo(heard);
            assertThatThrownBy(() -> PublishOptions.DEFAULT.withHeaders(Map.of("Trace", "")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("a header's name is 1 to 64 characters of a-z 0-9 . _ -");
        }
    }

    @Test
    void aWrongExpectedOffsetIsRefusedWithTheNextOne() {
        try (TopicStreamClient client = client()) {
            var _ = client.connect();
            client.publish("t", "1").join();

            assertThatThrownBy(() -> client.publish("t", "2", PublishOptions.DEFAULT.withExpectedOffset(1))
                            .join())
                    .cause()
                    .isInstanceOfSatisfying(TopicStreamException.Refused.class, refused -> {
                        assertThat(refused.code()).isEqualTo("conflict");
                        assertThat(refused.nextOffset()).isEqualTo(2);
                    });
            assertThat(client.publish("t", "2", PublishOptions.DEFAULT.withExpectedOffset(2))
                            .join()
                            .offset())
                    .isEqualTo(2);
        }
    }

    @Test
    void whatIsNotToComeBackIsNoGap() {
        try (TopicStreamClient client = client();
                TopicStreamClient other = client()) {
            var _ = client.connect();
            var _ = other.connect();
            Recorder mine = new Recorder();
            Recorder theirs = new Recorder();
            client.subscribe("t", new From.Earliest(), mine)
                    .ready()
                    .toCompletableFuture()
                    .join();
            other.subscribe("t", new From.Earliest(), theirs)
                    .ready()
                    .toCompletableFuture()
                    .join();
            PublishOptions quiet = PublishOptions.DEFAULT.withoutEcho();

            List<CompletableFuture<Published>> all = new ArrayList<>();
            for (int i = 1; i <= 300; i++) {
                all.add(i % 3 == 0 ? client.publish("t", "\"loud\"") : client.publish("t", Integer.toString(i), quiet));
            }
            all.forEach(CompletableFuture::join);

            await().until(() -> theirs.told.size() == 300);
            await().until(() -> mine.told.size() >= 100);
            assertThat(mine.told).hasSize(100).containsOnly("\"loud\"");
        }
    }

    @Test
    void readsPagesTopicsAndSignals() {
        try (TopicStreamClient client = client()) {
            var _ = client.connect();
            Recorder recorder = new Recorder();
            client.subscribe("room", From.NEW, recorder)
                    .ready()
                    .toCompletableFuture()
                    .join();
            for (int i = 1; i <= 5; i++) {
                client.publish("room", Integer.toString(i)).join();
            }
            client.publish("rooms", "1").join();

            assertThat(client.readAfter("room", 3, 10).join().messages().stream()
                            .map(ReceivedMessage::json))
                    .containsExactly("4", "5");
            assertThat(client.readBefore("room", 3, 1).join().messages().stream()
                            .map(ReceivedMessage::json))
                    .containsExactly("2");
            MessagePage newest = client.readLast("room", 2).join();
            assertThat(newest.messages().stream().map(ReceivedMessage::offset)).containsExactly(4L, 5L);
            assertThat(newest.nextOffset()).isEqualTo(6);
            assertThat(client.topics("room", "", 10).join().topics().stream().map(TopicPosition::topic))
                    .containsExactly("room", "rooms");
            client.signal("room", "{\"typing\":true}").join();
            await().until(() -> recorder.told.stream().anyMatch(told -> told.endsWith("{\"typing\":true}")));
        }
    }

    @Test
    void aSlowListenerPausesAndLosesNothing() {
        try (TopicStreamClient client = TopicStreamClient.builder(server.address())
                .maxUnhandledBytes(20_000)
                .build()) {
            var _ = client.connect();
            CountDownLatch go = new CountDownLatch(1);
            Recorder recorder = new Recorder();
            Recorder quick = new Recorder();
            client.subscribe("slow", new From.Earliest(), message -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                recorder.onMessage(message);
            });
            client.subscribe("quick", new From.Earliest(), quick);
            for (int i = 1; i <= 2000; i++) {
                var _ = client.publish("slow", Integer.toString(i));
            }
            client.publish("quick", "1").join();
            await().until(() -> quick.told.equals(List.of("1")));
            assertThat(recorder.told).isEmpty();

            go.countDown();

            await().until(() -> recorder.told.size() == 2000);
            assertThat(recorder.told)
                    .containsExactlyElementsOf(IntStream.rangeClosed(1, 2000)
                            .mapToObj(Integer::toString)
                            .toList());
        }
    }

    @Test
    void aMessageThatTheServerDoesNotTakeIsRefused() {
        try (TopicStreamClient client = client()) {
            var _ = client.connect();

            assertThatThrownBy(() -> client.publish("t", "\"" + "x".repeat(125 * 1024) + "\"")
                            .join())
                    .cause()
                    .isInstanceOfSatisfying(
                            TopicStreamException.Refused.class,
                            refused -> assertThat(refused.code()).isEqualTo("too_large"));
            assertThatThrownBy(() -> client.publish("t", "\"" + "x".repeat(200 * 1024) + "\"")
                            .join())
                    .hasMessageContaining("too_large");
            assertThat(client.publish("t", "1").join().offset()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            hello      | no JSON value begins here (at byte 0)
            [1,,2]     | (at byte 3)
            {"a":      | ends too early
            {          | ends too early
            1}         | something follows
            1 2        | (at byte 2)
            """)
    void whatIsNoJsonIsToldWithItsPlaceInIt(String json, String told) {
        try (TopicStreamClient client = client()) {
            assertThatThrownBy(() -> client.publish("t", json))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("the message is not one JSON value: ")
                    .hasMessageContaining(told);
            assertThatThrownBy(() -> client.publish("t", "  hello")).hasMessageContaining("(at byte 2)");
            assertThatThrownBy(() -> client.publish("t", "{\"é\":x}")).hasMessageContaining("(at byte 6)");
        }
    }

    @Test
    void aRefusedSubscriptionOfALambdaIsInTheLog() {
        try (LogRecords log = new LogRecords(SubscriptionListener.class);
                TopicStreamClient client = client()) {
            var _ = client.connect();

            client.subscribe("sys:node", From.NEW, message -> {});

            await().until(() -> !log.lines.isEmpty());
            assertThat(log.lines).singleElement().asString().startsWith("a subscription has ended: forbidden");
        }
    }

    @Test
    void aLoopThatHasMoreThanTheBufferTakesWaitsForRoom() throws Exception {
        try (TopicStreamClient client = TopicStreamClient.builder(server.address())
                .maxWaitingBytes(5_000)
                .build()) {
            List<CompletableFuture<Published>> all = new ArrayList<>();
            Thread connecting = Thread.startVirtualThread(() -> client.connect().join());
            for (int i = 1; i <= 2000; i++) {
                all.add(client.publishWhenFree("t", Integer.toString(i), PublishOptions.DEFAULT));
            }
            connecting.join();

            for (int i = 1; i <= 2000; i++) {
                assertThat(all.get(i - 1).join().offset()).isEqualTo(i);
            }
        }
    }

    @Test
    void whoWaitsForRoomCanBeInterruptedAndIsFreedByTheEndOfTheClient() throws Exception {
        TopicStreamClient client =
                TopicStreamClient.builder(server.address()).maxWaitingBytes(300).build();
        CompletableFuture<Published> first = client.publish("t", "1");
        CompletableFuture<Throwable> interrupted = new CompletableFuture<>();
        Thread one = Thread.startVirtualThread(() -> {
            try {
                interrupted.completeExceptionally(new AssertionError(
                        client.publishWhenFree("t", "2", PublishOptions.DEFAULT).toString()));
            } catch (InterruptedException e) {
                interrupted.complete(e);
            }
        });
        one.interrupt();
        assertThat(interrupted.join()).isInstanceOf(InterruptedException.class);

        CompletableFuture<Throwable> freed = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                var _ = client.publishWhenFree("t", "3", PublishOptions.DEFAULT)
                        .handle((published, failure) -> freed.complete(failure));
            } catch (InterruptedException e) {
                freed.complete(e);
            }
        });
        client.close();

        assertThatThrownBy(first::join).hasCauseInstanceOf(TopicStreamException.Ended.class);
        assertThat(freed.join()).isInstanceOf(TopicStreamException.Ended.class);
        assertThatThrownBy(() -> client.publishWhenFree("t", "\"" + "x".repeat(300) + "\"", PublishOptions.DEFAULT)
                        .join())
                .hasCauseInstanceOf(TopicStreamException.BufferFull.class);
    }
}
