package io.topicstream.dialect;

import io.topicstream.access.Authentication.Refused;
import io.topicstream.access.Credentials;
import io.topicstream.access.Identity;
import io.topicstream.protocol.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a client asks for with the handshake of a WebSocket: read in one way by every door. Immutable.
public final class Handshake {
    /// The subprotocol by which a client says that it takes arrays of frames.
    public static final String ARRAYS = "topicstream.v1";

    /// Why one without a credential is refused where a stage wants one.
    public static final Refused KEY_WANTED = new Refused(ErrorCode.UNAUTHENTICATED, "this stage wants an API key");

    private static final String BEARER_SUBPROTOCOL = "bearer.";
    private static final String DURABLE = "durable";
    private static final String MANUAL = "manual";

    private final Entrance entrance;
    private final @Nullable String durable;
    private final List<String> subprotocols;

    /// @param dialect of the stage
    /// @param parameters the first value of each parameter of the address
    /// @param subprotocols that are offered
    public Handshake(Dialects.Name dialect, Function<String, @Nullable String> parameters, List<String> subprotocols) {
        this.entrance = dialect.entrance(parameters);
        this.durable = parameters.apply(DURABLE);
        this.subprotocols = List.copyOf(subprotocols);
    }

    /// Why it is refused, no matter who sends it; null where it is not.
    public @Nullable Refused problem() {
        String problem =
                joinsDurable() || MANUAL.equals(durable) ? entrance.problem() : "'durable' is 'manual' or absent";
        return problem == null ? null : new Refused(ErrorCode.BAD_FRAME, problem);
    }

    /// All that the client shows, and claims, of who it is.
    ///
    /// @param request what the request shows as any request may
    /// @param pageOrigin the origin of the page that calls, or null
    /// @param guestTokens what is taken for no token in the address
    public Credentials credentials(Credentials request, @Nullable String pageOrigin, Set<String> guestTokens) {
        Credentials credentials = request.fromPage(pageOrigin);
        for (String offered : subprotocols) {
            if (offered.startsWith(BEARER_SUBPROTOCOL)) {
                credentials =
                        credentials.with(Credentials.Place.SUBPROTOCOL, offered.substring(BEARER_SUBPROTOCOL.length()));
            }
        }
        return entrance.claiming(credentials).without(Credentials.Place.QUERY, guestTokens);
    }

    /// Whether the durable subscriptions of the user are joined as soon as the connection is open.
    public boolean joinsDurable() {
        return durable == null;
    }

    /// Whether the client takes arrays of frames.
    public boolean takesArrays() {
        return subprotocols.contains(ARRAYS);
    }

    /// The subprotocol that is spoken, or null. Browsers give up when they offered some and none was selected.
    public @Nullable String subprotocol() {
        return takesArrays() ? ARRAYS : null;
    }

    /// Who it is on its connection.
    ///
    /// @param who it was found to be
    public Identity identity(Identity who, String connectionId) {
        return entrance.identity(who, connectionId);
    }

    /// What is known of it from the start; see [Entrance#attributes].
    ///
    /// @param named it is on its connection
    public Map<String, String> attributes(Identity named) {
        return entrance.attributes(named);
    }
}
