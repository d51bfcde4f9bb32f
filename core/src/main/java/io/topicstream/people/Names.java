package io.topicstream.people;

import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The display names that somebody has claimed: no two of those who are online have the same. Thread-safe.
///
/// | partition | key | value |
/// | --- | --- | --- |
/// | `names` | the name, as it is compared | [NameClaim]; in the store of what dies with a node |
///
/// A claim is one record, changed only in the version that was read, so of many at once one has it. It names
/// all connections on which its holder claimed it; whichever of them ends takes out itself alone, and the last
/// one deletes it. Where that was not done, since a node died, the name is taken from connections that are gone
/// by the next who wants it.
public final class Names {
    /// On how many connections one user may claim a name.
    public static final int MAX_CONNECTIONS = 100;

    /// The longest name as it is compared, in bytes of UTF-8: what a record can be named by.
    public static final int MAX_COMPARED_BYTES = 512;

    private static final String PARTITION = "names";
    /// Each time somebody else's change came first; at most so many change one name at once.
    private static final int MAX_TRIES = 2 * MAX_CONNECTIONS;

    private final StateStore store;
    private final Function<String, CompletionStage<Boolean>> isThere;

    /// What became of a claim.
    public enum Outcome {
        CLAIMED,
        /// Somebody else has it.
        TAKEN,
        /// Its holder claims it on [#MAX_CONNECTIONS] already.
        TOO_OFTEN,
        /// Too many wanted it at once.
        CONTENDED
    }

    /// @param store of what dies with a node
    /// @param isThere whether the connection of an id may still be open
    public Names(StateStore store, Function<String, CompletionStage<Boolean>> isThere) {
        this.store = store;
        this.isThere = isThere;
    }

    /// The name as it is compared with others: in one form of each character, without a difference between
    /// capital and small letters, and with single spaces. Empty where nothing is left.
    public static String compared(String name) {
        String plain = Normalizer.normalize(name, Normalizer.Form.NFKC);
        // Capitals first: some letters have one capital and two small ones.
        String folded = plain.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
        StringBuilder compared = new StringBuilder(folded.length());
        boolean gap = false;
        for (int i = 0; i < folded.length(); ) {
            int c = folded.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isSpaceChar(c) || Character.isWhitespace(c)) {
                gap = true;
            } else if (Character.getType(c) != Character.FORMAT) {
                if (gap && !compared.isEmpty()) {
                    compared.append(' ');
                }
                gap = false;
                compared.appendCodePoint(c);
            }
        }
        return Normalizer.normalize(compared, Normalizer.Form.NFKC);
    }

    /// Claims a name for a connection; where its user has it, or nobody who is there.
    ///
    /// @param name of which something is left when it is [#compared], of at most [#MAX_COMPARED_BYTES]
    /// @param user null for an anonymous connection without an id, which is then the holder itself
    public CompletionStage<Outcome> claim(String name, @Nullable String user, String connectionId) {
        return claim(compared(name), user == null ? "c:" + connectionId : holder(user), connectionId, MAX_TRIES);
    }

    private CompletionStage<Outcome> claim(String key, String holder, String connectionId, int tries) {
        if (tries == 0) {
            return done(Outcome.CONTENDED);
        }
        return store.get(PARTITION, key).thenCompose(record -> {
            if (record == null) {
                NameClaim first = new NameClaim(holder, List.of(connectionId));
                return put(key, first, StateStore.ABSENT, connectionId, tries);
            }
            NameClaim claim = NameClaim.decode(record.value());
            if (!claim.holder().equals(holder)) {
                return isAnyThere(claim.connections(), 0)
                        .thenCompose(isHeld -> isHeld
                                ? done(Outcome.TAKEN)
                                : put(
                                        key,
                                        new NameClaim(holder, List.of(connectionId)),
                                        record.version(),
                                        connectionId,
                                        tries));
            }
            if (claim.connections().contains(connectionId)) {
                return done(Outcome.CLAIMED);
            }
            return claim.connections().size() >= MAX_CONNECTIONS
                    ? done(Outcome.TOO_OFTEN)
                    : put(key, claim.with(connectionId), record.version(), connectionId, tries);
        });
    }

    private CompletionStage<Outcome> put(String key, NameClaim claim, long ifVersion, String connectionId, int tries) {
        return store.put(PARTITION, key, claim.encode(), ifVersion, StateStore.NEVER)
                .thenCompose(version ->
                        version == 0 ? claim(key, claim.holder(), connectionId, tries - 1) : done(Outcome.CLAIMED));
    }

    private CompletionStage<Boolean> isAnyThere(List<String> connections, int from) {
        return from == connections.size()
                ? CompletableFuture.completedFuture(false)
                : isThere.apply(connections.get(from))
                        .thenCompose(
                                is -> is ? CompletableFuture.completedFuture(true) : isAnyThere(connections, from + 1));
    }

    private static String holder(String user) {
        return "u:" + user;
    }

    /// A name that somebody has.
    ///
    /// @param name as it is compared
    /// @param connections on how many it was claimed
    record Held(String name, int connections) {}

    /// Does something with each name that a user has, one after the other. All claims are looked at:
    /// there is no index by user.
    CompletionStage<@Nullable Void> each(String user, Function<Held, CompletionStage<@Nullable Void>> then) {
        return eachClaim(
                user,
                (record, claim) ->
                        then.apply(new Held(record.key(), claim.connections().size())));
    }

    /// Forgets the names that a user has only on connections that are gone. One that is open keeps its
    /// name: else two who are online could have the same.
    CompletionStage<@Nullable Void> forget(String user) {
        return eachClaim(
                user,
                (record, claim) -> isAnyThere(claim.connections(), 0)
                        .thenCompose(isHeld -> isHeld
                                ? CompletableFuture.completedFuture(false)
                                : store.delete(PARTITION, record.key(), record.version())));
    }

    private CompletionStage<@Nullable Void> eachClaim(
            String user, BiFunction<StateRecord, NameClaim, CompletionStage<?>> then) {
        return StateWalk.over(store, PARTITION, record -> {
            NameClaim claim = NameClaim.decode(record.value());
            return claim.holder().equals(holder(user)) ? then.apply(record, claim) : nothing();
        });
    }

    /// Ends what a connection claimed. Without effect where it did not.
    public CompletionStage<@Nullable Void> free(String name, String connectionId) {
        return free(compared(name), connectionId, MAX_TRIES);
    }

    private CompletionStage<@Nullable Void> free(String key, String connectionId, int tries) {
        return store.get(PARTITION, key).thenCompose(record -> {
            NameClaim claim = record == null ? null : NameClaim.decode(record.value());
            if (record == null || claim == null || !claim.connections().contains(connectionId) || tries == 0) {
                return nothing();
            }
            NameClaim rest = claim.without(connectionId);
            CompletionStage<Boolean> changed = rest.connections().isEmpty()
                    ? store.delete(PARTITION, key, record.version())
                    : store.put(PARTITION, key, rest.encode(), record.version(), StateStore.NEVER)
                            .thenApply(version -> version != 0);
            return changed.thenCompose(is -> is ? nothing() : free(key, connectionId, tries - 1));
        });
    }

    private static CompletionStage<@Nullable Void> nothing() {
        return CompletableFuture.<@Nullable Void>completedFuture(null);
    }

    private static CompletionStage<Outcome> done(Outcome outcome) {
        return CompletableFuture.completedFuture(outcome);
    }
}
