package io.topicstream.door;

import io.topicstream.access.Authentication;
import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Authentication.NotMine;
import io.topicstream.access.Authentication.Refused;
import io.topicstream.access.Authenticator;
import io.topicstream.access.Authenticators;
import io.topicstream.access.Credentials;
import io.topicstream.protocol.ErrorCode;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Says who may come in, by the same rules and in the same words at every door: first whether the host that a caller
/// names is served, then whether a page may call without a credential, then who the caller is.
///
/// It hands on what the authenticators answer: a door goes on with callers that are [Known], and [#refusal] has
/// the words for all others. So nothing is made for a request whose caller is let in. Thread-safe.
public final class Doorman {
    private static final Refused FOREIGN_PAGE = new Refused(
            ErrorCode.FORBIDDEN,
            // As a close reason it has 123 bytes.
            "pages of this origin may not call without a credential: send one, or have the origin listed in"
                    + " server.allowed_origins");

    private final Hosts hosts;
    private final OriginRule origins;
    private final RefusedNames refused;
    private final Authenticator authenticator;

    /// @param refused tells the log of hosts and pages that are turned away
    /// @param authenticator the whole chain; it decides about callers that show nothing too
    public Doorman(Hosts hosts, OriginRule origins, RefusedNames refused, Authenticator authenticator) {
        this.hosts = hosts;
        this.origins = origins;
        this.refused = refused;
        this.authenticator = authenticator;
    }

    /// Whether the host that a request names is served.
    public boolean servesHost(String host) {
        return hosts.permits(host);
    }

    /// Tells the log of a host that is not.
    public void onForeignHost(String host) {
        refused.host(host);
    }

    /// Why a page's request is turned away before it is asked who sends it; null where it is not.
    ///
    /// @param origins the values of all headers `Origin`; none where no page is calling
    /// @param host the host that it asks for
    /// @param credentials what it shows
    public @Nullable Refused turnsAway(List<String> origins, @Nullable String host, Credentials credentials) {
        if (origins.isEmpty() || this.origins.permits(origins, host, credentials.isPresented())) {
            return null;
        }
        refused.origins(origins, host);
        return FOREIGN_PAGE;
    }

    /// Asks who the caller is. The answer may come later, on any thread.
    public CompletionStage<Authentication> ask(Credentials credentials) {
        return authenticator.authenticate(credentials);
    }

    /// Why a caller is not let in.
    ///
    /// @param found what was answered, unless it is [Known]; null where it could not be found out
    public static Refused refusal(@Nullable Authentication found) {
        return switch (found) {
            case Refused why -> why;
            case NotMine() -> Authenticators.MISSING;
            case Known _ -> throw new IllegalArgumentException("a known caller is let in");
            case null -> Authenticators.UNKNOWABLE;
        };
    }
}
