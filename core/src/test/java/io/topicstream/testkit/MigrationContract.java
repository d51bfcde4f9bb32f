package io.topicstream.testkit;

import static io.topicstream.testkit.LogContractFixture.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.log.About;
import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.Details;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Extent;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import io.topicstream.log.Redaction;
import io.topicstream.log.Reference;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.migration.CopiedBatch;
import io.topicstream.migration.Migration;
import io.topicstream.migration.MigrationException;
import io.topicstream.migration.MigrationReport;
import io.topicstream.migration.StoreExport;
import io.topicstream.migration.StoreImport;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What must hold when everything is moved from one engine into another: nobody who comes back notices.
@Timeout(300)
public abstract class MigrationContract {
    private static final TopicName TALK = new TopicName("talk");
    private static final TopicName TRIMMED = new TopicName("trimmed");
    private static final TopicName GONE = new TopicName("gone");
    private static final TopicName SHORT = new TopicName("a-short.one");
    private static final int ALL = 1_000_000;

    private final ManualClock clock = new ManualClock();
    private RecordingLane lane;
    private MovableStore from;
    private MovableStore to;

    /// An empty place to move out of.
    protected abstract MovableStore from(ManualClock clock) throws Exception;

    /// An empty place to move into.
    protected abstract MovableStore to(ManualClock clock) throws Exception;

    @BeforeEach
    void begin() throws Exception {
        lane = RecordingLane.threaded("migration");
        from = from(clock);
        to = to(clock);
    }

    @AfterEach
    void end() throws Exception {
        try (MovableStore _ = from;
                MovableStore _ = to) {
            lane.close();
        }
    }

    private static Appended stored(MovableStore store, RecordingAppend append) {
        store.log().append(append);
        AppendResult result = get(append.answer());
        assertThat(result).isInstanceOf(Appended.class);
        return (Appended) result;
    }

    private AppendResult answer(MovableStore store, RecordingAppend.Builder append) {
        RecordingAppend made = append.on(lane);
        store.log().append(made);
        return get(made.answer());
    }

    private Appended say(MovableStore store, TopicName topic, String... json) {
        RecordingAppend.Builder append = RecordingAppend.to(topic);
        for (String each : json) {
            append.message(each);
        }
        return stored(store, append.on(lane));
    }

    private MigrationReport move() throws Exception {
        return move(from, to);
    }

    private MigrationReport move(MovableStore source, MovableStore target) throws Exception {
        source.shutDown();
        target.shutDown();
        try (StoreExport export = source.export();
                StoreImport fill = target.fill()) {
            return Migration.run(export, fill, clock, (_, _, _, _) -> {});
        }
    }

    private static Draft draft(String json, Details details) {
        return new Draft(json.getBytes(StandardCharsets.UTF_8), null, details);
    }

    /// A bit of everything, in two epochs.
    private void fill(MovableStore store) throws Exception {
        store.open();
        say(store, TALK, "1", "2", "3");
        stored(
                store,
                RecordingAppend.to(TALK)
                        .draft(new Draft(new byte[] {0, 1, (byte) 0xFF}, "b-1", Details.ofBytes("a/b; c=d")))
                        .from("ann")
                        .on(lane));
        Details details = new Details(
                Message.Kind.JSON,
                null,
                Headers.of(Map.of("h", "v")).with(Headers.NAME, "Änn 😀"),
                "key",
                "origin-1",
                "tag");
        stored(
                store,
                RecordingAppend.to(TALK)
                        .draft(draft("{\"a\":1}", details))
                        .from("bob")
                        .on(lane));
        clock.advance(Duration.ofMinutes(10));
        stored(
                store,
                RecordingAppend.to(TALK)
                        .draft(draft("\"+1\"", Details.NONE).about(new About(2, About.As.REACTION, "👍")))
                        .draft(draft("\"reply\"", Details.NONE).about(new About(5, About.As.REPLY, null)))
                        .from("ann")
                        .on(lane));
        say(store, TALK, "\"secret\"");
        say(store, TALK, "\"forgotten\"");
        get(store.log().redact(TALK, Redaction.of(8)));
        get(store.log().redact(TALK, new Redaction(List.of(9L), "u:somebody")));
        IntStream.rangeClosed(1, 40).forEach(n -> say(store, TRIMMED, Integer.toString(n)));
        say(store, TRIMMED, "41", "42", "43", "44");
        get(store.log().trim(TRIMMED, 43));
        say(store, GONE, "1", "2", "3");
        get(store.log().trim(GONE, 4));
        say(store, SHORT, "\"" + "x".repeat(50_000) + "\"");
        store.shutDown();
        clock.advance(Duration.ofMinutes(1));
        store.openInNewEpoch();
        say(store, TALK, "10");
        say(store, TALK, "11", "12");
        put(store, "rooms", "r", "a room", StateStore.NEVER);
        put(store, "rooms", "s", "another", StateStore.NEVER);
        get(store.state().delete("rooms", "s", StateStore.ANY_VERSION));
        put(store, "subscriptions/änn", "talk", "", StateStore.NEVER);
        put(store, "signed-out-users", "u", "till then", clock.millis() + 3_600_000);
        put(store, "signed-out-users", "v", "ended", clock.millis() + 1_000);
        get(store.state().advance("receipts/talk", "ann", 7));
        put(store, "connections", "id-key", "of the old servers", StateStore.NEVER);
        clock.advance(Duration.ofMinutes(1));
    }

    private static void put(MovableStore store, String partition, String key, String value, long expiresAtMs) {
        assertThat(get(store.state()
                        .put(
                                partition,
                                key,
                                value.getBytes(StandardCharsets.UTF_8),
                                StateStore.ANY_VERSION,
                                expiresAtMs)))
                .isPositive();
    }

    /// All that a topic shows.
    private record Shown(
            long first,
            long next,
            List<Message> forward,
            List<Message> backward,
            List<Reference> references,
            Map<Long, Long> lastOffsets,
            Map<Long, Long> offsetsAt) {}

    private static Map<TopicName, Shown> shown(MovableStore store, List<Long> epochs, List<Long> times) {
        Map<TopicName, Shown> all = new LinkedHashMap<>();
        for (TopicExtent each : get(store.log().topics("", "", ALL))) {
            TopicName topic = each.topic();
            Extent extent = each.extent();
            Map<Long, Long> lastOffsets = new LinkedHashMap<>();
            epochs.forEach(epoch -> lastOffsets.put(epoch, get(store.log().lastOffsetIn(topic, epoch))));
            Map<Long, Long> offsetsAt = new LinkedHashMap<>();
            times.forEach(time -> offsetsAt.put(time, get(store.log().offsetAt(topic, time))));
            all.put(
                    topic,
                    new Shown(
                            extent.firstOffset(),
                            extent.nextOffset(),
                            get(store.log().read(topic, 1, Direction.FORWARD, ALL, Integer.MAX_VALUE))
                                    .messages(),
                            get(store.log().read(topic, ALL, Direction.BACKWARD, 5, Integer.MAX_VALUE))
                                    .messages(),
                            get(store.log().references(topic, 1, ALL, 10)),
                            lastOffsets,
                            offsetsAt));
        }
        return all;
    }

    private static long epoch(MovableStore store) {
        return get(store.log().extent(TALK)).epoch();
    }

    @Test
    void everythingStandsWhereItStood() throws Exception {
        long begin = clock.millis();
        fill(from);
        long epoch = epoch(from);
        long first = begin / 1000;
        List<Long> epochs = List.of(0L, first, first + 1, epoch - 1, epoch, epoch + 1_000_000);
        List<Long> times = List.of(0L, begin, begin + 1, begin + 600_000, clock.millis() + 1);
        Map<TopicName, Shown> before = shown(from, epochs, times);

        MigrationReport report = move();
        to.open();

        assertThat(shown(to, epochs, times)).isEqualTo(before);
        assertThat(before.get(GONE).first()).isEqualTo(4);
        assertThat(before.get(TRIMMED).first()).isEqualTo(43);
        assertThat(report.topics()).isEqualTo(4);
        assertThat(report.messages()).isEqualTo(12 + 2 + 0 + 1);
        assertThat(report.epoch()).isEqualTo(epoch(to)).isGreaterThan(epoch);
    }

    @Test
    void offsetsAndTimesGoOnAndAPlaceOfBeforeHolds() throws Exception {
        fill(from);
        long epoch = epoch(from);
        long last = get(from.log().extent(TALK)).nextOffset() - 1;
        Appended old = say(from, GONE, "4");
        get(from.log().trim(GONE, 5));
        long lastMs = get(from.log().read(TALK, last, Direction.FORWARD, 1, ALL))
                .messages()
                .getFirst()
                .timestamp();
        move();
        clock.advance(Duration.ofHours(-2));
        to.open();

        assertThat(get(to.log().lastOffsetIn(TALK, epoch))).isEqualTo(last);
        Appended next = say(to, TALK, "\"next\"");
        Appended afterNothing = say(to, GONE, "5");

        assertThat(next.firstOffset()).isEqualTo(last + 1);
        assertThat(next.epoch()).isGreaterThan(epoch);
        assertThat(next.timestamp()).isEqualTo(lastMs);
        assertThat(afterNothing.firstOffset()).isEqualTo(5);
        assertThat(afterNothing.timestamp()).isEqualTo(old.timestamp());
        assertThat(get(to.log().lastOffsetIn(TALK, epoch)))
                .as("a client that resumes")
                .isEqualTo(last);
        assertThat(get(to.log().lastOffsetIn(GONE, epoch))).isEqualTo(4);
        assertThat(get(to.log().read(TALK, last, Direction.FORWARD, 10, ALL)).messages())
                .hasSize(2);
    }

    @Test
    void idsAnswerAsBefore() throws Exception {
        from.open();
        answer(from, RecordingAppend.to(TALK).message("0", "too-old").from("ann"));
        clock.advance(Duration.ofHours(23));
        Appended one = (Appended)
                answer(from, RecordingAppend.to(TALK).message("1", "id-1").from("ann"));
        RecordingAppend.Builder many = RecordingAppend.to(TALK)
                .message("2", "id-2")
                .message("3")
                .message("4")
                .from("ann");
        Appended three = (Appended) answer(from, many);
        Appended secret = (Appended) answer(
                from, RecordingAppend.to(TALK).message("\"secret\"", "id-3").from("ann"));
        answer(from, RecordingAppend.to(TALK).message("6", "id-4").from("bob"));
        get(from.log().redact(TALK, Redaction.of(secret.firstOffset())));
        get(from.log().redact(TALK, new Redaction(List.of(7L), "u:bob")));
        RecordingAppend.Builder cut = RecordingAppend.to(TRIMMED)
                .message("1", "id-1")
                .message("2")
                .message("3")
                .from("ann");
        Appended trimmed = (Appended) answer(from, cut);
        get(from.log().trim(TRIMMED, 3));
        Appended last = (Appended)
                answer(from, RecordingAppend.to(GONE).message("1", "id-1").from("ann"));
        get(from.log().trim(GONE, 2));
        clock.advance(Duration.ofHours(2));
        MigrationReport report = move();
        to.open();

        for (int turn = 0; turn < 2; turn++) {
            assertThat(answer(to, RecordingAppend.to(TALK).message("1", "id-1").from("ann")))
                    .isEqualTo(again(one));
            assertThat(answer(
                            to,
                            RecordingAppend.to(TALK)
                                    .message("2", "id-2")
                                    .message("3")
                                    .message("4")
                                    .from("ann")))
                    .isEqualTo(again(three));
            assertThat(answer(
                            to,
                            RecordingAppend.to(TALK)
                                    .message("\"secret\"", "id-3")
                                    .from("ann")))
                    .isEqualTo(again(secret));
            assertThat(answer(
                            to,
                            RecordingAppend.to(TRIMMED)
                                    .message("1", "id-1")
                                    .message("2")
                                    .message("3")
                                    .from("ann")))
                    .isEqualTo(again(trimmed));
            assertThat(answer(to, RecordingAppend.to(GONE).message("1", "id-1").from("ann")))
                    .isEqualTo(again(last));
            for (String id : List.of("id-1", "id-2", "id-3")) {
                assertThat(answer(
                                to,
                                RecordingAppend.to(TALK)
                                        .message("\"other\"", id)
                                        .from("ann")))
                        .as(id)
                        .isEqualTo(new AppendResult.IdConflict());
            }
        }
        assertThat(report.ids()).isEqualTo(5);
        assertThat(((Appended) answer(
                                to,
                                RecordingAppend.to(TALK).message("6", "id-4").from("bob")))
                        .repeated())
                .as("of an author who was forgotten")
                .isFalse();
        assertThat(((Appended) answer(
                                to,
                                RecordingAppend.to(TALK).message("0", "too-old").from("ann")))
                        .repeated())
                .isFalse();
        assertThat(((Appended) answer(
                                to,
                                RecordingAppend.to(TALK).message("1", "id-1").from("bob")))
                        .repeated())
                .as("somebody else's")
                .isFalse();
    }

    private static Appended again(Appended first) {
        return new Appended(first.epoch(), first.firstOffset(), first.lastOffset(), first.timestamp(), true);
    }

    @Test
    void idsOfAnAuthorAreForgottenWhereTheyCameTo() throws Exception {
        from.open();
        answer(from, RecordingAppend.to(TALK).message("1", "id-1").from("ann"));
        answer(from, RecordingAppend.to(TALK).message("2", "id-2").from("ann"));
        move();
        to.open();

        get(to.log().redact(TALK, new Redaction(List.of(1L), "u:ann")));
        get(to.log().redact(TALK, Redaction.of(2)));

        assertThat(((Appended) answer(
                                to,
                                RecordingAppend.to(TALK).message("1", "id-1").from("ann")))
                        .repeated())
                .isFalse();
        assertThat(((Appended) answer(
                                to,
                                RecordingAppend.to(TALK).message("2", "id-2").from("ann")))
                        .repeated())
                .isTrue();
    }

    @Test
    void idsRunOutWhereTheyCameTo() throws Exception {
        from.open();
        answer(from, RecordingAppend.to(TALK).message("1", "id-1").from("ann"));
        clock.advance(Duration.ofHours(12));
        move();
        to.open();
        clock.advance(Duration.ofHours(13));

        assertThat(((Appended) answer(
                                to,
                                RecordingAppend.to(TALK).message("2", "id-1").from("ann")))
                        .firstOffset())
                .isEqualTo(2);
    }

    @Test
    void stateIsThereWithItsVersions() throws Exception {
        fill(from);
        StateRecord room = get(from.state().get("rooms", "r"));
        StateRecord signedOut = get(from.state().get("signed-out-users", "u"));
        StateRecord receipt = get(from.state().get("receipts/talk", "ann"));

        MigrationReport report = move();
        to.open();

        assertThat(get(to.state().get("rooms", "r"))).isEqualTo(room);
        assertThat(get(to.state().get("signed-out-users", "u"))).isEqualTo(signedOut);
        assertThat(get(to.state().get("receipts/talk", "ann"))).isEqualTo(receipt);
        assertThat(get(to.state().scan("subscriptions/änn", "", "", 10)).records())
                .hasSize(1);
        assertThat(get(to.state().get("rooms", "s"))).isNull();
        assertThat(get(to.state().get("signed-out-users", "v"))).isNull();
        assertThat(get(to.state().get("connections", "id-key"))).isNull();
        assertThat(report.records()).isEqualTo(4);
        assertThat(room).isNotNull();
        long version = room == null ? 0 : room.version();
        assertThat(get(to.state().put("rooms", "r", new byte[1], version - 1, StateStore.NEVER)))
                .as("of a stale writer")
                .isZero();
        assertThat(get(to.state().put("rooms", "r", new byte[1], version, StateStore.NEVER)))
                .isGreaterThan(version);
        assertThat(get(to.state().advance("receipts/talk", "ann", 6))).isEqualTo(7);
    }

    @Test
    void anEmptyStoreMovesToo() throws Exception {
        from.open();
        MigrationReport report = move();
        to.open();

        assertThat(report.topics() + report.messages() + report.records()).isZero();
        assertThat(get(to.log().topics("", "", ALL))).isEmpty();
        assertThat(say(to, TALK, "1").firstOffset()).isEqualTo(1);
    }

    @Test
    void manyMessagesOfManyDaysMove() throws Exception {
        from.open();
        for (int day = 0; day < 4; day++) {
            for (int n = 0; n < 12; n++) {
                RecordingAppend.Builder append = RecordingAppend.to(TALK).from("ann");
                for (int i = 0; i < 90; i++) {
                    append.message("{\"day\":" + day + ",\"n\":" + (90 * n + i) + "}", day + "-" + n + "-" + i);
                }
                answer(from, append);
                clock.advance(Duration.ofMinutes(100));
            }
            stored(
                    from,
                    RecordingAppend.to(TALK)
                            .draft(draft("\"+1\"", Details.NONE).about(new About(3 + day, About.As.REACTION, "+")))
                            .on(lane));
        }
        get(from.log().redact(TALK, Redaction.of(700)));
        List<Long> epochs = List.of(epoch(from) - 1, epoch(from));
        List<Long> times = IntStream.range(0, 100)
                .mapToObj(hours -> clock.millis() - hours * 3_600_000L)
                .toList();
        Map<TopicName, Shown> before = shown(from, epochs, times);

        MigrationReport report = move();
        to.open();

        assertThat(shown(to, epochs, times)).isEqualTo(before);
        assertThat(report.messages()).isEqualTo(4 * (12 * 90 + 1));
        assertThat(report.ids()).as("of a day").isBetween(12 * 90L, 14 * 90L + 90);
        // Where some of it is archived, it can still be taken back, and trimmed.
        assertThat(get(to.log().redact(TALK, Redaction.of(5)))).containsExactly(5L);
        assertThat(get(to.log().read(TALK, 5, Direction.FORWARD, 1, ALL))
                        .messages()
                        .getFirst()
                        .kind())
                .isEqualTo(Message.Kind.REDACTED);
        assertThat(get(to.log().trim(TALK, 1_500)).firstOffset()).isEqualTo(1_500);
        assertThat(get(to.log().read(TALK, 1, Direction.FORWARD, 1, ALL))
                        .messages()
                        .getFirst()
                        .offset())
                .isEqualTo(1_500);
    }

    @Test
    void whatIsThereAlreadyIsLeftAlone() throws Exception {
        fill(from);
        to.open();
        say(to, new TopicName("mine"), "1");
        to.shutDown();

        assertThatThrownBy(this::move)
                .isInstanceOf(MigrationException.class)
                .hasMessageContaining("nothing was changed");

        to.open();
        assertThat(get(to.log().topics("", "", ALL)))
                .extracting(each -> each.topic().value())
                .containsExactly("mine");
    }

    @Test
    void aRunThatWasCutOffAnywhereGoesOn() throws Exception {
        fill(from);
        for (int n = 1; n <= 30; n++) {
            answer(from, RecordingAppend.to(SHORT).message("" + n, "id-" + n).from("ann"));
        }
        List<Long> epochs = List.of(epoch(from) - 1, epoch(from));
        List<Long> times = List.of(clock.millis() - 60_000, clock.millis());
        Map<TopicName, Shown> before = shown(from, epochs, times);
        from.shutDown();
        int steps = 0;
        boolean isDone = false;
        while (!isDone) {
            try (StoreExport export = from.export();
                    StoreImport fill = to.fill()) {
                Migration.run(export, FaultyImport.cutOff(fill, 1 + steps * 7), clock, (_, _, _, _) -> {});
                isDone = true;
            } catch (IllegalStateException e) {
                assertThat(e).hasMessage("cut off");
                assertThatThrownBy(to::open).hasStackTraceContaining("not complete");
                steps++;
                clock.advance(Duration.ofMinutes(20));
            }
        }
        to.open();

        assertThat(steps).isGreaterThan(3);
        assertThat(shown(to, epochs, times)).isEqualTo(before);
        assertThat(answer(to, RecordingAppend.to(SHORT).message("7", "id-7").from("ann")))
                .extracting(result -> ((Appended) result).firstOffset())
                .isEqualTo(8L);
    }

    @Test
    void aRunThatCameToItsEndIsNotDoneAgain() throws Exception {
        fill(from);
        move();

        assertThat(move().wasFinished()).isTrue();

        to.open();
        assertThat(get(to.log().extent(TALK)).nextOffset()).isEqualTo(13);
    }

    @Test
    void anotherSourceDoesNotGoOnWithTheRun() throws Exception {
        fill(from);
        from.shutDown();
        try (StoreExport export = from.export();
                StoreImport fill = to.fill()) {
            StoreImport ending = FaultyImport.cutOff(fill, 5);
            assertThatThrownBy(() -> Migration.run(export, ending, clock, (_, _, _, _) -> {}))
                    .hasMessage("cut off");
        }
        try (MovableStore other = from(clock)) {
            clock.advance(Duration.ofMinutes(1));
            fill(other);
            assertThatThrownBy(() -> move(other, to))
                    .isInstanceOf(MigrationException.class)
                    .hasMessageContaining("another migration");
        }
    }

    @Test
    void whatIsNotTheSameIsSaidByItsTopic() throws Exception {
        fill(from);
        from.shutDown();

        try (StoreExport export = from.export();
                StoreImport fill = to.fill()) {
            StoreImport forged = FaultyImport.forged(fill, MigrationContract::forge);
            assertThatThrownBy(() -> Migration.run(export, forged, clock, (_, _, _, _) -> {}))
                    .isInstanceOf(MigrationException.class)
                    .hasMessageContaining("topic talk: message 11");
        }
        assertThatThrownBy(to::open).as("nobody takes it for whole").hasStackTraceContaining("not complete");
    }

    /// Gets one message wrong.
    private static CopiedBatch forge(TopicName topic, CopiedBatch batch) {
        return new CopiedBatch(
                batch.epoch(),
                batch.messages().stream()
                        .map(message -> topic.equals(TALK) && message.offset() == 11
                                ? new Message(11, message.timestamp(), null, null, new byte[] {'0'}, null)
                                : message)
                        .toList(),
                batch.ids());
    }
}
