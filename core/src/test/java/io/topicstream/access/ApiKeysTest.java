package io.topicstream.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Credentials.Place;
import io.topicstream.access.Identity.Credential;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.ManualClock;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeysTest {
    private static final Credentials CALLER = Credentials.none(InetAddress.ofLiteral("192.0.2.7"));

    private final ManualClock clock = new ManualClock();
    private final LateAnswers store = new LateAnswers(new InMemoryStateStore(clock, Runnable::run));
    private final Random random = new Random(7);
    private final ApiKeys keys = new ApiKeys(store, random, clock);
    private final ApiKeys otherNode = new ApiKeys(store, random, clock);

    private static <T> T done(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private ApiKey.Created make(String name) {
        return done(keys.create(name, null));
    }

    private static Authentication present(ApiKeys keys, String secret) {
        return done(keys.authenticate(CALLER.with(Place.API_KEY_HEADER, secret)));
    }

    private static boolean isKnown(ApiKeys keys, String secret) {
        return present(keys, secret) instanceof Known;
    }

    @Test
    void aKeyShowsTheUserOfItsName() {
        ApiKey.Created made = make("alice");

        Identity identity = ((Known) present(keys, made.secret())).identity();

        assertThat(identity)
                .isEqualTo(new Identity(
                        "alice", null, Credential.API_KEY, made.key().id(), Grant.DEFAULT, Identity.NEVER));
    }

    @Test
    void aRevokedKeyThatIsStillTriedDoesNotReachTheStore() {
        ApiKey.Created made = make("alice");
        assertThat(done(keys.revokeAll("alice"))).hasSize(1);

        assertThat(isKnown(keys, made.secret())).isFalse();
        assertThat(store.gets).isZero();
    }

    @Test
    void aKeyIsLongRandomAndRecognizable() {
        Set<String> secrets = new HashSet<>();

        for (int i = 0; i < 200; i++) {
            ApiKey.Created made = make("u" + i);
            assertThat(made.secret())
                    .matches("ts_[0-9A-Za-z]{40}")
                    .endsWith(made.key().hint());
            secrets.add(made.secret());
        }

        assertThat(secrets).hasSize(200);
        Set<Character> letters = new HashSet<>();
        secrets.forEach(secret -> secret.substring(3).chars().forEach(c -> letters.add((char) c)));
        assertThat(letters).hasSize(62);
    }

    @Test
    void theSecretIsInNoRecordListOrText() {
        ApiKey.Created made = make("alice");
        String random = made.secret().substring(3);

        StateRecord record =
                done(store.scan(ApiKeyRecords.PARTITION, "", "", 10)).records().getFirst();

        assertThat(record.key()).doesNotContain(random).hasSize(64);
        assertThat(new String(record.value(), StandardCharsets.ISO_8859_1)).doesNotContain(random.substring(0, 8));
        assertThat(made.toString() + done(keys.list())).doesNotContain(random);
    }

    @Test
    void twoKeysOfOneNameAreOneUser() {
        ApiKey.Created first = make("alice");
        ApiKey.Created second = make("alice");

        assertThat(((Known) present(keys, first.secret())).identity().user())
                .isEqualTo(((Known) present(keys, second.secret())).identity().user());
        assertThat(first.key().id()).isNotEqualTo(second.key().id());
    }

    @Test
    void aKeysOwnGrantsComeBackWithIt() {
        List<Grant> grants = List.of(
                new Grant("news:*", EnumSet.of(Permission.READ, Permission.SUBSCRIBE)),
                new Grant("*", EnumSet.allOf(Permission.class)));
        String secret = done(keys.create("alice", grants)).secret();

        assertThat(((Known) present(keys, secret)).identity().grants()).isEqualTo(grants);
        assertThat(done(keys.list()).getFirst().grants()).isEqualTo(grants);
    }

    @Test
    void keysAreListedByNameThenAgeAcrossPages() {
        for (int i = 0; i < 1100; i++) {
            make("u" + (i % 3));
            clock.advance(Duration.ofMillis(1));
        }

        List<ApiKey> listed = done(keys.list());

        assertThat(listed).hasSize(1100);
        assertThat(listed)
                .isSortedAccordingTo((a, b) -> a.name().equals(b.name())
                        ? Long.compare(a.createdAtMs(), b.createdAtMs())
                        : a.name().compareTo(b.name()));
        assertThat(done(keys.revokeAll("u1"))).hasSize(367);
        assertThat(done(keys.list())).hasSize(733).noneMatch(key -> key.name().equals("u1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "guest.x", "a:b", "../x", "a\u0000"})
    void aNameThatIsNoUserIsRefusedAndStoresNothing(String name) {
        assertThatThrownBy(() -> keys.create(name, null)).isInstanceOf(IllegalArgumentException.class);

        assertThat(done(keys.isAny())).isFalse();
    }

    @Test
    void aKeyWithoutAnyGrantIsRefused() {
        assertThatThrownBy(() -> keys.create("alice", List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "ts_", "ts_0000000000000000000000000000000000000000", "\u0000", "ünï"})
    void aWrongKeyIsNobodys(String secret) {
        make("alice");

        assertThat(present(keys, secret)).isEqualTo(Authentication.NOT_MINE);
    }

    @Test
    void aKeyThatIsNearlyRightIsWrong() {
        String secret = make("alice").secret();

        assertThat(isKnown(keys, secret)).isTrue();
        assertThat(isKnown(keys, secret + " ")).isFalse();
        assertThat(isKnown(keys, secret.substring(0, 42))).isFalse();
        assertThat(isKnown(keys, secret.toUpperCase(Locale.ROOT))).isFalse();
        assertThat(isKnown(keys, secret + "x".repeat(1_000_000))).isFalse();
    }

    @Test
    void aKeyIsTakenFromItsHeaderOrAsABearerTokenButNeverFromAUrl() {
        String secret = make("alice").secret();

        for (Place place : Place.values()) {
            boolean taken = EnumSet.of(Place.API_KEY_HEADER, Place.BEARER, Place.SUBPROTOCOL)
                    .contains(place);
            assertThat(done(keys.authenticate(CALLER.with(place, secret))) instanceof Known)
                    .as(place.toString())
                    .isEqualTo(taken);
        }
    }

    @Test
    void theHashOfAKeyIsNoKey() {
        String secret = make("alice").secret();

        assertThat(isKnown(keys, ApiKeyRecords.keyOf(Secrets.sha256(secret)))).isFalse();
    }

    @Test
    void aRevokedKeyIsRefusedAtOnceHereAndWithinSecondsElsewhere() {
        ApiKey.Created made = make("alice");
        assertThat(isKnown(keys, made.secret())).isTrue();
        assertThat(isKnown(otherNode, made.secret())).isTrue();

        assertThat(done(keys.revoke(made.key().id()))).isTrue();

        assertThat(isKnown(keys, made.secret())).isFalse();
        clock.advance(Duration.ofMillis(ApiKeys.CACHE_MS - 1));
        assertThat(isKnown(otherNode, made.secret())).isTrue();
        clock.advance(Duration.ofMillis(1));
        assertThat(isKnown(otherNode, made.secret())).isFalse();
    }

    @Test
    void aNodeThatIsToldRefusesTheKeyAtOnce() {
        ApiKey.Created made = make("alice");
        assertThat(isKnown(otherNode, made.secret())).isTrue();
        keys.onRevocation(otherNode::enqueueRevokedElsewhere);

        done(keys.revokeAll("alice"));

        assertThat(isKnown(otherNode, made.secret())).isFalse();
        assertThat(otherNode.isRevoked(made.key().id())).isTrue();
    }

    @Test
    void listenersHearOfEachRevokedKeyAndTheOthersLiveOn() {
        List<String> heard = new ArrayList<>();
        ApiKey.Created first = make("alice");
        ApiKey.Created second = make("alice");
        ApiKey.Created other = make("bob");
        keys.onRevocation(id -> {
            throw new IllegalStateException("a broken listener");
        });
        keys.onRevocation(heard::add);

        List<String> revoked = done(keys.revokeAll("alice"));

        assertThat(revoked)
                .containsExactlyInAnyOrder(first.key().id(), second.key().id());
        assertThat(heard).containsExactlyInAnyOrderElementsOf(revoked);
        assertThat(isKnown(keys, other.secret())).isTrue();
        assertThat(done(keys.revokeAll("alice"))).isEmpty();
        assertThat(done(keys.revokeAll("nobody"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "0", "000000000000000g", "0000000000000000", "alice", "ABCDEF0123456789"})
    void whatIsNoKeysIdRevokesNothing(String id) {
        make("alice");

        assertThat(done(keys.revoke(id))).isFalse();
        assertThat(done(keys.exists(id))).isFalse();
        assertThat(done(keys.list())).hasSize(1);
    }

    @Test
    void anAnswerThatWasUnderWayWhileTheKeyWasRevokedIsNotBelieved() {
        ApiKey.Created made = make("alice");
        store.hold();
        CompletableFuture<Authentication> underWay = keys.authenticate(CALLER.with(Place.API_KEY_HEADER, made.secret()))
                .toCompletableFuture();

        done(keys.revoke(made.key().id()));
        assertThat(underWay).isNotDone();
        store.release();

        assertThat(underWay).isCompletedWithValue(Authentication.NOT_MINE);
        assertThat(isKnown(keys, made.secret())).isFalse();
    }

    @Test
    void aConnectionThatWasLetInWhileItsKeyWasRevokedIsFoundByAskingAfterwards() {
        ApiKey.Created made = make("alice");
        List<String> ended = new ArrayList<>();
        keys.onRevocation(ended::add);
        Identity letIn = ((Known) present(keys, made.secret())).identity();

        done(keys.revoke(made.key().id()));

        assertThat(ended).containsExactly(letIn.credentialId());
        assertThat(keys.isRevoked(letIn.credentialId())).isTrue();
        assertThat(done(keys.exists(letIn.credentialId()))).isFalse();
    }

    @Test
    void aKeyIsLookedUpOncePerLifeOfTheCacheAndAWrongOneEveryTime() {
        String secret = make("alice").secret();
        int before = store.gets;

        for (int i = 0; i < 10; i++) {
            present(keys, secret);
        }
        assertThat(store.gets - before).isEqualTo(1);
        for (int i = 0; i < 10; i++) {
            present(keys, "ts_wrong");
        }
        assertThat(store.gets - before).isEqualTo(11);
    }

    @Test
    void aKeyMadeElsewhereIsKnownAtOnceEvenIfItWasAskedForBefore() {
        ApiKeys sameSecretLater = new ApiKeys(store, new Random(99), clock);
        ApiKeys probe = new ApiKeys(new InMemoryStateStore(clock, Runnable::run), new Random(99), clock);
        String secret = done(probe.create("alice", null)).secret();
        assertThat(isKnown(otherNode, secret)).isFalse();

        done(sameSecretLater.create("alice", null));

        assertThat(isKnown(otherNode, secret)).isTrue();
    }

    @Test
    void aClockThatIsSetBackDoesNotKeepARevokedKeyAlive() {
        ApiKey.Created made = make("alice");
        assertThat(isKnown(otherNode, made.secret())).isTrue();
        done(keys.revoke(made.key().id()));

        clock.advance(Duration.ofHours(-1));

        assertThat(isKnown(otherNode, made.secret())).isFalse();
    }

    @Test
    void keysOutliveTheNodeAndADamagedRecordIsSaidToBeOne() {
        String secret = make("alice").secret();
        assertThat(isKnown(new ApiKeys(store, random, clock), secret)).isTrue();

        String recordKey = ApiKeyRecords.keyOf(Secrets.sha256(secret));
        for (byte[] damaged : List.of(
                new byte[0], new byte[] {1}, new byte[] {9, 0, 0, 0}, new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0})) {
            done(store.put(ApiKeyRecords.PARTITION, recordKey, damaged, StateStore.ANY_VERSION, StateStore.NEVER));
            ApiKeys fresh = new ApiKeys(store, random, clock);

            assertThatThrownBy(() -> present(fresh, secret)).hasCauseInstanceOf(IllegalStateException.class);
        }
        assertThat(done(keys.revoke(ApiKeyRecords.idOf(recordKey)))).isTrue();
        assertThat(done(keys.isAny())).isFalse();
    }

    @Test
    void aRecordOfTheFirstFormatIsAKeyThatDoesNotEnd() {
        String recordKey = ApiKeyRecords.keyOf(Secrets.sha256("secret"));
        byte[] first = HexFormat.of().parseHex("01" + "0000018bcfe56800" + "0003626f62" + "000477787a" + "79" + "ffff");

        ApiKey key = ApiKeyRecords.decode(new StateRecord(recordKey, first, 1, StateStore.NEVER));

        assertThat(key)
                .isEqualTo(new ApiKey(
                        ApiKeyRecords.idOf(recordKey),
                        "bob",
                        "wxzy",
                        1_700_000_000_000L,
                        null,
                        Identity.NEVER,
                        ApiKey.NOT_USED));
    }

    @Test
    void aKeyEndsAtItsTimeAndStaysInTheList() {
        long endMs = clock.millis() + 1000;
        String secret = done(keys.create("alice", null, endMs)).secret();
        assertThat(((Known) present(keys, secret)).identity().expiresAtMs()).isEqualTo(endMs);

        clock.advance(Duration.ofMillis(999));
        assertThat(isKnown(keys, secret)).isTrue();
        clock.advance(Duration.ofMillis(1));

        assertThat(isKnown(keys, secret)).isFalse();
        assertThat(isKnown(new ApiKeys(store, random, clock), secret)).isFalse();
        assertThat(done(keys.list())).singleElement().matches(key -> key.isExpired(clock.millis()));
        assertThat(done(keys.isAny())).as("an end opens no door").isTrue();
    }

    @Test
    void theLastUseIsWrittenOnceAnHour() {
        ApiKey.Created made = make("alice");
        assertThat(made.key().lastUsedAtMs()).isEqualTo(ApiKey.NOT_USED);
        long firstMs = clock.millis();
        for (int i = 0; i < 100; i++) {
            assertThat(isKnown(keys, made.secret())).isTrue();
            clock.advance(Duration.ofSeconds(35));
        }
        assertThat(store.puts).as("the key itself, and one use").isEqualTo(2);
        assertThat(done(keys.list()).getFirst().lastUsedAtMs()).isEqualTo(firstMs);

        clock.advance(Duration.ofHours(1));
        assertThat(isKnown(keys, made.secret())).isTrue();

        assertThat(store.puts).isEqualTo(3);
        assertThat(done(keys.list()).getFirst()).isEqualTo(made.key().usedAt(clock.millis()));
    }

    @Test
    void aUseDoesNotBringARevokedKeyBack() {
        ApiKey.Created made = make("alice");
        assertThat(isKnown(otherNode, made.secret())).isTrue();
        clock.advance(Duration.ofHours(2));
        store.hold();
        CompletableFuture<Authentication> asked = otherNode
                .authenticate(CALLER.with(Place.API_KEY_HEADER, made.secret()))
                .toCompletableFuture();

        done(keys.revoke(made.key().id()));
        store.release();
        asked.join();

        assertThat(done(keys.list())).isEmpty();
    }

    @Test
    void oneKeyOfANameIsRevokedByItsId() {
        ApiKey.Created first = make("alice");
        ApiKey.Created second = make("alice");
        ApiKey.Created others = make("bob");

        assertThat(done(keys.revoke("alice", others.key().id()))).isEmpty();
        assertThat(done(keys.revoke("alice", first.key().id())))
                .containsExactly(first.key().id());

        assertThat(isKnown(keys, first.secret())).isFalse();
        assertThat(isKnown(keys, second.secret())).isTrue();
        assertThat(isKnown(keys, others.secret())).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "orders, publish+read, 'orders=publish,read'",
        "*, metrics, metrics",
        "orders*, read, orders*=read",
        "*, publish+subscribe, 'publish, subscribe'",
    })
    void aGrantIsReadFromALine(String pattern, String permissions, String line) {
        Grant grant = Grant.parse(line);

        assertThat(grant.pattern()).isEqualTo(pattern);
        assertThat(grant.permissions().stream().map(Permission::wireName).sorted())
                .containsExactly(permissions.split("\\+"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "=", "orders=", "=read", "orders=reed", "no topic=read", "a*b=read", "read,"})
    void whatIsNoGrantIsRefused(String line) {
        assertThatThrownBy(() -> Grant.parse(line)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anEndIsAnInstantOrATimeFromNow() {
        assertThat(Expiry.parse("90s", 1000)).isEqualTo(91_000);
        assertThat(Expiry.parse("2h", 0)).isEqualTo(7_200_000);
        assertThat(Expiry.parse("30d", 0)).isEqualTo(2_592_000_000L);
        assertThat(Expiry.parse("1970-01-01T00:00:05Z", 4999)).isEqualTo(5000);
        for (String wrong : List.of("", "d", "1", "1y", "-1d", "tomorrow", "0s", "1970-01-01T00:00:05Z")) {
            assertThatThrownBy(() -> Expiry.parse(wrong, 5000)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void everyKeyReadsBackFromItsRecord() {
        Random seeded = new Random(3);
        List<Permission> permissionsToDraw = List.of(Permission.values());
        for (int i = 0; i < 500; i++) {
            List<Grant> grants = new ArrayList<>();
            for (int g = 0; g < seeded.nextInt(5); g++) {
                EnumSet<Permission> permissions = EnumSet.of(permissionsToDraw.get(seeded.nextInt(6)));
                permissions.add(permissionsToDraw.get(seeded.nextInt(6)));
                grants.add(new Grant("t" + seeded.nextInt(1000) + (seeded.nextBoolean() ? "*" : ""), permissions));
            }
            String recordKey = ApiKeyRecords.keyOf(Secrets.sha256("s" + i));
            ApiKey key = new ApiKey(
                    ApiKeyRecords.idOf(recordKey),
                    "u".repeat(1 + seeded.nextInt(96)),
                    "wxyz",
                    seeded.nextLong(),
                    seeded.nextBoolean() ? grants : null,
                    seeded.nextBoolean() ? seeded.nextLong() : Identity.NEVER,
                    seeded.nextLong());

            assertThat(ApiKeyRecords.decode(new StateRecord(recordKey, ApiKeyRecords.encode(key), 1, StateStore.NEVER)))
                    .isEqualTo(key);
        }
    }

    /// A store whose answers to `get` can be held back after they were found; but for the notes of changes, which are
    /// not counted either.
    private static final class LateAnswers implements StateStore {
        private final StateStore store;
        private CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);
        int gets;
        int puts;

        LateAnswers(StateStore store) {
            this.store = store;
        }

        void hold() {
            gate = new CompletableFuture<>();
        }

        void release() {
            gate.complete(null);
        }

        @Override
        public CompletionStage<StateRecord> get(String partition, String key) {
            CompletionStage<StateRecord> found = store.get(partition, key);
            if (partition.equals(RightsChanges.PARTITION)) {
                return found;
            }
            gets++;
            return gate.thenCompose(opened -> found);
        }

        @Override
        public CompletionStage<Long> put(String partition, String key, byte[] value, long ifVersion, long expiresAtMs) {
            puts += partition.equals(RightsChanges.PARTITION) ? 0 : 1;
            return store.put(partition, key, value, ifVersion, expiresAtMs);
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
            return store.scan(partition, prefix, after, limit);
        }
    }
}
