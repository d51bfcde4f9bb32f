package io.topicstream.access;

import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Credentials.Place;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The tokens that stand in the configuration.
///
/// What was presented is compared with every one of them, always with all and each in constant
/// time, so that the time of the answer says nothing.
public final class StaticTokens implements Authenticator {
    private static final Set<Place> PLACES = EnumSet.of(Place.BEARER, Place.SUBPROTOCOL, Place.QUERY);

    private final List<StaticToken> tokens;
    private final InstantSource clock;

    public StaticTokens(List<StaticToken> tokens, InstantSource clock) {
        this.tokens = List.copyOf(tokens);
        this.clock = clock;
        for (int i = 0; i < tokens.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (tokens.get(i).hashesTo(tokens.get(j).sha256())) {
                    throw new IllegalArgumentException("the same token stands twice, for "
                            + tokens.get(j).user() + " and for " + tokens.get(i).user());
                }
            }
        }
    }

    @Override
    public CompletionStage<Authentication> authenticate(Credentials credentials) {
        return CompletableFuture.completedFuture(judge(credentials));
    }

    private Authentication judge(Credentials credentials) {
        @Nullable String secret = credentials.presentedIn(PLACES);
        if (secret == null || secret.length() > StaticToken.MAX_LENGTH) {
            return Authentication.NOT_MINE;
        }
        byte[] presented = Secrets.sha256(secret);
        int found = -1;
        for (int i = 0; i < tokens.size(); i++) {
            found = tokens.get(i).hashesTo(presented) ? i : found;
        }
        @Nullable StaticToken token = found < 0 ? null : tokens.get(found);
        if (token == null || clock.millis() >= token.expiresAtMs()) {
            return Authentication.NOT_MINE;
        }
        return new Known(new Identity(
                token.user(),
                token.name(),
                Identity.Credential.STATIC_TOKEN,
                "token-" + (found + 1),
                token.grants(),
                token.expiresAtMs()));
    }
}
