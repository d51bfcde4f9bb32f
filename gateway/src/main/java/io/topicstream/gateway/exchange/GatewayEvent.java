package io.topicstream.gateway.exchange;

import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Stage;
import org.jspecify.annotations.Nullable;

/// One event of a connection, on its way to the back end of its route. Immutable.
///
/// @param routeKey of the route that was selected; `$default` where that was
/// @param requestId new for each event; authorizer and `$connect` of one handshake share it
/// @param timeMs when it came, in epoch milliseconds
/// @param cause what happened
public record GatewayEvent(
        Api api, Stage stage, String routeKey, Peer peer, String requestId, long timeMs, Cause cause) {

    /// What happened.
    public sealed interface Cause {
        /// The word for it in events: `CONNECT`, `MESSAGE` or `DISCONNECT`.
        default String eventType() {
            return switch (this) {
                case Connect _ -> "CONNECT";
                case Message _ -> "MESSAGE";
                case Disconnect _ -> "DISCONNECT";
            };
        }
    }

    /// Somebody wants to connect.
    public record Connect(Handshake handshake) implements Cause {}

    /// A text came.
    ///
    /// @param messageId new for each
    /// @param json the text as JSON, parsed once for all who ask
    public record Message(String messageId, JsonBody json) implements Cause {
        /// A text of which nobody has asked yet what it is.
        public Message(String messageId, String text) {
            this(messageId, JsonBody.of(text));
        }

        /// What the client sent.
        public String text() {
            return json.text();
        }
    }

    /// The connection has ended.
    public record Disconnect(int code, String reason) implements Cause {}

    /// The text of a message; null for other events.
    public @Nullable String body() {
        return cause instanceof Message message ? message.text() : null;
    }

    /// The body as JSON; [JsonBody#NONE] for what is not a message.
    public JsonBody json() {
        return cause instanceof Message message ? message.json() : JsonBody.NONE;
    }

    /// What the client sent to connect; null for other events.
    public @Nullable Handshake handshake() {
        return cause instanceof Connect connect ? connect.handshake() : null;
    }
}
