package io.topicstream.access;

import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Credentials.Place;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The tokens that stand in the configuration.
///
/// What was presented is compared with every one of them, always with all and each in constant
/// time, so that the time of the answer says nothing.
public final class StaticTokens implements Authenticator {
    private static final Set<Place> PLACES = EnumSet.of(Place.BEARER, Place.SUBPROTOCOL, Place.QUERY);
    private static final CompletionStage<Authentication> NOT_MINE =
            CompletableFuture.completedFuture(Authentication.NOT_MINE);

    private final List<StaticToken> tokens;
    /// The answer for each token, made once.
    private final List<CompletionStage<Authentication>> known;
    private final InstantSource clock;

    public StaticTokens(List<StaticToken> tokens, InstantSource clock) {
        this.tokens = List.copyOf(tokens);
        this.clock = clock;
        this.known = IntStream.range(0, tokens.size())
                .mapToObj(at -> knownAs(tokens.get(at), at))
                .toList();
        for (int i = 0; i < tokens.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (tokens.get(i).hashesTo(tokens.get(j).sha256())) {
                    throw new IllegalArgumentException("the same token stands twice, for "
                            + tokens.get(j).user() + " and for " + tokens.get(i).user());
                }
            }
        }
    }

    private static CompletionStage<Authentication> knownAs(StaticToken token, int at) {
        return CompletableFuture.completedFuture(new Known(new Identity(
                token.user(),
                token.name(),
                Identity.Credential.STATIC_TOKEN,
                "token-" + (at + 1),
                token.grants(),
                token.expiresAtMs())));
    }

    @Override
    public CompletionStage<Authentication> authenticate(Credentials credentials) {
        @Nullable String secret = credentials.presentedIn(PLACES);
        if (secret == null || secret.length() > StaticToken.MAX_LENGTH) {
            return NOT_MINE;
        }
        byte[] presented = Secrets.sha256(secret);
        int found = -1;
        for (int i = 0; i < tokens.size(); i++) {
            found = tokens.get(i).hashesTo(presented) ? i : found;
        }
        return found < 0 || clock.millis() >= tokens.get(found).expiresAtMs() ? NOT_MINE : known.get(found);
    }
}
