package io.topicstream.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.topicstream.protocol.From;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the client says and hears of people, with the real server.
class PeopleServerTest {
    private static final String CHAT = "dm:guest.ada~guest.bob";
    private static final int MESSAGES = 500;

    @TempDir
    private Path directory;

    private final List<TopicStreamClient> clients = new ArrayList<>();
    private LocalServer server;

    @BeforeEach
    void start() throws Exception {
        server = new LocalServer(directory);
    }

    @AfterEach
    void stop() {
        clients.forEach(TopicStreamClient::close);
        server.close();
    }

    private TopicStreamClient.Builder builder(int port, String user) {
        return TopicStreamClient.builder(LocalServer.at(port))
                .user(user)
                .backoff(Duration.ofMillis(5), Duration.ofMillis(100), Duration.ofSeconds(1));
    }

    private TopicStreamClient client(TopicStreamClient.Builder builder) {
        TopicStreamClient client = builder.build();
        clients.add(client);
        client.connect().join();
        return client;
    }

    private TopicStreamClient client(String user) {
        return client(builder(server.port(), user));
    }

    private static Subscription ready(Subscription subscription) {
        return subscription.ready().toCompletableFuture().join();
    }

    /// Without who came and went meanwhile.
    private static List<String> messages(Recorder recorder) {
        return recorder.told.stream().filter(told -> told.matches("\\d+")).toList();
    }

    @Test
    void aChatThatBeginsReachesAllDevicesOfBothAndSaysHowFarTheyAre() {
        Recorder phone = new Recorder();
        Recorder tablet = new Recorder();
        Recorder own = new Recorder();
        TopicStreamClient ada = client(builder(server.port(), "ada").newTopicListener(_ -> own));
        TopicStreamClient bob = client(builder(server.port(), "bob").newTopicListener(_ -> phone));
        client(builder(server.port(), "bob").newTopicListener(_ -> tablet));
        Recorder others = new Recorder();
        client(builder(server.port(), "eve").newTopicListener(_ -> others));

        Sent sent = ada.send("guest.bob", "1").join();
        assertThat(sent).returns(CHAT, Sent::topic).returns(1L, Sent::offset).returns(true, Sent::online);
        assertThat(ada.send("guest.bob", "2").join().offset()).isEqualTo(2);
        await().untilAsserted(() -> {
            for (Recorder each : List.of(phone, tablet, own)) {
                assertThat(messages(each)).containsExactly("1", "2");
            }
        });
        assertThat(bob.cursors(List.of(CHAT)).join()).containsExactly(new Cursor(CHAT, 0, 0, 3, 2));
        bob.ackDelivered(CHAT, 2).join();
        bob.ackRead(CHAT, 1).join();

        await().untilAsserted(() ->
                assertThat(bob.cursors(List.of(CHAT)).join()).containsExactly(new Cursor(CHAT, 2, 1, 3, 1)));
        assertThat(bob.cursors("", 10).join().cursors()).containsExactly(new Cursor(CHAT, 2, 1, 3, 1));
        await().untilAsserted(
                        () -> assertThat(own.told).anyMatch(told -> told.matches("receipt guest\\.bob (2 -1|2 1)")));
        await().untilAsserted(
                        () -> assertThat(own.told).anyMatch(told -> told.matches("receipt guest\\.bob (-1|2) 1")));
        assertThat(others.told).isEmpty();
        assertThat(ada.send("guest.nobody", "1").join().online()).isFalse();
        assertThatThrownBy(() -> ada.send("no id", "1").join()).hasCauseInstanceOf(TopicStreamException.Refused.class);
    }

    @Test
    void aChatGoesOnOverABrokenNetworkWithEachMessageOnce() throws Exception {
        long seed = Long.getLong("seed", System.nanoTime());
        try (CuttingProxy proxy = new CuttingProxy(server.port(), seed, 2_000, 30_000)) {
            Recorder recorder = new Recorder();
            AtomicReference<TopicStreamClient> bobs = new AtomicReference<>();
            TopicStreamClient bob = builder(proxy.port(), "bob")
                    .newTopicListener(_ -> recorder)
                    .connectionListener(new ConnectionListener() {
                        @Override
                        public void onConnected(Welcome welcome) {
                            // A chat that has begun meanwhile.
                            TopicStreamClient self = bobs.get();
                            var _ = self.cursors("", 10)
                                    .thenAccept(page -> page.cursors().forEach(cursor -> {
                                        try {
                                            self.subscribe(
                                                    cursor.topic(), new From.Offset(cursor.read() + 1), recorder);
                                        } catch (IllegalStateException e) {
                                            // It has one.
                                            return;
                                        }
                                    }));
                        }
                    })
                    .pingInterval(Duration.ofMillis(400))
                    .build();
            bobs.set(bob);
            clients.add(bob);
            var _ = bob.connect();
            TopicStreamClient ada = builder(proxy.port(), "ada")
                    .connectionListener(new ConnectionListener() {})
                    .pingInterval(Duration.ofMillis(400))
                    .build();
            clients.add(ada);
            var _ = ada.connect();

            List<CompletableFuture<Sent>> sent = new ArrayList<>();
            for (int i = 1; i <= MESSAGES; i++) {
                sent.add(ada.send("guest.bob", Integer.toString(i)));
                if (i % 20 == 0) {
                    sent.get(i - 20).join();
                }
            }
            for (int i = 1; i <= MESSAGES; i++) {
                assertThat(sent.get(i - 1).join().offset()).as("seed %d", seed).isEqualTo(i);
            }

            await().atMost(Duration.ofMinutes(1)).until(() -> messages(recorder).size() >= MESSAGES);
            assertThat(messages(recorder))
                    .as("seed %d", seed)
                    .isEqualTo(IntStream.rangeClosed(1, MESSAGES)
                            .mapToObj(Integer::toString)
                            .toList());
            proxy.heal();
        }
    }

    @Test
    void whoIsThereIsToldAndListed() {
        TopicStreamClient ada = client("ada");
        TopicStreamClient bob = client("bob");
        assertThat(ada.name("Ada").join()).isEqualTo("Ada");
        assertThatThrownBy(() -> bob.name("ada").join())
                .cause()
                .isInstanceOfSatisfying(
                        TopicStreamException.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo("conflict"));
        Recorder recorder = new Recorder();
        List<ReceivedMessage> messages = new ArrayList<>();
        ready(ada.subscribe("room:tea", From.NEW, recorder));
        Subscription bobs = ready(bob.subscribe("room:tea", From.NEW, messages::add));
        await().untilAsserted(() -> assertThat(recorder.told).contains("JOIN guest.bob null 2"));

        MemberPage both = ada.members("room:tea", "", 10).join();
        assertThat(both.members()).hasSize(2);
        assertThat(both).returns(2L, MemberPage::count).returns(null, MemberPage::next);
        MemberPage first = ada.members("room:tea", "", 1).join();
        assertThat(first.members())
                .singleElement()
                .returns("guest.ada", Member::user)
                .returns("Ada", Member::name);
        assertThat(ada.members("room:tea", String.valueOf(first.next()), 1)
                        .join()
                        .members())
                .singleElement()
                .returns("guest.bob", Member::user);
        assertThat(ada.online(List.of("guest.eve", "guest.bob")).join())
                .containsExactly(new OnlineUser("guest.eve", false, null), new OnlineUser("guest.bob", true, null));
        assertThat(ada.rooms(null, "room:", "", 10).join().rooms())
                .containsExactly(new Room("room:tea", null, null, null, 2));
        assertThat(ada.room("room:tea", "Tea").join())
                .returns("Tea", Room::title)
                .returns("guest.ada", Room::owner);
        assertThat(ada.rooms("guest.ada", "", "", 10).join().rooms())
                .singleElement()
                .returns(2L, Room::members);
        ada.publish("room:tea", "1").join();
        await().untilAsserted(() -> assertThat(messages).singleElement().returns("Ada", ReceivedMessage::name));
        bobs.close();
        await().untilAsserted(() -> assertThat(recorder.told).contains("LEAVE guest.bob null 1"));
    }

    @Test
    void whoWantsNotToBeSeenIsNot() {
        TopicStreamClient ada = client("ada");
        TopicStreamClient bob = client("bob");
        Recorder recorder = new Recorder();

        ready(ada.subscribe("room:tea", From.NEW, SubscribeOptions.DEFAULT.withPresence(false), new Recorder()));
        ready(bob.subscribe("other", From.NEW, SubscribeOptions.DEFAULT.withPresence(true), recorder));

        assertThat(bob.members("room:tea", "", 10).join().members()).isEmpty();
        await().untilAsserted(() -> assertThat(recorder.told).containsExactly("JOIN guest.bob null 1"));
    }
}
