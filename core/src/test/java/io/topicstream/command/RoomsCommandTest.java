package io.topicstream.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.Admission;
import io.topicstream.log.TopicName;
import io.topicstream.people.Rooms;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordedPresence;
import io.topicstream.testkit.SteppedExecutor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RoomsCommandTest {
    private static final byte[] ID = {'1'};
    private static final int LARGE = 100 * 1024;

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor executor = new SteppedExecutor(clock);
    private final InMemoryStateStore store = new InMemoryStateStore(clock, executor);
    private final Rooms rooms = new Rooms(store, (_, _) -> Admission.ACCEPTED, clock);
    private final TreeMap<String, Long> crowds = new TreeMap<>();
    private final RoomsCommand list = new RoomsCommand(rooms, new Crowded());
    private final PutRoomCommand put = new PutRoomCommand(rooms, TopicPolicies.DEFAULT);

    /// Tells who is in a topic, in pages of three.
    private final class Crowded extends RecordedPresence {
        @Override
        public CompletionStage<Crowd> crowd(TopicName topic) {
            long users = crowds.getOrDefault(topic.value(), 0L);
            return CompletableFuture.completedFuture(new Crowd(topic, users, users));
        }

        @Override
        public CompletionStage<Crowds> crowds(String prefix, String after, int limit) {
            List<Crowd> page = new ArrayList<>();
            String next = null;
            for (var entry : crowds.tailMap(after, false).entrySet()) {
                if (entry.getKey().startsWith(prefix)) {
                    if (page.size() == Math.min(limit, 3)) {
                        next = page.getLast().topic().value();
                        break;
                    }
                    page.add(new Crowd(new TopicName(entry.getKey()), entry.getValue(), entry.getValue()));
                }
            }
            return CompletableFuture.completedFuture(new Crowds(page, next));
        }
    }

    private static Identity identity(@Nullable String user, String... readable) {
        List<Grant> grants = new ArrayList<>();
        grants.add(new Grant("room:*", EnumSet.of(Permission.PUBLISH)));
        for (String pattern : readable) {
            grants.add(new Grant(pattern, EnumSet.of(Permission.READ)));
        }
        return user == null
                ? Identity.anonymous(null, null, grants)
                : new Identity(user, null, Identity.Credential.API_KEY, null, grants, Identity.NEVER);
    }

    private <T> Result<T> join(CompletionStage<Result<T>> stage) {
        executor.runAll();
        return stage.toCompletableFuture().join();
    }

    private Query.RoomList list(Identity who, @Nullable String owner, String prefix, int limit, String after) {
        return list(who, owner, prefix, limit, after, LARGE);
    }

    private Query.RoomList list(
            Identity who, @Nullable String owner, String prefix, int limit, String after, int maxBytes) {
        return ((Result.Success<Query.RoomList>)
                        join(list.run(new TestCaller(who), new Query.Rooms(ID, owner, prefix, limit, after), maxBytes)))
                .value();
    }

    private static String shown(Query.RoomList rooms) {
        return rooms.rooms().stream()
                        .map(room -> room.topic().value().substring(5) + "/"
                                + (room.owner() == null ? "" : room.owner()) + "/" + room.members())
                        .collect(Collectors.joining(" "))
                + (rooms.next() == null ? "" : " then " + rooms.next());
    }

    private void make(String topic, String owner) {
        var _ = rooms.put(new TopicName(topic), owner, Rooms.Change.of("Title of " + topic), false);
        executor.runAll();
    }

    private void someRooms() {
        make("room:b", "ann");
        make("room:d", "bob");
        make("room:f", "ann");
        make("room:h", "ann");
        for (String active : List.of("other:x", "room:a", "room:b", "room:c", "room:e", "room:f", "room:g", "zoom:x")) {
            crowds.put(active, (long) active.charAt(5));
        }
    }

    @Test
    void roomsThatWereMadeAndThoseThatAreUsedAreOneListByName() {
        someRooms();
        Identity who = identity("cy", "*");

        assertThat(shown(list(who, null, "", 100, "")))
                .isEqualTo("a//97 b/ann/98 c//99 d/bob/0 e//101 f/ann/102 g//103 h/ann/0");
        assertThat(list(who, null, "room:b", 100, "").rooms().getFirst())
                .isEqualTo(new Query.Room(new TopicName("room:b"), "Title of room:b", "ann", clock.millis(), 98, null));
        assertThat(list(who, null, "room:c", 100, "").rooms().getFirst())
                .isEqualTo(new Query.Room(new TopicName("room:c"), null, null, null, 99, null));
        assertThat(shown(list(who, null, "roo", 2, "room:c"))).isEqualTo("d/bob/0 e//101 then room:e");
        assertThat(shown(list(who, null, "room:", 8, ""))).endsWith("h/ann/0 then room:h");
        assertThat(shown(list(who, null, "room:", 8, "room:h"))).isEmpty();
        assertThat(shown(list(who, null, "zoom", 8, ""))).isEmpty();
        assertThat(shown(list(who, null, "rooms", 8, ""))).isEmpty();
    }

    @Test
    void allPagesTogetherAreTheList() {
        someRooms();
        for (int limit = 1; limit < 10; limit++) {
            List<String> all = new ArrayList<>();
            String after = "";
            while (after != null) {
                Query.RoomList page = list(identity("cy", "*"), null, "", limit, after);
                page.rooms().forEach(room -> all.add(room.topic().value().substring(5)));
                after = page.next();
            }
            assertThat(String.join("", all)).as("pages of " + limit).isEqualTo("abcdefgh");
        }
    }

    @Test
    void anOwnersRoomsAreListedWithThoseWhoAreInThem() {
        someRooms();

        assertThat(shown(list(identity("cy", "*"), "ann", "", 100, ""))).isEqualTo("b/ann/98 f/ann/102 h/ann/0");
        assertThat(shown(list(identity("cy", "*"), "ann", "", 2, ""))).isEqualTo("b/ann/98 f/ann/102 then room:f");
        assertThat(shown(list(identity("cy", "*"), "ann", "", 2, "room:f"))).isEqualTo("h/ann/0");
        assertThat(shown(list(identity("cy", "*"), "dan", "", 2, ""))).isEmpty();
    }

    @Test
    void onlyWhatTheCallerMayReadIsListed() {
        someRooms();

        assertThat(shown(list(identity("cy", "room:f*", "room:a"), null, "", 100, "")))
                .isEqualTo("a//97 f/ann/102");
        assertThat(shown(list(identity("cy", "room:f*"), "ann", "", 100, ""))).isEqualTo("f/ann/102");
        assertThat(shown(list(identity("cy"), null, "", 100, ""))).isEmpty();
    }

    @Test
    void aListIsCutWhereItWouldBecomeTooLong() {
        someRooms();

        assertThat(list(identity("cy", "*"), null, "", 100, "", 1).rooms()).hasSize(1);
        assertThat(shown(list(identity("cy", "*"), null, "", 100, "", 400))).isEqualTo("a//97 b/ann/98 then room:b");
    }

    @Test
    void aRoomIsMadeByAUserWhoMayPublishThere() {
        ClientFrame.PutRoom frame = new ClientFrame.PutRoom(ID, new TopicName("room:tea"), "Tea 😀", null);

        assertThat(join(put.run(new TestCaller(identity("ann")), frame)))
                .isEqualTo(new Result.Success<>(
                        new ServerFrame.RoomPut(ID, new TopicName("room:tea"), "Tea 😀", "ann", clock.millis(), null)));
        assertThat(code(put.run(new TestCaller(identity("bob")), frame))).isEqualTo(ErrorCode.FORBIDDEN);
        assertThat(code(put.run(new TestCaller(identity(null)), frame))).isEqualTo(ErrorCode.FORBIDDEN);
        Identity administrator = new Identity(
                "root",
                null,
                Identity.Credential.API_KEY,
                null,
                List.of(new Grant("room:*", EnumSet.of(Permission.ADMIN))),
                Identity.NEVER);
        assertThat(join(put.run(
                        new TestCaller(administrator),
                        new ClientFrame.PutRoom(ID, new TopicName("room:tea"), "Coffee", null))))
                .isEqualTo(new Result.Success<>(
                        new ServerFrame.RoomPut(ID, new TopicName("room:tea"), "Coffee", "ann", clock.millis(), null)));
        Identity reader = new Identity(
                "cy",
                null,
                Identity.Credential.API_KEY,
                null,
                List.of(new Grant("*", EnumSet.of(Permission.READ))),
                Identity.NEVER);
        assertThat(code(put.run(
                        new TestCaller(reader), new ClientFrame.PutRoom(ID, new TopicName("room:new"), null, null))))
                .isEqualTo(ErrorCode.FORBIDDEN);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tea", "room", "room:", "rooms:tea", "dm:a~b", "sys:x"})
    void onlyTopicsOfTheNamespaceAreRooms(String topic) {
        assertThat(code(put.run(
                        new TestCaller(identity("ann")),
                        new ClientFrame.PutRoom(ID, new TopicName(topic), null, null))))
                .isEqualTo(ErrorCode.BAD_TOPIC);
    }

    @Test
    void aTitleHasNoControlCharacters() {
        assertThat(code(put.run(
                        new TestCaller(identity("ann")),
                        new ClientFrame.PutRoom(ID, new TopicName("room:tea"), "a\nb", null))))
                .isEqualTo(ErrorCode.BAD_FRAME);
    }

    private ErrorCode code(CompletionStage<Result<ServerFrame.RoomPut>> stage) {
        return ((Result.Refused<ServerFrame.RoomPut>) join(stage)).refusal().code();
    }
}
