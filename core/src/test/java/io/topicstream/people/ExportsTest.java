package io.topicstream.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.ApiKey;
import io.topicstream.access.ApiKeys;
import io.topicstream.access.DirectTopic;
import io.topicstream.access.EndedRights;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.About;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Details;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.Message;
import io.topicstream.log.Redaction;
import io.topicstream.log.TopicName;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.signal.SystemTopics;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.FixedPresence;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import io.topicstream.testkit.TestPeople;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What is kept of a user is exported: all that an erasure takes, and what it keeps on purpose.
class ExportsTest {
    private static final TopicName CHAT = DirectTopic.of("ann", "bob").name();
    private static final TopicName NOTES = DirectTopic.of("ann", "ann").name();
    private static final TopicName ROOM = new TopicName("room:tea");

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor executor = new SteppedExecutor(clock);
    private final InMemoryLog log = new InMemoryLog(clock, executor, 7);
    private final Watched state = new Watched(new InMemoryStateStore(clock, executor));
    private final Memberships memberships = new Memberships(state, log, log, clock, 10, 10);
    private boolean areConnectionsOpen = true;
    private final People people = TestPeople.of(
            state,
            log,
            log,
            memberships,
            new FixedPresence(),
            new Names(state, _ -> CompletableFuture.completedFuture(areConnectionsOpen)),
            new Notices(log, clock),
            _ -> CompletableFuture.completedFuture(true),
            clock);
    private final ApiKeys keys = new ApiKeys(state, new Random(1), clock);
    private final EndedRights rights = new EndedRights(state, log, keys, clock);
    private final UserPlaces places = new UserPlaces(state, people, keys);
    private final Erasures erasures = new Erasures(state, log, people.redactions(), places, clock, executor);
    private final Exports exports = new Exports(state, log, places, rights, clock, executor);

    @Test
    void allThatAnErasureTakesIsShownAndAfterwardsOnlyWhatItKeepsOnPurpose() {
        ApiKey.Created key = get(keys.create("ann", List.of(new Grant("room:*", EnumSet.of(Permission.READ)))));
        get(keys.create("bob", null));
        get(memberships.add("ann", ROOM));
        get(memberships.addChat(DirectTopic.of("ann", "bob")));
        get(people.names().claim("Ann  Tea", "ann", "c1"));
        get(people.names().claim("Bob", "bob", "c2"));
        get(people.rooms().put(ROOM, "ann", new Rooms.Change("Tea", true, PresencePolicy.NAMES), false));
        get(state.advance(PresenceRecords.LAST_SEEN, "ann", 77));
        publish(ROOM, "ann", text("\"hello\"").with(Headers.NAME, "Ann T").with(Headers.AS, "teapot"));
        publish(ROOM, "bob", text("\"hello ann\""));
        publish(ROOM, "ann", text("\"reply\"").about(new About(2, About.As.REPLY, null)));
        publish(ROOM, "ann", text("null").about(new About(2, About.As.REACTION, "+1")));
        publish(
                ROOM,
                "ann",
                new Draft(
                        new byte[] {1, 2, 3},
                        "id-5",
                        Details.ofBytes("image/png").withKey("k").withHeaders(Headers.of(Map.of("h", "v")))));
        publish(ROOM, "ann", text("\"regretted\""));
        get(log.redact(ROOM, Redaction.of(6)));
        publish(CHAT, "ann", text("\"to bob\""));
        publish(CHAT, "bob", text("\"to the other\""));
        publish(NOTES, "ann", text("\"a note\""));
        publish(NOTES, "root", text("\"of the house\""));
        publish(SystemTopics.CONNECTION_EVENTS, "ann", text("{\"type\":\"opened\"}"));
        get(people.receipts().store("ann", ROOM, new Progress(5, 3)));
        get(people.receipts().store("ann", CHAT, new Progress(2, -1)));
        get(people.receipts().store("bob", CHAT, new Progress(2, 2)));
        get(rights.block("ann", Identity.NEVER, "sells things"));
        get(rights.signOut("ann"));
        long now = clock.millis();

        String exported = export("ann");

        String block = ",\"blocked\":true,\"blocked_at\":" + now
                + ",\"block_reason\":\"sells things\",\"signed_out_at\":" + now;
        assertThat(exported.lines()).containsExactly("""
                {"kind":"user","user":"ann","exported_at":NOW BLOCK}
                {"kind":"key","id":"KEY","name":"ann","created_at":NOW,"grants":[{"topics":"room:*","allow":["read"]}]}
                {"kind":"membership","topic":"dm:ann~bob","with":"bob","since":NOW}
                {"kind":"membership","topic":"room:tea","since":NOW}
                {"kind":"cursor","topic":"dm:ann~bob","with":"bob","delivered":2,"read":0}
                {"kind":"cursor","topic":"room:tea","delivered":5,"read":3}
                {"kind":"room","topic":"room:tea","created_at":NOW,"title":"Tea","presence":"names"}
                {"kind":"name","name":"ann tea","connections":1}
                {"kind":"last_seen","at":77}
                {"kind":"message","topic":"dm:ann~ann","with":"ann","offset":1,"timestamp":NOW,"from":"ann","message":"a note"}
                {"kind":"message","topic":"dm:ann~ann","with":"ann","offset":2,"timestamp":NOW,"from":"root","message":"of the house"}
                {"kind":"message","topic":"dm:ann~bob","with":"bob","offset":1,"timestamp":NOW,"from":"ann","message":"to bob"}
                {"kind":"message","topic":"room:tea","offset":1,"timestamp":NOW,"from":"ann","name":"Ann T","message":"hello","shown_as":"teapot"}
                {"kind":"message","topic":"room:tea","offset":3,"timestamp":NOW,"from":"ann","message":"reply","about":{"offset":2,"as":"reply"}}
                {"kind":"message","topic":"room:tea","offset":4,"timestamp":NOW,"from":"ann","message":null,"about":{"offset":2,"as":"reaction","value":"+1"}}
                {"kind":"message","topic":"room:tea","offset":5,"timestamp":NOW,"from":"ann","message":"AQID","message_id":"id-5","key":"k","headers":{"h":"v"},"content_type":"image/png","encoding":"base64"}
                {"kind":"message","topic":"room:tea","offset":6,"timestamp":NOW,"from":"ann","message":null,"redacted":true}
                {"kind":"message","topic":"EVENTS","offset":1,"timestamp":NOW,"from":"ann","message":{"type":"opened"}}
                {"kind":"end","messages":9}
                """.replace(" BLOCK", block)
                .replace("NOW", String.valueOf(now))
                .replace("KEY", key.key().id())
                .replace("EVENTS", SystemTopics.CONNECTION_EVENTS.value())
                .lines()
                .toArray(String[]::new));
        assertThat(exported)
                .as("neither the secret nor its end")
                .doesNotContain(key.secret())
                .doesNotContain('"' + key.key().hint() + '"');

        areConnectionsOpen = false;
        long begunAt = clock.millis();
        get(erasures.begin("ann"));
        executor.advance(Duration.ofMinutes(1));
        long after = clock.millis();

        assertThat(export("ann").lines())
                .containsExactly(
                        "{\"kind\":\"user\",\"user\":\"ann\",\"exported_at\":" + after + block
                                + ",\"erasure_started_at\":" + begunAt + ",\"erasure_done_at\":"
                                + requireDone().doneAtMs() + "}",
                        "{\"kind\":\"end\",\"messages\":0}");
        assertThat(state.placesThatName("ann"))
                .as("the block, the sign-out, the erasure, the note of the last changes of rights, and what is bob's")
                .containsExactlyInAnyOrder(
                        "blocked-users ann",
                        "signed-out-users ann",
                        "erasures ann",
                        "rights changes",
                        "subscriptions/bob dm:ann~bob",
                        "cursors/bob dm:ann~bob d",
                        "cursors/bob dm:ann~bob r",
                        "receipts/dm:ann~bob bob");
        for (TopicName topic : List.of(CHAT, NOTES, ROOM, SystemTopics.CONNECTION_EVENTS)) {
            assertThat(get(log.read(topic, 1, Direction.FORWARD, 100, 1 << 20)).messages())
                    .extracting(Message::from)
                    .doesNotContain("ann", "root");
        }
    }

    private Erasure requireDone() {
        Erasure erasure = get(erasures.find("ann"));
        assertThat(erasure).isNotNull();
        assertThat(erasure.isDone()).isTrue();
        return erasure;
    }

    @Test
    void aNameOfAnOpenConnectionOutlivesAnErasure() {
        get(people.names().claim("Ann", "ann", "c1"));

        get(erasures.begin("ann"));
        executor.advance(Duration.ofMinutes(1));

        assertThat(export("ann")).contains("{\"kind\":\"name\",\"name\":\"ann\",\"connections\":1}");
        assertThat(get(people.names().claim("Ann", "bob", "c2"))).isEqualTo(Names.Outcome.TAKEN);
    }

    @Test
    void ofAUserOfWhomNothingIsKeptThereAreTwoLines() {
        publish(ROOM, "bob", text("1"));
        long now = clock.millis();

        assertThat(export("ann").lines())
                .containsExactly(
                        "{\"kind\":\"user\",\"user\":\"ann\",\"exported_at\":" + now + ",\"blocked\":false}",
                        "{\"kind\":\"end\",\"messages\":0}");
    }

    @Test
    void itWaitsUntilWhatItFoundWasTaken() {
        for (int i = 0; i < 5; i++) {
            for (int k = 0; k < 1_500; k++) {
                publish(new TopicName("t" + i), "ann", text(String.valueOf(k)));
            }
        }
        List<byte[]> pieces = new ArrayList<>();
        List<CompletableFuture<Boolean>> rooms = new ArrayList<>();
        Exports.Export export = begin("ann");
        CompletionStage<?> done = export.run(piece -> {
            pieces.add(piece);
            rooms.add(new CompletableFuture<>());
            return rooms.getLast();
        });

        int taken = 0;
        while (!done.toCompletableFuture().isDone()) {
            executor.advance(Duration.ofMinutes(1));
            assertThat(pieces).hasSize(taken + 1);
            rooms.get(taken++).complete(true);
            executor.runAll();
        }

        assertThat(done.toCompletableFuture()).isCompleted();
        assertThat(taken).isEqualTo(1 + 10 + 1);
        assertThat(text(pieces)).endsWith("{\"kind\":\"end\",\"messages\":7500}\n");
        assertThat(text(pieces).lines().filter(line -> line.startsWith("{\"kind\":\"message\"")))
                .hasSize(7_500)
                .doesNotHaveDuplicates();
    }

    @Test
    void oneThatNobodyReadsAnyMoreEndsWithoutItsLastLine() {
        publish(ROOM, "ann", text("1"));
        List<byte[]> pieces = new ArrayList<>();
        Exports.Export export = begin("ann");

        CompletionStage<?> done = export.run(piece -> {
            pieces.add(piece);
            return CompletableFuture.completedFuture(pieces.size() < 2);
        });
        executor.advance(Duration.ofMinutes(1));

        assertThat(done.toCompletableFuture()).isCompletedExceptionally();
        assertThat(pieces).hasSize(2);
        assertThat(text(pieces)).doesNotContain("\"end\"");
    }

    @Test
    void oneThatIsClosedEndsAtItsNextStep() {
        for (int i = 0; i < 200; i++) {
            publish(new TopicName("t" + i), "ann", text("1"));
        }
        List<byte[]> pieces = new ArrayList<>();
        Exports.Export export = begin("ann");
        CompletionStage<?> done = export.run(piece -> {
            pieces.add(piece);
            if (pieces.size() == 10) {
                export.close();
            }
            return CompletableFuture.completedFuture(true);
        });

        executor.advance(Duration.ofMinutes(1));

        assertThat(done.toCompletableFuture()).isCompletedExceptionally();
        assertThat(pieces).hasSize(10);
    }

    @Test
    void soManyAreMadeAtOnceAndNoMore() {
        Exports.Export first = begin("ann");
        Exports.Export second = begin("ann");

        assertThat(exports.begin("bob")).isNull();
        first.close();
        first.close();
        Exports.Export third = begin("bob");
        assertThat(exports.begin("bob")).isNull();
        second.close();
        third.close();
    }

    // ---- short ways

    private Exports.Export begin(String user) {
        Exports.Export export = exports.begin(user);
        assertThat(export).isNotNull();
        return export;
    }

    private String export(String user) {
        List<byte[]> pieces = new ArrayList<>();
        try (Exports.Export export = begin(user)) {
            CompletionStage<?> done = export.run(piece -> {
                pieces.add(piece);
                return CompletableFuture.completedFuture(true);
            });
            executor.advance(Duration.ofSeconds(1));
            assertThat(done.toCompletableFuture()).isCompleted();
        }
        return text(pieces);
    }

    private static String text(List<byte[]> pieces) {
        StringBuilder text = new StringBuilder();
        pieces.forEach(piece -> text.append(new String(piece, StandardCharsets.UTF_8)));
        return text.toString();
    }

    private static Draft text(String json) {
        return new Draft(json.getBytes(StandardCharsets.UTF_8), null, null);
    }

    private void publish(TopicName topic, String user, Draft draft) {
        var _ = log.append(new Append(topic, List.of(draft), user, "u:" + user, Append.ANY_OFFSET, Lane.DIRECT) {
            @Override
            public void onAnswered(AppendResult result) {
                assertThat(result).isInstanceOf(AppendResult.Appended.class);
            }
        });
        executor.runAll();
    }

    private <T extends @Nullable Object> T get(CompletionStage<T> stage) {
        executor.runAll();
        assertThat(stage.toCompletableFuture()).isCompleted();
        return stage.toCompletableFuture().join();
    }

    /// A store that knows in which partitions it has ever had something.
    private final class Watched implements StateStore {
        private final StateStore store;
        private final TreeSet<String> partitions = new TreeSet<>();

        Watched(StateStore store) {
            this.store = store;
        }

        /// Partition and key of all records with this text in one of both or in the value.
        List<String> placesThatName(String text) {
            List<String> found = new ArrayList<>();
            for (String partition : partitions) {
                for (StateRecord record :
                        get(store.scan(partition, "", "", 1_000)).records()) {
                    String all = partition
                            + ' '
                            + record.key()
                            + ' '
                            + new String(record.value(), StandardCharsets.ISO_8859_1);
                    if (all.contains(text)) {
                        found.add(partition + ' ' + record.key());
                    }
                }
            }
            return found;
        }

        private <T extends @Nullable Object> T get(CompletionStage<T> stage) {
            return ExportsTest.this.get(stage);
        }

        @Override
        public CompletionStage<@Nullable StateRecord> get(String partition, String key) {
            return store.get(partition, key);
        }

        @Override
        public CompletionStage<Long> put(String partition, String key, byte[] value, long ifVersion, long expiresAtMs) {
            partitions.add(partition);
            return store.put(partition, key, value, ifVersion, expiresAtMs);
        }

        @Override
        public CompletionStage<Boolean> delete(String partition, String key, long ifVersion) {
            return store.delete(partition, key, ifVersion);
        }

        @Override
        public CompletionStage<Long> advance(String partition, String key, long number) {
            partitions.add(partition);
            return store.advance(partition, key, number);
        }

        @Override
        public CompletionStage<StatePage> scan(String partition, String prefix, String after, int limit) {
            return store.scan(partition, prefix, after, limit);
        }
    }
}
