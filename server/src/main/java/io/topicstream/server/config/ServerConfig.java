package io.topicstream.server.config;

import io.topicstream.access.StaticToken;
import io.topicstream.log.Durability;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The configuration of a server, typed and checked.
///
/// @param engine where messages are kept
/// @param eventLoops threads that serve sockets, at least 1
public record ServerConfig(
        Engine engine, int eventLoops, Server server, Data data, Access access, Log log, Limits limits) {
    /// The file that is read if none is named.
    public static final String DEFAULT_FILE = "topicstream.yaml";

    /// Where messages are kept.
    public enum Engine {
        ROCKSDB,
        MEMORY;

        /// The name in the configuration.
        public String wireName() {
            return switch (this) {
                case ROCKSDB -> "rocksdb";
                case MEMORY -> "memory";
            };
        }
    }

    /// Whether callers without a credential are let in.
    public enum Guests {
        /// Those on this machine, as long as nothing says that the server knows its callers or that others reach it.
        AUTO,
        ON,
        OFF;

        /// The name in the configuration.
        public String wireName() {
            return switch (this) {
                case AUTO -> "auto";
                case ON -> "on";
                case OFF -> "off";
            };
        }
    }

    /// From which level on the log is written.
    public enum LogLevel {
        DEBUG,
        INFO,
        WARNING,
        ERROR;

        /// The name in the configuration.
        public String wireName() {
            return switch (this) {
                case DEBUG -> "debug";
                case INFO -> "info";
                case WARNING -> "warning";
                case ERROR -> "error";
            };
        }
    }

    /// How a line of the log is written.
    public enum LogFormat {
        TEXT,
        JSON;

        /// The name in the configuration.
        public String wireName() {
            return switch (this) {
                case TEXT -> "text";
                case JSON -> "json";
            };
        }
    }

    /// Where the server listens, and to whom it answers.
    ///
    /// @param bind the address to listen on, resolved once, so that what was judged is what is bound
    /// @param port 0 takes a free one
    /// @param allowRemoteWithoutCredentials see [#remoteRefusal]
    /// @param stopDelay how long a stopping server lets connections in that hear that it is not ready
    /// @param trustedProxies whose word for whom they speak is taken
    /// @param proxyProtocol whether their connections begin with a header of the PROXY protocol
    /// @param tls null: none
    /// @param runDir where the administrator's token lies, or null for the usual place ([RunDirectory])
    public record Server(
            InetAddress bind,
            int port,
            boolean allowRemoteWithoutCredentials,
            List<String> allowedOrigins,
            List<String> allowedHosts,
            Duration stopDelay,
            Networks trustedProxies,
            boolean proxyProtocol,
            @Nullable Tls tls,
            @Nullable Path runDir) {}

    /// How connections are encrypted.
    ///
    /// @param port a second one, 0 takes a free one; null: the only port speaks TLS
    public record Tls(Path certificate, Path key, @Nullable Integer port) {}

    /// How messages are kept.
    ///
    /// @param durability [Durability#MEMORY] with the engine in memory, whatever the default is
    /// @param lingerUs how long messages may wait for others to share their sync, in microseconds; 0 is off
    /// @param repeatsWindow how long a `message_id` is remembered
    public record Data(
            Path dir,
            Durability durability,
            int lingerUs,
            long queueSoftBytes,
            long queueHardBytes,
            long cacheBytes,
            long writeBufferBytes,
            int readerThreads,
            int topicEntries,
            Duration repeatsWindow) {}

    /// Who is let in.
    public record Access(Guests anonymous, List<StaticToken> tokens, int wrongCredentialsPerMinute) {}

    /// What the process says on its standard error.
    ///
    /// @param access whether each request gets a line
    public record Log(LogLevel level, LogFormat format, boolean access) {}

    /// How much of everything.
    public record Limits(
            Messages messages, Subscriptions subscriptions, Http http, WebSocket webSocket, Connections connections) {}

    /// Limits of what clients send.
    public record Messages(int payloadBytes) {}

    /// Limits of what clients listen to.
    public record Subscriptions(int perConnection, int durablePerUser) {}

    /// Limits of an HTTP connection.
    public record Http(
            int requestLineBytes,
            int headerBytes,
            int headerCount,
            int bodyBytes,
            int inflatedBodyBytes,
            Duration headDeadline,
            Duration bodyGrace,
            int bodyBytesPerSecond,
            Duration keepAliveIdle,
            int pipelineDepth,
            int gzipFromBytes) {}

    /// Limits of a WebSocket connection.
    public record WebSocket(
            int messageBytes,
            int frameBytes,
            int fragments,
            Duration frameDeadline,
            Duration pingInterval,
            Duration pingAnswer,
            Duration closeHandshake,
            int controlFramesPerSecond) {}

    /// Limits of sockets.
    public record Connections(
            int total,
            int perAddress,
            boolean capLoopback,
            int highWatermarkBytes,
            int lowWatermarkBytes,
            long outboundBytes,
            long incompleteBytes,
            long answerBytes,
            Duration stall) {}

    /// Reads a configuration: a flag beats a variable of the environment, that beats the file, and that the default.
    ///
    /// @param file the file, which must exist, or null to read none
    /// @param environment all variables; those that are none of ours are left alone
    /// @param flags path of a setting (`server.port`) to its text
    /// @throws ConfigException with everything that is wrong
    public static LoadedConfig load(@Nullable Path file, Map<String, String> environment, Map<String, String> flags) {
        return load(file, environment, flags, Map.of());
    }

    /// The same, for flags that have names of their own.
    ///
    /// @param flagNames path of a setting to what was typed for it (`--port`), to be named in problems; for others
    ///     it is `--set` and the path
    public static LoadedConfig load(
            @Nullable Path file,
            Map<String, String> environment,
            Map<String, String> flags,
            Map<String, String> flagNames) {
        return new ConfigLoader(file, environment, flags, flagNames).load();
    }

    /// Whether the server is reached from this machine alone.
    public boolean isLoopbackOnly() {
        return server.bind().isLoopbackAddress();
    }

    /// Whether callers without a credential are let in, as far as the configuration decides: with
    /// [Guests#AUTO] an API key in the store ends it.
    public boolean isAnonymousAllowed() {
        return switch (access.anonymous()) {
            case AUTO ->
                isLoopbackOnly() && !hasTokens() && server.trustedProxies().isEmpty() && !hasPublicHost();
            case ON -> true;
            case OFF -> false;
        };
    }

    /// Whether callers can be told apart by tokens; those of our documents' examples tell nobody apart.
    private boolean hasTokens() {
        return access.tokens().stream().anyMatch(token -> !token.isExample());
    }

    private boolean hasPublicHost() {
        return server.allowedHosts().stream().anyMatch(host -> !Hosts.isOfThisMachine(host));
    }

    /// Why the server must not start to listen, or null if it may. A server that others can reach should know somebody
    /// to tell them apart by; whoever wants it otherwise says so.
    ///
    /// API keys are in the store and not in the configuration, so this is asked when the store is open and before
    /// the port is bound.
    ///
    /// @param hasApiKeys whether the store has at least one
    public @Nullable String remoteRefusal(boolean hasApiKeys) {
        if (isLoopbackOnly() || hasApiKeys || hasTokens() || server.allowRemoteWithoutCredentials()) {
            return null;
        }
        return "server.bind is " + server.bind().getHostAddress() + ", which others can reach, and there is neither an"
                + " API key nor a token in access.tokens. Make a key (topicstream keys create NAME --data DIR), or set"
                + " access.tokens, or set server.allow_remote_without_credentials to true if this is what you want.";
    }
}
