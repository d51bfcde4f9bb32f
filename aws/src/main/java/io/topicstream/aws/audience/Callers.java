package io.topicstream.aws.audience;

import io.topicstream.access.Anonymous;
import io.topicstream.access.ApiKeys;
import io.topicstream.access.Authenticator;
import io.topicstream.access.Grant;
import io.topicstream.access.RightsChange;
import io.topicstream.tokens.JwtTokens;
import io.topicstream.tokens.authorizer.AuthorizerSettings;
import io.topicstream.tokens.authorizer.HttpAuthorizer;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Who is asked who a caller is, in the order of a server: the keys in the store, tokens that issuers have signed, the
/// operator's own service, and last those who show nothing.
///
/// Nothing is asked outside before a caller is there whom it concerns. Thread-safe.
final class Callers implements AutoCloseable {
    private final List<Authenticator> members = new ArrayList<>();
    private final JwtTokens tokens;
    private final @Nullable HttpAuthorizer authorizer;

    /// @param beside runs the fetching of keys, and has a call wait for it: a function that has returned stands still
    /// @throws IllegalArgumentException with a sentence, if a file with keys cannot be used
    Callers(ApiKeys keys, DoorSettings settings, Executor beside, InstantSource clock) {
        Outside outside = settings.outside();
        try {
            tokens = JwtTokens.open(outside.issuers(), clock, beside);
        } catch (IOException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        members.add(keys);
        members.add(tokens);
        AuthorizerSettings asked = outside.authorizer();
        authorizer = asked == null ? null : new HttpAuthorizer(asked, clock);
        if (authorizer != null) {
            members.add(authorizer);
        }
        if (settings.allowsGuests()) {
            members.add(new Anonymous(Grant.DEFAULT));
        }
    }

    /// Those that are asked.
    List<Authenticator> members() {
        return members;
    }

    /// Rights have changed: what was found out before may not hold.
    void onRightsChanged(RightsChange change) {
        if (authorizer != null) {
            authorizer.onRightsChanged(change);
        }
    }

    /// Asks nobody outside any more.
    @Override
    public void close() {
        tokens.close();
        if (authorizer != null) {
            authorizer.close();
        }
    }
}
