package io.topicstream.access;

import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Credentials.Place;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The API keys: made, listed and revoked here, and looked up when a caller presents one.
///
/// A key is `ts_` and 40 random letters and digits (238 bits). The store has only its SHA-256; the
/// secret is told once, to whoever made it. It is taken from the header `x-api-key`, and, since web
/// pages cannot set that header on a WebSocket, as a bearer token too; never from a URL, which is
/// kept in histories and logs for longer than anybody remembers to change a key.
///
/// ## How soon a revocation acts
///
/// Keys that were found are kept for [#CACHE_MS], so on other nodes a revoked key is refused that
/// long after at the latest. On the node that revoked it, it is refused at once: its id is
/// remembered, and both the cache and answers of the store that were under way are held against
/// that memory. Live connections end through [#onRevocation]; a connection that was being
/// authenticated meanwhile is caught by asking [#isRevoked] **after** it has been entered where the
/// listener looks for connections: either the listener sees the connection, or the question is
/// answered with yes. Other nodes are told the id and call [#enqueueRevokedElsewhere]: by a signal, which may be
/// lost, and by a note of the last changes, at which all nodes look ([EndedRights]).
///
/// ## When a key was last used
///
/// is written to its record, at most once in [#USED_MS] of a key and never waited for. A record that was deleted
/// meanwhile is not made again. What fails to be written is left out; the next use tries again.
///
/// Thread-safe. Nothing blocks; stages complete on a thread of the engine.
public final class ApiKeys implements Authenticator {
    /// What every key begins with, so that leak scanners find it: `ts_[0-9A-Za-z]{40}`.
    public static final String PREFIX = "ts_";
    /// For how long a key that was found is not looked up again, in milliseconds.
    public static final long CACHE_MS = 500;
    /// How far apart two uses of a key must be for the later one to be written down, in milliseconds.
    static final long USED_MS = 3_600_000;

    private static final System.Logger LOG = System.getLogger(ApiKeys.class.getName());

    private static final int RANDOM_LENGTH = 40;
    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int HINT_LENGTH = 4;
    private static final int MAX_PRESENTED_LENGTH = 256;
    private static final int MAX_CACHED = 10_000;
    private static final int MAX_REVOKED = 10_000;
    private static final int PAGE = 500;
    private static final Set<Place> KEY_PLACES = EnumSet.of(Place.API_KEY_HEADER);
    private static final Set<Place> TOKEN_PLACES = EnumSet.of(Place.BEARER, Place.SUBPROTOCOL);

    private final StateStore store;
    private final RandomGenerator random;
    private final InstantSource clock;
    private final RightsChanges changes;
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    /// Counts [#forgetCached]. Guarded by this.
    private long forgotten;
    /// By id; the oldest goes when it is full. Guarded by this.
    private final Map<String, Cached> cache = bounded(MAX_CACHED);
    /// Ids that were revoked. Keys are never made again, so remembering one is always right. Guarded
    /// by this.
    private final Map<String, Boolean> revoked = bounded(MAX_REVOKED);

    /// @param random cryptographically strong, in production
    public ApiKeys(StateStore store, RandomGenerator random, InstantSource clock) {
        this.store = store;
        this.random = random;
        this.clock = clock;
        this.changes = new RightsChanges(store);
    }

    /// Makes a key that does not end.
    public CompletionStage<ApiKey.Created> create(String name, @Nullable List<Grant> grants) {
        return create(name, grants, Identity.NEVER);
    }

    /// Makes a key.
    ///
    /// @param name the id of the user it stands for
    /// @param grants what it may do, at least one; null for the default ones
    /// @param expiresAtMs epoch milliseconds at which it ends, or [Identity#NEVER]
    /// @return the key and, this once, its secret
    /// @throws IllegalArgumentException if the name is no user id or there are no or too many grants
    public CompletionStage<ApiKey.Created> create(String name, @Nullable List<Grant> grants, long expiresAtMs) {
        if (grants != null && (grants.isEmpty() || grants.size() > ApiKeyRecords.MAX_GRANTS)) {
            throw new IllegalArgumentException("a key has 1 to " + ApiKeyRecords.MAX_GRANTS + " grants");
        }
        StringBuilder text = new StringBuilder(PREFIX);
        for (int i = 0; i < RANDOM_LENGTH; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        String secret = text.toString();
        String recordKey = ApiKeyRecords.keyOf(Secrets.sha256(secret));
        ApiKey key = new ApiKey(
                ApiKeyRecords.idOf(recordKey),
                name,
                secret.substring(secret.length() - HINT_LENGTH),
                clock.millis(),
                grants,
                expiresAtMs,
                ApiKey.NOT_USED);
        return store.put(
                        ApiKeyRecords.PARTITION,
                        recordKey,
                        ApiKeyRecords.encode(key),
                        StateStore.ABSENT,
                        StateStore.NEVER)
                .thenApply(version -> {
                    if (version == 0) {
                        throw new IllegalStateException(
                                "a new key is one that exists: the random source repeats itself");
                    }
                    return new ApiKey.Created(key, secret);
                });
    }

    /// All keys, by name, and those of one name by age.
    public CompletionStage<List<ApiKey>> list() {
        return all("", new ArrayList<>())
                .thenApply(found -> found.stream()
                        .map(Found::key)
                        .sorted(Comparator.comparing(ApiKey::name)
                                .thenComparingLong(ApiKey::createdAtMs)
                                .thenComparing(ApiKey::id))
                        .toList());
    }

    /// The keys of one name, by age.
    public CompletionStage<List<ApiKey>> listOf(String name) {
        return list().thenApply(keys ->
                keys.stream().filter(key -> key.name().equals(name)).toList());
    }

    /// Whether there is any key at all.
    public CompletionStage<Boolean> isAny() {
        return store.scan(ApiKeyRecords.PARTITION, "", "", 1)
                .thenApply(page -> !page.records().isEmpty());
    }

    /// Whether the key with this id exists in the store, whatever the cache says.
    public CompletionStage<Boolean> exists(String id) {
        return ApiKeyRecords.isId(id)
                ? store.scan(ApiKeyRecords.PARTITION, id, "", 1)
                        .thenApply(page -> !page.records().isEmpty())
                : CompletableFuture.completedFuture(false);
    }

    /// Revokes all keys of a name.
    ///
    /// Each is a deletion of its own: if the stage fails some may be gone and some not, and doing it
    /// again ends it. A key of that name that is made meanwhile may survive.
    ///
    /// @return the ids of those that were revoked; empty if the name has none
    public CompletionStage<List<String>> revokeAll(String name) {
        return all("", new ArrayList<>())
                .thenCompose(found -> delete(found.stream()
                        .filter(one -> one.key().name().equals(name))
                        .map(Found::recordKey)
                        .toList()));
    }

    /// Revokes one key of a name.
    ///
    /// @return its id; empty if the name has none of this id
    public CompletionStage<List<String>> revoke(String name, String id) {
        return all("", new ArrayList<>())
                .thenCompose(found -> delete(found.stream()
                        .filter(one ->
                                one.key().name().equals(name) && one.key().id().equals(id))
                        .map(Found::recordKey)
                        .toList()));
    }

    /// Revokes one key, whosever it is.
    ///
    /// @return whether there was one of this id
    public CompletionStage<Boolean> revoke(String id) {
        // The record is not looked into, so that a damaged one can be revoked too.
        return ApiKeyRecords.isId(id)
                ? store.scan(ApiKeyRecords.PARTITION, id, "", PAGE)
                        .thenCompose(page -> delete(
                                page.records().stream().map(StateRecord::key).toList()))
                        .thenApply(ids -> !ids.isEmpty())
                : CompletableFuture.completedFuture(false);
    }

    /// Calls the listener, once, with the id of each key that is revoked, when its deletion is durable,
    /// on the thread that learned of it. It ends the connections of that [Identity#credentialId] and, for
    /// revocations made here, tells other nodes. Hearing of one twice must do no harm.
    public void onRevocation(Consumer<String> listener) {
        listeners.add(listener);
    }

    /// Tells that another node revoked the key with this id. Does nothing to the store.
    public void enqueueRevokedElsewhere(String id) {
        forget(id);
    }

    /// Looks every key up again: a revocation elsewhere may not have been heard of. Answers of the store that
    /// are under way are not kept.
    public synchronized void forgetCached() {
        cache.clear();
        forgotten++;
    }

    /// Whether the key with this id was revoked lately, as far as this node knows. To be asked when a
    /// connection has been entered where the listener looks for connections.
    public synchronized boolean isRevoked(String id) {
        return revoked.containsKey(id);
    }

    @Override
    public CompletionStage<Authentication> authenticate(Credentials credentials) {
        @Nullable String secret = credentials.presentedIn(KEY_PLACES);
        if (secret == null) {
            @Nullable String token = credentials.presentedIn(TOKEN_PLACES);
            secret = token != null && token.startsWith(PREFIX) ? token : null;
        }
        if (secret == null || secret.length() > MAX_PRESENTED_LENGTH) {
            return CompletableFuture.completedFuture(Authentication.NOT_MINE);
        }
        byte[] sha256 = Secrets.sha256(secret);
        String recordKey = ApiKeyRecords.keyOf(sha256);
        @Nullable Cached cached = cached(ApiKeyRecords.idOf(recordKey), sha256);
        if (cached != null) {
            return CompletableFuture.completedFuture(judge(cached));
        }
        if (isRevoked(ApiKeyRecords.idOf(recordKey))) {
            // A client that goes on trying it does not reach the store.
            return CompletableFuture.completedFuture(Authentication.NOT_MINE);
        }
        long askedAtMs = clock.millis();
        long asOf = forgotten();
        return store.get(ApiKeyRecords.PARTITION, recordKey).thenApply(record -> {
            @Nullable Cached admitted = record == null ? null : admit(record, sha256, askedAtMs, asOf);
            return admitted == null ? Authentication.NOT_MINE : judge(admitted);
        });
    }

    private Authentication judge(Cached found) {
        long nowMs = clock.millis();
        if (found.key.isExpired(nowMs)) {
            return Authentication.NOT_MINE;
        }
        if (nowMs - found.usedAtMs >= USED_MS) {
            found.usedAtMs = nowMs;
            writeUse(found, nowMs);
        }
        return found.known;
    }

    private void writeUse(Cached found, long nowMs) {
        store.put(
                        ApiKeyRecords.PARTITION,
                        ApiKeyRecords.keyOf(found.sha256),
                        ApiKeyRecords.encode(found.key.usedAt(nowMs)),
                        found.version,
                        StateStore.NEVER)
                .exceptionally(failure -> {
                    LOG.log(
                            System.Logger.Level.DEBUG,
                            "the use of API key " + found.key.id() + " is not kept",
                            failure);
                    return 0L;
                });
    }

    private synchronized @Nullable Cached cached(String id, byte[] sha256) {
        @Nullable Cached found = cache.get(id);
        if (found == null || !Secrets.same(found.sha256, sha256)) {
            return null;
        }
        // The age is that of the question, not of the answer; a clock that was set back ends it too.
        long ageMs = clock.millis() - found.askedAtMs;
        if (ageMs < 0 || ageMs >= CACHE_MS) {
            cache.remove(id);
            return null;
        }
        return found;
    }

    /// Takes up what the store answered, unless the key was revoked while it did.
    private synchronized @Nullable Cached admit(StateRecord record, byte[] sha256, long askedAtMs, long asOf) {
        ApiKey key = ApiKeyRecords.decode(record);
        if (revoked.containsKey(key.id())) {
            return null;
        }
        Cached found = new Cached(key, record.version(), sha256, askedAtMs);
        if (asOf == forgotten) {
            cache.put(key.id(), found);
        }
        return found;
    }

    private synchronized long forgotten() {
        return forgotten;
    }

    private void forget(String id) {
        synchronized (this) {
            cache.remove(id);
            if (revoked.put(id, true) != null) {
                // The listeners have heard of it. One of them tells all nodes, this one too: told at
                // each hearing, they would go on for ever.
                return;
            }
        }
        for (Consumer<String> listener : listeners) {
            try {
                listener.accept(id);
            } catch (RuntimeException e) {
                // The key is gone all the same, and the other listeners have to hear of it.
                LOG.log(System.Logger.Level.ERROR, "a listener failed at the revocation of API key " + id, e);
            }
        }
    }

    private CompletionStage<List<String>> delete(List<String> recordKeys) {
        CompletionStage<List<String>> ids = CompletableFuture.completedFuture(new ArrayList<>());
        for (String recordKey : recordKeys) {
            String id = ApiKeyRecords.idOf(recordKey);
            // Noted first: where the deletion fails, the key is refused and the caller knows that it may not be gone.
            // The other way round, nobody would note it when the caller tries again.
            ids = ids.thenCompose(done -> changes.note(new RightsChange.OfCredential(id))
                    .thenCompose(_ -> store.delete(ApiKeyRecords.PARTITION, recordKey, StateStore.ANY_VERSION))
                    .thenApply(deleted -> {
                        // Told even if somebody else deleted it first: it is gone either way.
                        forget(id);
                        if (deleted) {
                            done.add(id);
                        }
                        return done;
                    }));
        }
        return ids.thenApply(List::copyOf);
    }

    private CompletionStage<List<Found>> all(String after, List<Found> found) {
        return store.scan(ApiKeyRecords.PARTITION, "", after, PAGE).thenCompose(page -> {
            for (StateRecord record : page.records()) {
                found.add(new Found(record.key(), ApiKeyRecords.decode(record)));
            }
            return page.isLast() ? CompletableFuture.completedFuture(found) : all(page.after(), found);
        });
    }

    private static <V> Map<String, V> bounded(int max) {
        return new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > max;
            }
        };
    }

    private record Found(String recordKey, ApiKey key) {}

    /// Owns its array.
    private static final class Cached {
        final ApiKey key;
        final Known known;
        /// Of the record that it was read from.
        final long version;
        final byte[] sha256;
        final long askedAtMs;
        /// Several threads may write a use at once: of those who have read one record one succeeds.
        volatile long usedAtMs;

        Cached(ApiKey key, long version, byte[] sha256, long askedAtMs) {
            this.key = key;
            this.known = new Known(key.identity());
            this.version = version;
            this.sha256 = sha256;
            this.askedAtMs = askedAtMs;
            this.usedAtMs = key.lastUsedAtMs();
        }
    }
}
