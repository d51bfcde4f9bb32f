package io.topicstream.server.websocket;

import io.topicstream.dialect.Dialects;
import io.topicstream.transport.WebSocketLimits;
import java.time.Duration;

/// One stage: a path under which WebSockets are served, and on which terms.
///
/// @param segment what stands behind the slash of the path; empty for `/`
/// @param dialect what is spoken there
/// @param limits of its connections; one object for all of them
/// @param upgradeDeadline how long it may take to find out whether a client may connect
/// @param callers who may connect
public record StageDefinition(
        String segment, Dialects.Name dialect, WebSocketLimits limits, Duration upgradeDeadline, Callers callers) {
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

    /// The path: `/v1`.
    public String path() {
        return "/" + segment;
    }
}
