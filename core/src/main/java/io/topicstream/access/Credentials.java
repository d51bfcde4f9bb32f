package io.topicstream.access;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a caller showed of itself, before anybody judged it.
///
/// A front door collects it from wherever its protocol carries such things; what is in here is
/// never logged, so its text leaves the secrets out. Cookies are not collected: nothing is ever
/// decided by one.
///
/// @param presented the keys and tokens, in the order in which they were found
/// @param claimedUser the id that the caller claims for itself (`?user=`), heard only from anonymous
///     callers; null if none
/// @param claimedName the display name likewise (`?name=`)
/// @param address of the caller; wrong credentials are counted by it
/// @param isLocal whether the caller is on this machine, and did not come through a proxy on it
/// @param origin the web page's origin, or null if no page is calling
/// @param request what else is known of how they came, or null
public record Credentials(
        List<Presented> presented,
        @Nullable String claimedUser,
        @Nullable String claimedName,
        InetAddress address,
        boolean isLocal,
        @Nullable String origin,
        @Nullable Request request) {
    /// The ways in.
    public enum Door {
        HTTP("http"),
        WEBSOCKET("websocket");

        private final String wireName;

        Door(String wireName) {
            this.wireName = wireName;
        }

        /// The name for whom it is told outside.
        public String wireName() {
            return wireName;
        }
    }

    /// The request with which credentials came, for an authenticator that has somebody else judge it. Asked on any
    /// thread; what it says is as secret as the credentials.
    public interface Request {
        Door door();

        /// The path of the stage that is asked for; null without a stage, as over HTTP.
        @Nullable
        String stage();

        /// All values of a header field; none for the frame `authenticate`.
        List<String> headers(String name);

        /// All values of a query parameter, decoded; none likewise.
        List<String> query(String name);
    }

    /// A frame of a connection: it has neither headers nor a query.
    private record FrameOn(String stage) implements Request {
        @Override
        public Door door() {
            return Door.WEBSOCKET;
        }

        @Override
        public List<String> headers(String name) {
            return List.of();
        }

        @Override
        public List<String> query(String name) {
            return List.of();
        }
    }

    /// Where a key or token was found.
    public enum Place {
        /// The header `x-api-key`.
        API_KEY_HEADER,
        /// `Authorization: Bearer`, or the frame `authenticate`.
        BEARER,
        /// The subprotocol `bearer.<token>`.
        SUBPROTOCOL,
        /// The parameter `?token=`: URLs are kept in histories and logs, so only what is not meant to
        /// last should come this way.
        QUERY,
        /// `Authorization` with a key or token and without the word `Bearer`. Nobody takes it; it is kept so
        /// that its bearer is refused and not taken for anonymous.
        UNMARKED
    }

    /// A key or token, and where it was found.
    ///
    /// @param secret never to be shown
    public record Presented(Place place, String secret) {
        @Override
        public String toString() {
            return place + " (hidden)";
        }
    }

    public Credentials {
        presented = List.copyOf(presented);
    }

    /// A caller that showed nothing yet, and came directly.
    public static Credentials none(InetAddress address) {
        return none(address, address.isLoopbackAddress());
    }

    /// A caller that showed nothing yet.
    public static Credentials none(InetAddress address, boolean isLocal) {
        return none(address, isLocal, null);
    }

    /// A caller that showed nothing yet but its request.
    public static Credentials none(InetAddress address, boolean isLocal, @Nullable Request request) {
        return new Credentials(List.of(), null, null, address, isLocal, null, request);
    }

    /// What the frame `authenticate` shows.
    ///
    /// @param stage the path of its connection's stage
    public static Credentials ofFrame(InetAddress address, String stage, String token) {
        return none(address, address.isLoopbackAddress(), new FrameOn(stage)).with(Place.BEARER, token);
    }

    /// The same, with a key or token more.
    public Credentials with(Place place, String secret) {
        Presented one = new Presented(place, secret);
        if (presented.isEmpty()) {
            return new Credentials(List.of(one), claimedUser, claimedName, address, isLocal, origin, request);
        }
        List<Presented> more = new ArrayList<>(presented);
        more.add(one);
        return new Credentials(more, claimedUser, claimedName, address, isLocal, origin, request);
    }

    /// The same, with what a header `Authorization` says. Another scheme is no credential of ours: a proxy
    /// that asks for a password of its own (`Basic`) passes it on, and browsers send it with every request.
    public Credentials withAuthorization(String header) {
        String text = header.strip();
        int space = text.indexOf(' ');
        String scheme = space < 0 ? text : text.substring(0, space);
        String rest = space < 0 ? "" : text.substring(space + 1).strip();
        if (scheme.equalsIgnoreCase("bearer")) {
            return with(Place.BEARER, rest);
        }
        boolean ours = rest.isEmpty() || rest.startsWith(ApiKeys.PREFIX);
        return ours ? with(Place.UNMARKED, text) : this;
    }

    /// The same, without what was presented there and is one of these.
    public Credentials without(Place place, Set<String> secrets) {
        List<Presented> rest = presented.stream()
                .filter(one -> one.place() != place || !secrets.contains(one.secret()))
                .toList();
        return rest.size() == presented.size()
                ? this
                : new Credentials(rest, claimedUser, claimedName, address, isLocal, origin, request);
    }

    /// The same, claiming to be somebody.
    public Credentials claiming(@Nullable String user, @Nullable String name) {
        return new Credentials(presented, user, name, address, isLocal, origin, request);
    }

    /// The same, from a web page.
    public Credentials fromPage(@Nullable String pageOrigin) {
        return new Credentials(presented, claimedUser, claimedName, address, isLocal, pageOrigin, request);
    }

    /// Whether anything was presented, be it right or wrong.
    public boolean isPresented() {
        return !presented.isEmpty();
    }

    /// What was presented in one of these places, or null. Where it was presented twice, it is the
    /// same ([#isAmbiguous()]).
    public @Nullable String presentedIn(Set<Place> places) {
        for (Presented one : presented) {
            if (places.contains(one.place())) {
                return one.secret();
            }
        }
        return null;
    }

    /// The key or token that was presented, wherever it stood; null if none was. Where two were, it is one of them.
    public @Nullable String secret() {
        return presented.isEmpty() ? null : presented.getFirst().secret();
    }

    /// Whether two things were presented that are not the same, so that there is no telling whom the
    /// caller means to be.
    boolean isAmbiguous() {
        for (Presented one : presented) {
            if (!one.secret().equals(presented.getFirst().secret())) {
                return true;
            }
        }
        return false;
    }

    @Override
    public String toString() {
        return "Credentials[presented=" + presented + ", address=" + address + "]";
    }
}
