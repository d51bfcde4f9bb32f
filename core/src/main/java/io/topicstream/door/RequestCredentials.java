package io.topicstream.door;

import io.topicstream.access.Credentials;
import io.topicstream.access.Credentials.Place;
import io.topicstream.access.Credentials.Request;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// What a request shows of its caller: `x-api-key`, `Authorization`, `?token=`. Never a cookie, which a browser sends
/// for pages that its user did not mean.
public final class RequestCredentials {
    private RequestCredentials() {}

    /// Everything that a request shows, right or wrong.
    ///
    /// @param address of the caller
    /// @param isLocal whether the caller is on this machine, and did not come through a proxy on it
    public static Credentials of(Request request, InetAddress address, boolean isLocal) {
        Credentials credentials = Credentials.none(address, isLocal, request);
        for (String key : request.headers("x-api-key")) {
            credentials = credentials.with(Place.API_KEY_HEADER, key);
        }
        for (String authorization : request.headers("Authorization")) {
            credentials = credentials.withAuthorization(authorization);
        }
        for (String token : request.query("token")) {
            credentials = credentials.with(Place.QUERY, token);
        }
        return credentials;
    }

    /// The token of an `Authorization` with the scheme `Bearer`, or null.
    public static @Nullable String bearer(String authorization) {
        String text = authorization.strip();
        return text.regionMatches(true, 0, "bearer ", 0, 7) ? text.substring(7).strip() : null;
    }
}
