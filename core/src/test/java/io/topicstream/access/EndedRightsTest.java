package io.topicstream.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.access.Authentication.Known;
import io.topicstream.log.Admission;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.signal.Signal;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.ManualClock;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Two nodes over one store, whose signals nobody hears unless a test hands them on.
class EndedRightsTest {
    private final ManualClock clock = new ManualClock();
    private final Gated store = new Gated(new InMemoryStateStore(clock, Runnable::run));
    private final Random random = new Random(7);
    private final TestNode here = new TestNode();
    private final TestNode there = new TestNode();

    private final class TestNode {
        final ApiKeys keys = new ApiKeys(store, random, clock);
        final List<Signal> said = new ArrayList<>();
        final EndedRights rights = new EndedRights(
                store,
                (_, signal) -> {
                    said.add(Signal.decode(signal));
                    return Admission.ACCEPTED;
                },
                keys,
                clock);
        final List<RightsChange> heard = new ArrayList<>();
        /// What the node has its timers run next.
        @Nullable
        Runnable nextLook;

        TestNode() {
            done(rights.catchUp());
            rights.onChange(heard::add);
            rights.watch((task, delayMs) -> {
                assertThat(delayMs).isEqualTo(EndedRights.LOOK_MS);
                nextLook = task;
            });
        }

        void look() {
            Runnable look = nextLook;
            assertThat(look).isNotNull();
            look.run();
        }

        @Nullable
        RightsEnd endOf(String user) {
            return rights.endOf(new Identity(
                    user,
                    null,
                    user.startsWith(Identity.GUEST_PREFIX)
                            ? Identity.Credential.NONE
                            : Identity.Credential.STATIC_TOKEN,
                    "token-of-" + user,
                    Grant.DEFAULT,
                    Identity.NEVER));
        }
    }

    private static <T> T done(CompletionStage<T> stage) {
        assertThat(stage.toCompletableFuture()).isDone();
        return stage.toCompletableFuture().join();
    }

    private void block(String user) {
        assertThat(done(here.rights.block(user, Identity.NEVER, null))).isPresent();
    }

    @Test
    void aBlockHoldsAtOnceWhereItWasMadeAndElsewhereAtTheNextLook() {
        block("eve");

        assertThat(here.endOf("eve")).isEqualTo(RightsEnd.BLOCKED);
        assertThat(here.heard).containsExactly(new RightsChange.OfUser("eve"));
        assertThat(there.endOf("eve")).isNull();
        there.look();

        assertThat(there.endOf("eve")).isEqualTo(RightsEnd.BLOCKED);
        assertThat(there.heard).containsExactly(new RightsChange.OfUser("eve"));
        assertThat(there.endOf("ann")).isNull();

        assertThat(done(there.rights.unblock("eve"))).isTrue();
        assertThat(done(there.rights.unblock("eve"))).isFalse();
        here.look();
        assertThat(here.endOf("eve")).isNull();
    }

    @Test
    void aLookCostsOneReadWhereNothingHasChanged() {
        block("eve");
        there.look();
        store.reads.clear();

        for (int i = 0; i < 10; i++) {
            there.look();
        }

        assertThat(store.reads).hasSize(10).containsOnly(RightsChanges.PARTITION + " " + RightsChanges.KEY);
        assertThat(there.heard).hasSize(1);
    }

    @Test
    void aSignalSparesTheWait() {
        block("eve");
        assertThat(here.said).containsExactly(new Signal.RightsChanged(1));

        there.rights.enqueueChanged(1);

        assertThat(there.endOf("eve")).isEqualTo(RightsEnd.BLOCKED);
        store.reads.clear();
        there.rights.enqueueChanged(1);
        assertThat(store.reads).isEmpty();
    }

    @Test
    void aRevokedKeyIsFoundAtTheNextLookAndIsNotInTheCacheThen() {
        ApiKey.Created made = done(here.keys.create("eve", null));
        Credentials shown = Credentials.none(InetAddress.ofLiteral("192.0.2.7"))
                .with(Credentials.Place.API_KEY_HEADER, made.secret());
        Identity eve = ((Known) done(there.keys.authenticate(shown))).identity();

        assertThat(done(here.keys.revoke(made.key().id()))).isTrue();
        assertThat(here.rights.endOf(eve)).isEqualTo(RightsEnd.REVOKED);
        assertThat(there.rights.endOf(eve)).isNull();
        there.look();

        assertThat(there.rights.endOf(eve)).isEqualTo(RightsEnd.REVOKED);
        assertThat(there.heard)
                .containsExactly(new RightsChange.OfCredential(made.key().id()));
        assertThat(done(there.keys.authenticate(shown))).isEqualTo(Authentication.NOT_MINE);
    }

    @Test
    void aKeyIsInTheCacheForLessThanASecond() {
        assertThat(ApiKeys.CACHE_MS).isLessThan(1_000);
    }

    @Test
    void whoHasMissedMoreThanIsRememberedReadsEverything() {
        for (int i = 0; i <= RightsChanges.REMEMBERED; i++) {
            block("user-" + i);
        }
        done(here.rights.unblock("user-0"));

        there.look();

        assertThat(there.heard).containsExactly(new RightsChange.Any());
        assertThat(there.endOf("user-0")).isNull();
        assertThat(there.endOf("user-1")).isEqualTo(RightsEnd.BLOCKED);
        assertThat(there.endOf("user-" + RightsChanges.REMEMBERED)).isEqualTo(RightsEnd.BLOCKED);
    }

    @Test
    void whoHasMissedAsManyAsAreRememberedReadsThose() {
        for (int i = 0; i < RightsChanges.REMEMBERED; i++) {
            block("user-" + i);
        }

        there.look();

        assertThat(there.heard).hasSize(RightsChanges.REMEMBERED).doesNotContain(new RightsChange.Any());
    }

    @Test
    void aNodeThatStartsKnowsWhoIsBlocked() {
        block("eve");

        assertThat(new TestNode().endOf("eve")).isEqualTo(RightsEnd.BLOCKED);
    }

    @Test
    void aBlockEndsWhenItWasSaidTo() {
        long untilMs = clock.millis() + 60_000;
        assertThat(done(here.rights.block("eve", untilMs, null))).isPresent();
        there.look();

        clock.advance(Duration.ofMillis(59_999));
        assertThat(there.endOf("eve")).isEqualTo(RightsEnd.BLOCKED);
        assertThat(done(there.rights.blocked("", 10)).users()).hasSize(1);
        clock.advance(Duration.ofMillis(1));

        assertThat(there.endOf("eve")).isNull();
        assertThat(here.endOf("eve")).isNull();
        assertThat(done(there.rights.blocked("", 10)).users()).isEmpty();
    }

    private static Identity issued(String user, long atMs) {
        return new Identity(user, null, Identity.Credential.STATIC_TOKEN, "t", Grant.DEFAULT, Identity.NEVER, atMs);
    }

    @Test
    void whoIsSignedOutMustShowWhatWasIssuedSince() {
        long nowMs = clock.millis();
        assertThat(done(here.rights.signOut("eve"))).hasValue(nowMs);
        there.look();

        for (TestNode node : List.of(here, there, new TestNode())) {
            assertThat(node.rights.endOf(issued("eve", nowMs - 1))).isEqualTo(RightsEnd.SIGNED_OUT);
            assertThat(node.rights.endOf(issued("eve", nowMs))).isNull();
            assertThat(node.rights.endOf(issued("eve", Identity.UNKNOWN))).isNull();
            assertThat(node.rights.endOf(issued("ann", nowMs - 1))).isNull();
        }
    }

    @Test
    void aSignOutIsToldOncePerNodeSinceWhoComesAgainIsNotToGo() {
        done(here.rights.signOut("eve"));
        for (int i = 0; i < 3; i++) {
            here.look();
            there.look();
        }
        assertThat(here.heard).containsExactly(new RightsChange.SignedOut("eve"));
        assertThat(there.heard).containsExactly(new RightsChange.SignedOut("eve"));

        clock.advance(Duration.ofSeconds(1));
        done(there.rights.signOut("eve"));
        here.look();

        assertThat(here.heard).hasSize(2);
    }

    @Test
    void aSecondSignOutActsEverywhereThoughItsNodesClockIsBehindThatOfTheFirst() {
        done(here.rights.signOut("eve"));
        there.look();
        clock.advance(Duration.ofSeconds(-5));

        long sinceMs = done(there.rights.signOut("eve")).orElseThrow();
        here.look();

        assertThat(here.heard).hasSize(2);
        assertThat(here.rights.endOf(issued("eve", sinceMs - 1))).isEqualTo(RightsEnd.SIGNED_OUT);
        assertThat(here.rights.endOf(issued("eve", sinceMs))).isNull();
    }

    @Test
    void whatANodeReadBeforeItsOwnChangeUndoesNothing() {
        block("eve");
        done(here.rights.unblock("eve"));
        // The other node is told of the first changes, and has read that she is not blocked when it blocks her.
        store.heldFor = BlockedUser.PARTITION;
        there.look();
        assertThat(store.held).hasSize(1);
        store.heldFor = null;
        assertThat(done(there.rights.block("eve", Identity.NEVER, null))).isPresent();

        store.held.removeFirst().run();

        assertThat(there.endOf("eve")).isEqualTo(RightsEnd.BLOCKED);
        assertThat(done(there.rights.unblock("eve"))).isTrue();
        assertThat(there.endOf("eve")).isNull();
    }

    @Test
    void whatANodeReadOfAllBeforeItsOwnChangeUndoesNothingEither() {
        for (int i = 0; i <= RightsChanges.REMEMBERED; i++) {
            block("user" + i);
        }
        store.heldFor = BlockedUser.PARTITION;
        there.look();
        assertThat(store.held).hasSize(1);
        store.heldFor = null;
        assertThat(done(there.rights.block("eve", Identity.NEVER, null))).isPresent();

        store.held.removeFirst().run();

        assertThat(there.endOf("eve")).isEqualTo(RightsEnd.BLOCKED);
        assertThat(there.endOf("user0")).isEqualTo(RightsEnd.BLOCKED);
    }

    @Test
    void whatIsOverIsForgottenByNodesThatNobodyAsksForAnything() {
        done(here.rights.block("eve", clock.millis() + 1_000, null));
        done(here.rights.block("ann", Identity.NEVER, null));
        done(here.rights.revokeToken("t", clock.millis() + 1_000));
        done(here.rights.signOut("bob"));
        there.look();
        assertThat(there.rights.remembered()).isEqualTo(4);

        clock.advance(Duration.ofDays(401));
        for (int i = 1; i < EndedRights.LOOKS_TO_FORGET; i++) {
            there.look();
        }

        assertThat(there.rights.remembered()).isEqualTo(1);
        assertThat(there.endOf("ann")).isEqualTo(RightsEnd.BLOCKED);
    }

    @Test
    void whoIsBlockedAlreadyHasRoomWhereNobodyElseHas() {
        for (int i = 0; i < EndedRights.MAX_BLOCKED; i++) {
            BlockedUser block = new BlockedUser("user" + i, 0, Identity.NEVER, null);
            done(store.put(
                    BlockedUser.PARTITION, block.user(), block.encode(), StateStore.ANY_VERSION, StateStore.NEVER));
        }
        TestNode full = new TestNode();
        long endsAtMs = clock.millis() + 60_000;

        assertThat(done(full.rights.block("one-more", Identity.NEVER, null))).isEmpty();
        assertThat(done(full.rights.block("user7", endsAtMs, "for a minute")))
                .hasValueSatisfying(block -> assertThat(block.untilMs()).isEqualTo(endsAtMs));
        assertThat(full.endOf("user7")).isEqualTo(RightsEnd.BLOCKED);
        clock.advance(Duration.ofSeconds(60));
        assertThat(full.endOf("user7")).isNull();
        assertThat(done(full.rights.block("one-more", Identity.NEVER, null))).isPresent();
    }

    @Test
    void thatARoomIsDeletedIsToldOncePerNodeAndEachTime() {
        TopicName room = new TopicName("room:tea");
        for (int times = 1; times <= 3; times++) {
            // In the same millisecond too.
            done(here.rights.endRoom(room));
            for (int i = 0; i < 3; i++) {
                here.look();
                there.look();
            }

            assertThat(here.heard).hasSize(times).containsOnly(new RightsChange.OfRoom(room));
            assertThat(there.heard).hasSize(times).containsOnly(new RightsChange.OfRoom(room));
        }
        TestNode late = new TestNode();
        late.look();
        late.look();
        assertThat(late.heard).filteredOn(RightsChange.OfRoom.class::isInstance).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void aRoomThatIsDeletedAmongMoreThanAreRememberedIsTold() {
        TopicName room = new TopicName("room:tea");
        done(here.rights.endRoom(room));
        for (int i = 0; i < RightsChanges.REMEMBERED; i++) {
            done(here.rights.block("u" + i, Identity.NEVER, null));
        }

        there.look();
        there.look();

        assertThat(there.heard).containsOnlyOnce(new RightsChange.OfRoom(room));
    }

    @Test
    void aRevokedTokenStaysRevokedUntilItEnds() {
        long endsAtMs = clock.millis() + 60_000;
        assertThat(done(here.rights.revokeToken("t", endsAtMs))).isTrue();
        there.look();

        for (TestNode node : List.of(here, there, new TestNode())) {
            assertThat(node.rights.endOf(issued("eve", 0))).isEqualTo(RightsEnd.REVOKED);
        }
        clock.advance(Duration.ofSeconds(60));
        assertThat(new TestNode().rights.endOf(issued("eve", 0))).isNull();
        for (String id : List.of("", "a b", "x".repeat(201), "ü")) {
            assertThatThrownBy(() -> here.rights.revokeToken(id, Identity.NEVER))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aStoreThatIsAwayIsAskedAgainUntilItAnswers() {
        store.isAway = true;
        assertThat(here.rights.block("eve", Identity.NEVER, null).toCompletableFuture())
                .isCompletedExceptionally();
        there.look();
        store.isAway = false;
        block("eve");
        store.isAway = true;
        there.look();
        assertThat(there.endOf("eve")).isNull();
        store.isAway = false;
        there.look();

        assertThat(there.endOf("eve")).isEqualTo(RightsEnd.BLOCKED);
    }

    @Test
    void anAnswerThatNeverComesIsNotWaitedForForEver() {
        store.isSilent = true;
        there.look();
        store.isSilent = false;
        block("eve");

        int looks = 0;
        while (there.endOf("eve") == null && looks < 10) {
            there.look();
            looks++;
        }

        assertThat(looks).isBetween(2, 5);
    }

    @Test
    void aBlockThatWasNotNotedIsNotAnsweredAndCanBeRepeated() {
        store.isAwayFor = RightsChanges.PARTITION;
        assertThat(here.rights.block("eve", Identity.NEVER, null).toCompletableFuture())
                .isCompletedExceptionally();
        assertThat(here.endOf("eve")).isEqualTo(RightsEnd.BLOCKED);
        store.isAwayFor = null;

        block("eve");
        there.look();

        assertThat(there.endOf("eve")).isEqualTo(RightsEnd.BLOCKED);
    }

    @Test
    void theListHasPagesByUser() {
        List.of("b", "guest.x", "a").forEach(this::block);
        done(here.rights.block("c", Identity.NEVER, "spam"));

        EndedRights.Page first = done(here.rights.blocked("", 3));
        EndedRights.Page second = done(here.rights.blocked("c", 3));

        assertThat(first.users()).extracting(BlockedUser::user).containsExactly("a", "b", "c");
        assertThat(first.users().getLast().reason()).isEqualTo("spam");
        assertThat(first.next()).isEqualTo("c");
        assertThat(second.users()).extracting(BlockedUser::user).containsExactly("guest.x");
        assertThat(second.next()).isNull();
    }

    @Test
    void aGuestIsBlockedByHisWholeId() {
        block("guest.eve");

        assertThat(here.endOf("guest.eve")).isEqualTo(RightsEnd.BLOCKED);
        assertThat(here.endOf("eve")).isNull();
    }

    @Test
    void whoIsBlockedIsForbiddenWhateverHeShows() {
        Known eve = new Known(
                new Identity("eve", null, Identity.Credential.STATIC_TOKEN, "token-1", Grant.DEFAULT, Identity.NEVER));
        CompletableFuture<Authentication> later = new CompletableFuture<>();
        Credentials shown = Credentials.none(InetAddress.ofLiteral("192.0.2.7"));
        RightfulCallers now = new RightfulCallers(_ -> CompletableFuture.completedFuture(eve), here.rights);
        CompletionStage<Authentication> underWay = new RightfulCallers(_ -> later, here.rights).authenticate(shown);
        assertThat(done(now.authenticate(shown))).isEqualTo(eve);

        block("eve");
        later.complete(eve);

        Authentication.Refused refused = new Authentication.Refused(ErrorCode.FORBIDDEN, "this user is blocked");
        assertThat(done(now.authenticate(shown))).isEqualTo(refused);
        assertThat(done(underWay)).isEqualTo(refused);
    }

    @Test
    void reasonsAndUsersHaveTheirForm() {
        assertThat(new BlockedUser("eve", 1, 2, "x".repeat(BlockedUser.MAX_REASON_LENGTH)).reason())
                .hasSize(BlockedUser.MAX_REASON_LENGTH);
        for (String reason : List.of("", " ", "a\nb", "x".repeat(BlockedUser.MAX_REASON_LENGTH + 1))) {
            assertThatThrownBy(() -> here.rights.block("eve", Identity.NEVER, reason))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (String user : List.of("", "a b", "guest.", "x".repeat(Identity.MAX_USER_LENGTH + 1))) {
            assertThatThrownBy(() -> here.rights.block(user, Identity.NEVER, null))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void recordsAreReadAsTheyWereWritten() {
        for (BlockedUser block : List.of(
                new BlockedUser("eve", 12, 34, "spam, and more: ü"),
                new BlockedUser("guest.x", 0, Identity.NEVER, null))) {
            assertThat(BlockedUser.decode(new StateRecord(block.user(), block.encode(), 1, StateStore.NEVER)))
                    .isEqualTo(block);
        }
        RightsChanges.Tail tail = new RightsChanges.Tail(
                7,
                List.of(
                        new RightsChange.OfCredential("0123456789abcdef"),
                        new RightsChange.OfUser("guest.x"),
                        new RightsChange.SignedOut("eve"),
                        new RightsChange.OfRoom(new TopicName("room:tea"))));
        byte[] encoded = RightsChanges.encode(tail);
        assertThat(RightsChanges.decode(changes(encoded))).isEqualTo(tail);
        assertThat(RightsChanges.decode(null).last()).isZero();
        byte[] cut = Arrays.copyOf(encoded, encoded.length - 1);
        assertThatThrownBy(() -> RightsChanges.decode(changes(cut))).isInstanceOf(IllegalStateException.class);
        encoded[0] = 9;
        assertThatThrownBy(() -> RightsChanges.decode(changes(encoded))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aChangeOfAKindOfLaterVersionsMayBeAnything() {
        byte[] encoded = RightsChanges.encode(new RightsChanges.Tail(1, List.of(new RightsChange.OfUser("eve"))));
        encoded[1 + Long.BYTES + Short.BYTES] = 77;

        assertThat(RightsChanges.decode(changes(encoded)).recent()).containsExactly(new RightsChange.Any());
    }

    private static StateRecord changes(byte[] value) {
        return new StateRecord(RightsChanges.KEY, value, 1, StateStore.NEVER);
    }

    /// A store that may be away, or not answer.
    private static final class Gated implements StateStore {
        final List<String> reads = new ArrayList<>();
        private final StateStore store;
        boolean isAway;

        @Nullable
        String isAwayFor;

        boolean isSilent;

        @Nullable
        String heldFor;

        /// Hands on what was read when the answer was held back.
        final List<Runnable> held = new ArrayList<>();

        Gated(StateStore store) {
            this.store = store;
        }

        private <T extends @Nullable Object> CompletionStage<T> through(String partition, CompletionStage<T> answer) {
            if (isAway || partition.equals(isAwayFor)) {
                return CompletableFuture.failedFuture(new LogUnavailableException("away, on purpose"));
            }
            if (partition.equals(heldFor)) {
                CompletableFuture<T> later = new CompletableFuture<>();
                T read = answer.toCompletableFuture().join();
                held.add(() -> later.complete(read));
                return later;
            }
            return isSilent ? new CompletableFuture<>() : answer;
        }

        @Override
        public CompletionStage<@Nullable StateRecord> get(String partition, String key) {
            reads.add(partition + " " + key);
            return through(partition, store.get(partition, key));
        }

        @Override
        public CompletionStage<Long> put(String partition, String key, byte[] value, long ifVersion, long expiresAtMs) {
            return isAway || partition.equals(isAwayFor)
                    ? through(partition, new CompletableFuture<>())
                    : store.put(partition, key, value, ifVersion, expiresAtMs);
        }

        @Override
        public CompletionStage<Boolean> delete(String partition, String key, long ifVersion) {
            return store.delete(partition, key, ifVersion);
        }

        @Override
        public CompletionStage<Long> advance(String partition, String key, long number) {
            return store.advance(partition, key, number);
        }

        @Override
        public CompletionStage<StatePage> scan(String partition, String prefix, String after, int limit) {
            reads.add(partition);
            return through(partition, store.scan(partition, prefix, after, limit));
        }
    }
}
