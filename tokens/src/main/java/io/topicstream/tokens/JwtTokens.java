package io.topicstream.tokens;

import io.topicstream.access.Authentication;
import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Authenticator;
import io.topicstream.access.Authenticators;
import io.topicstream.access.Credentials;
import io.topicstream.access.Credentials.Place;
import io.topicstream.access.Identity;
import io.topicstream.access.TokenIds;
import io.topicstream.tokens.Issuer.Finding;
import io.topicstream.tokens.JwtIssuer.Source;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Tokens of the issuers that the configuration names (`access.jwt`).
///
/// A token of an issuer that is not among them, or that is no token of this kind, is not ours. One of an
/// issuer that is among them is right or [Authenticators#WRONG], whatever is wrong with it; only where the
/// keys of its issuer cannot be had it is [Authenticators#UNKNOWABLE].
///
/// What was found right is kept by the hash of the whole token, until it ends or the keys of its issuer change, so that
/// each further request costs a look into a map. A signature is checked on the thread that asks, an event loop's: that
/// takes a fraction of a millisecond. What takes longer, the fetching of keys, runs on a thread of its own.
///
/// Thread-safe. Nothing blocks.
public final class JwtTokens implements Authenticator, AutoCloseable {
    /// How many tokens are kept; past it, the one that came first is forgotten.
    static final int MAX_KEPT = 10_000;
    /// How many callers may wait for keys; further ones are told to come again.
    static final int MAX_WAITING = 10_000;

    private static final System.Logger LOG = System.getLogger(JwtTokens.class.getName());
    private static final Set<Place> PLACES = EnumSet.of(Place.BEARER, Place.SUBPROTOCOL, Place.QUERY);
    private static final CompletionStage<Authentication> NOT_MINE =
            CompletableFuture.completedFuture(Authentication.NOT_MINE);
    private static final CompletionStage<Authentication> WRONG =
            CompletableFuture.completedFuture(Authenticators.WRONG);
    private static final CompletionStage<Authentication> UNKNOWABLE =
            CompletableFuture.completedFuture(Authenticators.UNKNOWABLE);

    private final Map<String, Issuer> issuers = new HashMap<>();
    private final JwksClient client;
    private final InstantSource clock;
    private final AtomicInteger waiting = new AtomicInteger();
    /// By the hash of the token. Guarded by itself.
    private final Map<String, Kept> kept = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kept> eldest) {
            return size() > MAX_KEPT;
        }
    };

    /// @param keys with which it was found right
    private record Kept(CompletionStage<Authentication> answer, long expiresAtMs, Issuer issuer, KeySet keys) {}

    private JwtTokens(JwksClient client, InstantSource clock) {
        this.client = client;
        this.clock = clock;
    }

    /// Reads the keys that are in files. Those at URLs are not fetched yet: see [#start].
    ///
    /// @throws IOException with a sentence that names the setting, if a file cannot be used
    public static JwtTokens open(List<JwtIssuer> issuers, InstantSource clock) throws IOException {
        return open(
                issuers,
                clock,
                task -> Thread.ofVirtual().name("topicstream-jwks").start(task));
    }

    /// The same, with an executor for the fetching of keys: each takes [JwksClient#DEADLINE] at most.
    public static JwtTokens open(List<JwtIssuer> issuers, InstantSource clock, Executor executor) throws IOException {
        return open(issuers, clock, executor, JwksClient.DEADLINE);
    }

    static JwtTokens open(List<JwtIssuer> issuers, InstantSource clock, Executor executor, Duration deadline)
            throws IOException {
        JwtTokens tokens = new JwtTokens(new JwksClient(deadline), clock);
        UserIds users = new UserIds(issuers.stream().map(JwtIssuer::userPrefix).toList());
        for (int i = 0; i < issuers.size(); i++) {
            JwtIssuer issuer = issuers.get(i);
            tokens.issuers.put(
                    issuer.issuer(), new Issuer(issuer, users, tokens.keys(issuer, "access.jwt[" + i + "]", executor)));
        }
        return tokens;
    }

    private Keys keys(JwtIssuer issuer, String path, Executor executor) throws IOException {
        return switch (issuer.keys()) {
            case Source.Jwks(var url) ->
                new FetchedKeys(
                        issuer.issuer(), issuer.algorithms(), () -> client.get(url), executor, clock, this::forget);
            case Source.KeyFile(var file) -> {
                try {
                    yield new Keys.Fixed(KeyFiles.keys(file, issuer.algorithms()));
                } catch (IOException e) {
                    throw new IOException(path + ".key_file " + file + ": " + e.getMessage(), e);
                }
            }
            case Source.SecretFile(var file) -> {
                try {
                    yield new Keys.Fixed(KeyFiles.secret(file, issuer.algorithms()));
                } catch (IOException e) {
                    throw new IOException(path + ".secret_file " + file + ": " + e.getMessage(), e);
                }
            }
        };
    }

    /// Has keys fetched, so that the first callers need not wait for them.
    public void start() {
        issuers.values().forEach(issuer -> issuer.keys().touch(clock.millis()));
    }

    @Override
    public CompletionStage<Authentication> authenticate(Credentials credentials) {
        @Nullable String text = credentials.presentedIn(PLACES);
        if (text == null || issuers.isEmpty() || text.length() > SignedToken.MAX_LENGTH) {
            return NOT_MINE;
        }
        long nowMs = clock.millis();
        String hash = TokenIds.hash(text);
        @Nullable CompletionStage<Authentication> known = known(hash, nowMs);
        if (known != null) {
            return known;
        }
        @Nullable SignedToken token = SignedToken.parse(text);
        @Nullable Issuer issuer = token == null ? null : issuers.get(token.issuer());
        return token == null || issuer == null ? NOT_MINE : judge(token, hash, issuer, nowMs);
    }

    /// What is known of a token that was found right before.
    private @Nullable CompletionStage<Authentication> known(String hash, long nowMs) {
        @Nullable Kept found;
        synchronized (kept) {
            found = kept.get(hash);
            if (found == null) {
                return null;
            }
            if (nowMs >= found.expiresAtMs()
                    || !found.keys().equals(found.issuer().keys().current())) {
                kept.remove(hash);
                return null;
            }
        }
        Keys keys = found.issuer().keys();
        keys.touch(nowMs);
        return keys.isOld(nowMs) ? null : found.answer();
    }

    private CompletionStage<Authentication> judge(SignedToken token, String hash, Issuer issuer, long nowMs) {
        Keys keys = issuer.keys();
        keys.touch(nowMs);
        @Nullable KeySet these = keys.current();
        if (these == null || keys.isOld(nowMs)) {
            @Nullable CompletionStage<Boolean> asked = keys.ask(nowMs);
            if (asked != null) {
                return whenAnswered(asked, () -> settle(token, hash, issuer));
            }
            // Asked for a moment ago: perhaps they have come since.
            return settle(token, hash, issuer);
        }
        return switch (issuer.judge(token, these, nowMs)) {
            case Finding.NoKey() -> {
                @Nullable CompletionStage<Boolean> asked = keys.ask(nowMs);
                yield asked == null
                        ? answer(new Finding.NoKey(), hash, issuer, these)
                        : whenAnswered(asked, () -> settle(token, hash, issuer));
            }
            case Finding.Right right -> answer(right, hash, issuer, these);
            case Finding.Wrong wrong -> answer(wrong, hash, issuer, these);
        };
    }

    private CompletionStage<Authentication> whenAnswered(
            CompletionStage<Boolean> asked, Supplier<CompletionStage<Authentication>> then) {
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            return UNKNOWABLE;
        }
        return asked.thenCompose(_ -> {
            waiting.decrementAndGet();
            return then.get();
        });
    }

    /// Judges it by the keys that there are now, whatever became of the fetch.
    private CompletionStage<Authentication> settle(SignedToken token, String hash, Issuer issuer) {
        @Nullable KeySet these = issuer.keys().current();
        return these == null ? UNKNOWABLE : answer(issuer.judge(token, these, clock.millis()), hash, issuer, these);
    }

    private CompletionStage<Authentication> answer(Finding finding, String hash, Issuer issuer, KeySet keys) {
        return switch (finding) {
            case Finding.Right(Identity identity) -> {
                CompletionStage<Authentication> known = CompletableFuture.completedFuture(new Known(identity));
                synchronized (kept) {
                    kept.put(hash, new Kept(known, identity.expiresAtMs(), issuer, keys));
                }
                yield known;
            }
            case Finding.Wrong(String why) -> {
                LOG.log(System.Logger.Level.DEBUG, "a token of {0} is refused: {1}", issuer.name(), why);
                yield WRONG;
            }
            case Finding.NoKey() -> {
                if (issuer.keys().isOutOfReach()) {
                    // It may be signed with a new one.
                    yield UNKNOWABLE;
                }
                LOG.log(System.Logger.Level.DEBUG, "a token of {0} is refused: its key is unknown", issuer.name());
                yield WRONG;
            }
        };
    }

    /// Keys have changed: what was signed with one that is gone is judged again.
    private void forget() {
        synchronized (kept) {
            kept.clear();
        }
    }

    int kept() {
        synchronized (kept) {
            return kept.size();
        }
    }

    /// Ends fetches that are under way.
    @Override
    public void close() {
        client.close();
    }
}
