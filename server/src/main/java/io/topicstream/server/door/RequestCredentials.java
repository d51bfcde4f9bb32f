package io.topicstream.server.door;

import io.topicstream.access.Credentials;
import io.topicstream.access.Credentials.Door;
import io.topicstream.access.Credentials.Place;
import io.topicstream.access.Credentials.Request;
import io.topicstream.transport.RequestHead;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a request shows of its caller: `x-api-key`, `Authorization`, `?token=`. Never a cookie, which a browser sends
/// for pages that its user did not mean.
public final class RequestCredentials {
    private RequestCredentials() {}

    /// A head, as authenticators see it.
    private record Asked(
            RequestHead head, Door door, @Nullable String stage) implements Request {
        @Override
        public List<String> headers(String name) {
            return head.headers(name);
        }

        @Override
        public List<String> query(String name) {
            return head.query().getOrDefault(name, List.of());
        }

        @Override
        public String toString() {
            return door + " (hidden)";
        }
    }

    /// Everything that a request of the HTTP API shows, right or wrong.
    public static Credentials of(RequestHead head) {
        return of(new Asked(head, Door.HTTP, null));
    }

    /// Everything that a handshake shows, right or wrong.
    ///
    /// @param stage the path of the stage, with its slash
    public static Credentials ofHandshake(RequestHead head, String stage) {
        return of(new Asked(head, Door.WEBSOCKET, stage));
    }

    private static Credentials of(Asked asked) {
        RequestHead head = asked.head();
        Credentials credentials =
                Credentials.none(head.source().address(), head.source().isLocal(), asked);
        for (String key : head.headers("x-api-key")) {
            credentials = credentials.with(Place.API_KEY_HEADER, key);
        }
        for (String authorization : head.headers("Authorization")) {
            credentials = credentials.withAuthorization(authorization);
        }
        List<String> tokens = head.query().get("token");
        if (tokens != null) {
            for (String token : tokens) {
                credentials = credentials.with(Place.QUERY, token);
            }
        }
        return credentials;
    }

    /// Where it comes from.
    public static InetAddress address(RequestHead head) {
        return head.source().address();
    }

    /// The token of an `Authorization` with the scheme `Bearer`, or null.
    public static @Nullable String bearer(String authorization) {
        String text = authorization.strip();
        return text.regionMatches(true, 0, "bearer ", 0, 7) ? text.substring(7).strip() : null;
    }
}
