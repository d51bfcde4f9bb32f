package io.topicstream.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.Durability;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.From;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ServerFrame;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What the client says and hears of people, against a peer that says the protocol's frames.
class PeopleTest {
    private static final Duration SOON = Duration.ofMillis(1);
    private static final TopicName CHAT = new TopicName("dm:guest.ada~guest.me");
    private static final TopicName ROOM = new TopicName("room:tea");

    private ScriptedPeer peer;
    private TopicStreamClient client;

    @AfterEach
    void close() {
        client.close();
        peer.close();
    }

    /// What the peer says to a frame.
    @FunctionalInterface
    private interface Answers {
        void to(ScriptedPeer.Conversation conversation, int number, ClientFrame frame);
    }

    private TopicStreamClient.Builder against(Answers answers) throws IOException {
        peer = new ScriptedPeer(new ScriptedPeer.Script() {
            @Override
            public void onFrame(ScriptedPeer.Conversation conversation, int number, ClientFrame frame) {
                answers.to(conversation, number, frame);
            }
        });
        return TopicStreamClient.builder(peer.address())
                .backoff(SOON, SOON, SOON)
                .connectionListener(new ConnectionListener() {});
    }

    private void connect(Answers answers) throws IOException {
        connect(against(answers));
    }

    private void connect(TopicStreamClient.Builder builder) {
        client = builder.build();
        client.connect().join();
    }

    private <T extends ClientFrame> List<T> asked(Class<T> kind) {
        return peer.frames.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private static ServerFrame sent(ClientFrame.Send send, boolean online) {
        return new ServerFrame.Sent(send.id(), CHAT, 3, 7, 99, Durability.DISK, online);
    }

    private static void assertRefused(CompletableFuture<?> future, String code) {
        assertThatThrownBy(future::join)
                .cause()
                .isInstanceOfSatisfying(
                        TopicStreamException.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo(code));
    }

    // ---- what is asked for

    @Test
    void aMessageToAUserIsAnsweredWithItsPlaceAndWhetherTheUserIsOnline() throws Exception {
        connect((conversation, _, frame) -> {
            if (frame instanceof ClientFrame.Send send) {
                conversation.say(sent(send, send.to().equals("ada")));
            }
        });
        PublishOptions options =
                PublishOptions.DEFAULT.withMessageId("m").withKey("k").withHeaders(Map.of("a", "b"));

        Sent first = client.send("ada", "{\"text\":\"hi\"}", options).join();
        Sent second = client.send("bob", "1").join();

        assertThat(first).isEqualTo(new Sent(CHAT.value(), "m", 3, 7, 99, true));
        assertThat(second.online()).isFalse();
        ClientFrame.Send asked = asked(ClientFrame.Send.class).getFirst();
        assertThat(asked.draft().messageId()).isEqualTo("m");
        assertThat(new String(asked.draft().payload(), StandardCharsets.UTF_8)).isEqualTo("{\"text\":\"hi\"}");
        assertThat(asked(ClientFrame.Send.class).get(1).draft().messageId())
                .isEqualTo(second.messageId())
                .hasSize(24);
        assertThatThrownBy(() -> client.send("ada", "hello")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> client.send("ada", "1", options.withoutEcho()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> client.send("ada", "1", options.withExpectedOffset(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aMessageToAUserWhoseAnswerWasLostIsSentAgainWithItsId() throws Exception {
        connect((conversation, number, frame) -> {
            if (frame instanceof ClientFrame.Send send) {
                if (number == 1) {
                    conversation.abort();
                } else {
                    conversation.say(sent(send, true));
                }
            }
        });

        Sent sent = client.send("ada", "1").join();

        assertThat(asked(ClientFrame.Send.class))
                .extracting(send -> send.draft().messageId())
                .containsExactly(sent.messageId(), sent.messageId());
    }

    @Test
    void whoIsThereIsListed() throws Exception {
        connect((conversation, _, frame) -> {
            if (frame instanceof Query.Members(byte[] id, TopicName topic, int limit, String after)) {
                assertThat(limit).isEqualTo(2);
                conversation.say(
                        after.isEmpty()
                                ? new Query.MemberList(
                                        id,
                                        topic,
                                        List.of(
                                                new Query.Member("ada", "Ada", 2, 11),
                                                new Query.Member(null, null, 1, 12)),
                                        3,
                                        "x")
                                : new Query.MemberList(id, topic, List.of(), 3, null));
            } else if (frame instanceof Query.Online(byte[] id, List<String> users)) {
                conversation.say(new Query.OnlineList(
                        id,
                        users.stream()
                                .map(user -> user.equals("ada")
                                        ? new Query.OnlineUser(user, true, null)
                                        : new Query.OnlineUser(user, false, 17L))
                                .toList()));
            }
        });

        MemberPage page = client.members("room:tea", "", 2).join();

        assertThat(page)
                .isEqualTo(new MemberPage(
                        List.of(new Member("ada", "Ada", 2, 11), new Member(null, null, 1, 12)), 3, "x"));
        assertThat(client.members("room:tea", page.next(), 2).join()).isEqualTo(new MemberPage(List.of(), 3, null));
        assertThat(client.online(List.of("bob", "ada")).join())
                .containsExactly(new OnlineUser("bob", false, 17L), new OnlineUser("ada", true, null));
        assertThat(client.online(List.of()).join()).isEmpty();
    }

    @Test
    void howFarTheUserHasComeIsListed() throws Exception {
        connect((conversation, _, frame) -> {
            if (frame instanceof Query.Cursors cursors) {
                List<TopicName> topics = cursors.topics();
                if (topics == null) {
                    conversation.say(new Query.CursorList(
                            cursors.id(),
                            List.of(new Query.Cursor(CHAT, 5, 4, 9)),
                            cursors.startAfter() + cursors.limit()));
                } else {
                    // One at a time.
                    TopicName next = topics.stream()
                            .filter(topic -> topic.value().compareTo(cursors.startAfter()) > 0)
                            .min(TopicName::compareTo)
                            .orElseThrow();
                    conversation.say(new Query.CursorList(
                            cursors.id(),
                            List.of(new Query.Cursor(next, 0, 0, 1)),
                            next.value().equals("b") ? null : next.value()));
                }
            }
        });

        assertThat(client.cursors("a", 7).join())
                .isEqualTo(new CursorPage(List.of(new Cursor(CHAT.value(), 5, 4, 9, 4)), "a7"));
        assertThat(client.cursors(List.of("b", "a")).join())
                .containsExactly(new Cursor("a", 0, 0, 1, 0), new Cursor("b", 0, 0, 1, 0));
        assertThatThrownBy(() -> client.cursors(List.of("no name"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void roomsAreMadeAndListed() throws Exception {
        connect((conversation, _, frame) -> {
            if (frame instanceof ClientFrame.PutRoom room) {
                conversation.say(new ServerFrame.RoomPut(room.id(), room.topic(), room.title(), "me", 21, null));
            } else if (frame instanceof Query.Rooms rooms) {
                conversation.say(new Query.RoomList(
                        rooms.id(),
                        List.of(
                                new Query.Room(ROOM, "Tea", rooms.owner(), 21L, 3, null),
                                new Query.Room(
                                        new TopicName(rooms.prefix() + rooms.limit()), null, null, null, 1, null)),
                        rooms.startAfter().isEmpty() ? null : rooms.startAfter()));
            }
        });

        assertThat(client.room("room:tea", "Tea").join())
                .isEqualTo(new Room("room:tea", "Tea", "me", 21L, Room.UNCOUNTED));
        assertThat(client.room("room:tea", null).join().title()).isNull();
        assertThat(client.rooms("me", "room:", "room:x", 9).join())
                .isEqualTo(new RoomPage(
                        List.of(new Room("room:tea", "Tea", "me", 21L, 3), new Room("room:9", null, null, null, 1)),
                        "room:x"));
        assertThat(client.rooms(null, "room:", "", 9).join().next()).isNull();
    }

    @Test
    void anAnswerToAnotherQuestionIsNone() throws Exception {
        connect((conversation, _, frame) -> {
            if (frame instanceof Query.Online online) {
                conversation.say(new ServerFrame.Done(online.id()));
            }
        });

        assertRefused(client.online(List.of("ada")), "internal");
        assertThat(peer.connections()).isEqualTo(1);
    }

    // ---- names

    @Test
    void aNameIsClaimedAgainOnEachConnectionBeforeAllElse() throws Exception {
        connect((conversation, _, frame) -> {
            switch (frame) {
                case ClientFrame.Name name
                when name.name().equals("Bob") ->
                    conversation.say(new ServerFrame.Error(name.id(), ErrorCode.CONFLICT, "taken", null, null));
                case ClientFrame.Name name -> conversation.say(new ServerFrame.Named(name.id(), name.name()));
                case ClientFrame.Subscribe subscribe -> conversation.subscribed(subscribe, 1, 1, 1, true);
                default -> {}
            }
        });
        client.subscribe("t", From.NEW, new Recorder())
                .ready()
                .toCompletableFuture()
                .join();

        assertThat(client.name("Ada").join()).isEqualTo("Ada");
        assertRefused(client.name("Bob"), "conflict");
        int before = peer.frames.size();
        peer.connection().cut();

        await().until(() -> asked(ClientFrame.Subscribe.class).size() == 2);
        assertThat(peer.frames.get(before))
                .isInstanceOfSatisfying(
                        ClientFrame.Name.class, name -> assertThat(name.name()).isEqualTo("Ada"));
    }

    @Test
    void aNameIsClaimedAgainWhereTheServerIsOnlyBusy() throws Exception {
        AtomicInteger claims = new AtomicInteger();
        connect((conversation, _, frame) -> {
            if (frame instanceof ClientFrame.Name name) {
                // The first is given; of the next connection's claims the first two may be tried again.
                int before = claims.getAndIncrement();
                conversation.say(
                        before == 1 || before == 2
                                ? new ServerFrame.Error(name.id(), ErrorCode.UNAVAILABLE, "busy", null, null)
                                : new ServerFrame.Named(name.id(), name.name()));
            }
        });
        assertThat(client.name("Ada").join()).isEqualTo("Ada");

        peer.connection().cut();

        await().until(() -> claims.get() == 4);
    }

    @Test
    void aTokenIsThatOfLaterConnectionsOnlyWhenTheServerHasTakenIt() throws Exception {
        connect((conversation, _, frame) -> {
            if (frame instanceof ClientFrame.Authenticate shown) {
                conversation.say(
                        shown.token().equals("bad")
                                ? new ServerFrame.Error(shown.id(), ErrorCode.FORBIDDEN, "no", null, null)
                                : new ServerFrame.Authenticated(shown.id(), "ada", null));
            }
        });
        client.authenticate("good").join();
        assertRefused(client.authenticate("bad"), "forbidden");

        peer.connection().cut();

        await().until(() -> peer.connections() == 2);
        assertThat(peer.authorizations).last().isEqualTo("Bearer good");
    }

    // ---- what is told

    @Test
    void aSubscriptionIsToldWhoComesAndGoesAndHowFarTheyAre() throws Exception {
        connect((conversation, _, frame) -> {
            if (frame instanceof ClientFrame.Subscribe subscribe) {
                conversation.subscribed(subscribe, 1, 1, 1, true);
                TopicName topic = subscribe.topic();
                conversation.say(new ServerFrame.Presence(topic, new ServerFrame.Arrival(true, "ada", "Ada"), 2));
                conversation.say(new ServerFrame.Presence(topic, new ServerFrame.Arrival(false, "ada", null), 1));
                conversation.say(new ServerFrame.Presence(topic, null, 5));
                conversation.say(new ServerFrame.Receipt(topic, "ada", 3, Query.NOT_GIVEN));
                conversation.say(new ServerFrame.Receipt(topic, "ada", Query.NOT_GIVEN, 2));
                conversation.messages(topic, 1);
            }
        });
        Recorder recorder = new Recorder();
        client.subscribe("t", From.NEW, SubscribeOptions.DEFAULT, recorder);

        await().untilAsserted(() -> assertThat(recorder.told)
                .containsExactly(
                        "JOIN ada Ada 2",
                        "LEAVE ada null 1",
                        "COUNT null null 5",
                        "receipt ada 3 -1",
                        "receipt ada -1 2",
                        "1"));
    }

    @Test
    void presenceIsLeftToTheTopicUnlessTheSubscriptionSaysMore() throws Exception {
        List<String> words = new CopyOnWriteArrayList<>();
        words.add(ClientFrames.subscribe(1, ROOM, From.NEW, SubscribeOptions.DEFAULT));
        words.add(ClientFrames.subscribe(1, ROOM, From.NEW, SubscribeOptions.DEFAULT.withPresence(true)));
        words.add(ClientFrames.subscribe(
                1, ROOM, From.NEW, SubscribeOptions.DEFAULT.withDurable().withPresence(false)));
        connect((_, _, _) -> {});

        String start = "{\"action\":\"subscribe\",\"id\":1,\"topic\":\"room:tea\",\"from\":\"new\"";
        assertThat(words)
                .containsExactly(
                        start + "}", start + ",\"presence\":true}", start + ",\"durable\":true,\"presence\":false}");
    }

    // ---- how far the user has come

    @Test
    void acksOfATopicAreSaidOneAfterTheOtherAndWhatComesMeanwhileIsSaidInOne() throws Exception {
        List<ClientFrame.Ack> acks = new CopyOnWriteArrayList<>();
        CompletableFuture<ScriptedPeer.Conversation> held = new CompletableFuture<>();
        connect((conversation, _, frame) -> {
            if (frame instanceof ClientFrame.Ack ack) {
                acks.add(ack);
                if (acks.size() == 1) {
                    held.complete(conversation);
                } else {
                    conversation.say(new ServerFrame.Done(ack.id()));
                }
            }
        });

        CompletableFuture<Void> first = client.ackDelivered("t", 1);
        held.join();
        CompletableFuture<Void> second = client.ackDelivered("t", 3);
        CompletableFuture<Void> third = client.ackDelivered("t", 2);
        CompletableFuture<Void> fourth = client.ackRead("t", 1);
        CompletableFuture<Void> elsewhere = client.ackRead("u", 9);
        elsewhere.join();
        assertThat(List.of(first, second, third, fourth)).noneMatch(CompletableFuture::isDone);
        peer.connection().cut();
        CompletableFuture.allOf(first, second, third, fourth).join();

        // The one whose answer was lost is said again, with all that came since.
        assertThat(acks)
                .extracting(ack -> ack.topic() + " " + ack.delivered() + " " + ack.read())
                .containsExactly("t 1 -1", "u -1 9", "t 3 1");
    }

    @Test
    void anAckIsSaidOnTheNextConnectionAndAgainWhereTheServerCannotNow() throws Exception {
        List<ClientFrame.Ack> acks = new CopyOnWriteArrayList<>();
        client = against((conversation, _, frame) -> {
                    if (frame instanceof ClientFrame.Ack ack) {
                        acks.add(ack);
                        conversation.say(
                                switch (acks.size()) {
                                    case 1 ->
                                        new ServerFrame.Error(ack.id(), ErrorCode.UNAVAILABLE, "not now", null, null);
                                    case 2 -> new ServerFrame.Done(ack.id());
                                    default -> new ServerFrame.Error(ack.id(), ErrorCode.FORBIDDEN, "no", null, null);
                                });
                    }
                })
                .build();

        CompletableFuture<Void> early = client.ackRead("t", 4);
        client.connect().join();
        early.join();
        assertRefused(client.ackRead("t", 5), "forbidden");

        assertThat(acks).extracting(ClientFrame.Ack::read).containsExactly(4L, 4L, 5L);
    }

    @Test
    void anAckFailsWithTheClientAndIsSaidThoughNobodyCanWaitForIt() throws Exception {
        List<ClientFrame.Ack> acks = new CopyOnWriteArrayList<>();
        client = against((conversation, _, frame) -> {
                    if (frame instanceof ClientFrame.Ack ack) {
                        acks.add(ack);
                    }
                })
                .maxWaitingBytes(300)
                .build();

        CompletableFuture<Void> waits = client.ackRead("t", 1);
        CompletableFuture<Void> full = client.ackRead("t", 2);
        assertThatThrownBy(full::join).hasCauseInstanceOf(TopicStreamException.BufferFull.class);
        client.connect().join();
        await().until(() -> !acks.isEmpty());
        assertThat(acks.getFirst().read()).isEqualTo(2);
        client.close();

        assertThatThrownBy(waits::join).hasCauseInstanceOf(TopicStreamException.Ended.class);
        assertThatThrownBy(() -> client.ackRead("t", 3).join()).hasCauseInstanceOf(TopicStreamException.Ended.class);
    }

    // ---- topics that nobody has asked for

    @Test
    void aChatThatBeginsIsListenedToFromItsFirstMessageAndResumedLikeEveryOther() throws Exception {
        List<From> froms = new CopyOnWriteArrayList<>();
        Recorder recorder = new Recorder();
        List<String> asked = new CopyOnWriteArrayList<>();
        TopicStreamClient.Builder builder = against((conversation, number, frame) -> {
            switch (frame) {
                case Query.Topics _ -> {
                    conversation.messages(CHAT, 4, 5);
                    conversation.messages(ROOM, 1, 2);
                }
                case ClientFrame.Subscribe subscribe -> {
                    froms.add(subscribe.from());
                    conversation.subscribed(subscribe, 2, 1, 6, true);
                    if (number == 1) {
                        conversation.messages(CHAT, 4, 5, 6);
                    } else {
                        conversation.messages(CHAT, 7, 8);
                    }
                }
                default -> {}
            }
        });
        connect(builder.newTopicListener(topic -> {
            asked.add(topic);
            return topic.equals(CHAT.value()) ? recorder : null;
        }));

        var _ = client.topics("", "", 1);
        await().untilAsserted(() -> assertThat(recorder.told).containsExactly("4", "5", "6"));
        peer.connection().cut();
        await().untilAsserted(() -> assertThat(recorder.told).containsExactly("4", "5", "6", "7", "8"));

        assertThat(froms).containsExactly(new From.Offset(4), new From.Resume(2, 6));
        assertThat(asked).containsOnlyOnce(CHAT.value());
        assertThat(client.subscribe(ROOM.value(), From.NEW, new Recorder())).isNotNull();
        assertThatThrownBy(() -> client.subscribe(CHAT.value(), From.NEW, new Recorder()))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void whatIsUnderWayForATopicThatWasLeftBeginsNothing() throws Exception {
        List<String> asked = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> late = new CompletableFuture<>();
        TopicStreamClient.Builder builder = against((conversation, _, frame) -> {
            switch (frame) {
                case ClientFrame.Subscribe subscribe -> conversation.subscribed(subscribe, 1, 1, 1, true);
                case ClientFrame.Unsubscribe _ -> {
                    conversation.messages(ROOM, 1);
                    conversation.messages(CHAT, 1);
                    late.complete(null);
                }
                default -> {}
            }
        });
        connect(builder.newTopicListener(topic -> {
            asked.add(topic);
            return null;
        }));

        Subscription subscription = client.subscribe(ROOM.value(), From.NEW, new Recorder());
        subscription.ready().toCompletableFuture().join();
        subscription.close();
        late.join();

        await().until(() -> !asked.isEmpty());
        assertThat(asked).containsExactly(CHAT.value());
    }
}
