package io.topicstream.server.websocket;

import io.topicstream.command.Rate;
import io.topicstream.dialect.Dialects;
import io.topicstream.protocol.WireFormat;
import io.topicstream.transport.WebSocketLimits;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One stage: a path under which WebSockets are served, and on which terms.
///
/// @param segment what stands behind the slash of the path; empty for `/`
/// @param dialect what is spoken there
/// @param limits of its connections; one object for all of them
/// @param upgradeDeadline how long it may take to find out whether a client may connect
/// @param callers who may connect
/// @param actions how the frames of the chat dialect are named
/// @param guestTokens what callers may show as a token and be guests all the same
/// @param rate how many requests all of its connections may make together; null: no limit
public record StageDefinition(
        String segment,
        Dialects.Name dialect,
        WebSocketLimits limits,
        Duration upgradeDeadline,
        Callers callers,
        Actions actions,
        Set<String> guestTokens,
        @Nullable Rate rate) {
    public StageDefinition {
        guestTokens = Set.copyOf(guestTokens);
    }

    /// A stage of any dialect, without what only some have.
    public StageDefinition(
            String segment, Dialects.Name dialect, WebSocketLimits limits, Duration upgradeDeadline, Callers callers) {
        this(segment, dialect, limits, upgradeDeadline, callers, Actions.SENT, Set.of(), null);
    }

    /// How the frames of the chat dialect are named.
    public enum Actions {
        /// By what was done: `sendMessage`, `$connect`, `$disconnect`.
        SENT("sent"),
        /// By what comes of it: `receiveMessage`, `systemMessage`.
        RECEIVED("received");

        private final String wireName;

        Actions(String wireName) {
            this.wireName = wireName;
        }

        /// The name in a configuration.
        public String wireName() {
            return wireName;
        }
    }

    /// Who may connect to a stage.
    public enum Callers {
        /// Those that the access settings let in.
        CONFIGURED("configured"),
        /// Of those, the ones that show a key or token.
        KEY("key");

        private final String wireName;

        Callers(String wireName) {
            this.wireName = wireName;
        }

        /// The name in a configuration.
        public String wireName() {
            return wireName;
        }
    }

    /// In what form a connection is told messages.
    ///
    /// @param takesArrays whether its client does
    WireFormat format(boolean takesArrays) {
        WireFormat format = dialect.format(takesArrays);
        return format == WireFormat.CHAT && actions == Actions.RECEIVED ? WireFormat.CHAT_RECEIVED : format;
    }

    /// The path: `/v1`.
    public String path() {
        return "/" + segment;
    }
}
