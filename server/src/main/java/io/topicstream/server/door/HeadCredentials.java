package io.topicstream.server.door;

import io.topicstream.access.Credentials;
import io.topicstream.access.Credentials.Door;
import io.topicstream.access.Credentials.Request;
import io.topicstream.door.RequestCredentials;
import io.topicstream.transport.RequestHead;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the head of a request at the network shows of its caller, as [RequestCredentials] gathers it.
public final class HeadCredentials {
    private HeadCredentials() {}

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
        return RequestCredentials.of(asked, address(head), head.source().isLocal());
    }

    /// Where it comes from.
    public static InetAddress address(RequestHead head) {
        return head.source().address();
    }
}
