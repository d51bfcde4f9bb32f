package io.topicstream.cli;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.topicstream.server.StartException;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.Version;
import io.topicstream.server.config.LoadedConfig;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.server.logging.ServerLog;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A server in this process, from its start until the process is told to end (SIGTERM or SIGINT), which ends it in
/// order and with exit code 0. Says where it listens as soon as it does.
final class Serving {
    private static final System.Logger LOGGER = System.getLogger(Serving.class.getName());

    private final Surroundings surroundings;
    private final boolean json;

    /// @param json whether what is said is JSON
    Serving(Surroundings surroundings, boolean json) {
        this.surroundings = surroundings;
        this.json = json;
    }

    /// Serves until the process ends.
    ///
    /// @param first says more of a server that listens, before it is said to be ready
    void run(LoadedConfig loaded, Consumer<TopicStreamServer> first) {
        LastWords.install();
        ServerLog log = ServerLog.install(loaded.config().log(), new FileOutputStream(FileDescriptor.err));
        Hangup.outlive(() -> LOGGER.log(WARNING, "SIGHUP changes nothing: settings are read at the start alone"));
        TopicStreamServer server;
        try {
            server = start(loaded);
        } catch (CommandFailure e) {
            // It is told in one line by the command; what the log has to say comes before it.
            log.uninstall();
            throw e;
        }
        Stopping stopping = new Stopping(surroundings, () -> stop(server, log), server.longestStop(), code -> {
            log.flush();
            surroundings.out().flush();
            Runtime.getRuntime().halt(code);
        });
        // Run by the signal.
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(stopping));
        sayWhatRuns(loaded, server.address());
        server.notes().forEach(note -> LOGGER.log(WARNING, note));
        if (server.chatPageAbsence() != null) {
            LOGGER.log(INFO, server.chatPageAbsence());
        }
        log.flush();
        first.accept(server);
        ready(server);
        try {
            // Until the signal: what it starts ends the process.
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            server.close();
        }
    }

    private static CompletableFuture<Void> stop(TopicStreamServer server, ServerLog log) {
        long beganNs = System.nanoTime();
        log.say(Serving.class.getName(), "stopping: the process was told to end");
        return server.stop()
                .thenRun(() -> LOGGER.log(
                        INFO, "stopped after " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNs) + " ms"));
    }

    private static void sayWhatRuns(LoadedConfig loaded, InetSocketAddress address) {
        ServerConfig config = loaded.config();
        String kept = switch (config.process().engine()) {
            case ROCKSDB ->
                "messages in " + config.data().dir() + ", durability "
                        + config.data().durability().wireName();
            case MEMORY -> "messages in memory, until it ends";
        };
        LOGGER.log(
                INFO,
                "TopicStream " + Version.TEXT + " listens on " + authority(address) + "; " + kept + "; at most "
                        + config.connections().total() + " connections, payloads of "
                        + config.policies().byDefault().maxPayloadBytes() + " bytes");
        loaded.notes().forEach(note -> LOGGER.log(WARNING, note));
    }

    private static TopicStreamServer start(LoadedConfig loaded) {
        try {
            return TopicStreamServer.start(loaded.config());
        } catch (StartException e) {
            throw failure(e);
        }
    }

    /// The failure that it means that a server, or its store alone, cannot be started.
    static CommandFailure failure(StartException e) {
        return new CommandFailure(
                switch (e.kind()) {
                    case ADDRESS -> ExitCodes.CANNOT_LISTEN;
                    case DATA -> ExitCodes.DATA;
                    case REFUSED, FILES -> ExitCodes.CONFIGURATION;
                },
                String.valueOf(e.getMessage()));
    }

    private void ready(TopicStreamServer server) {
        InetSocketAddress tlsAddress = server.tlsAddress();
        String http = base(server);
        String https = tlsAddress == null ? null : "https://" + authority(tlsAddress);
        String chat = server.chatPage() == null ? null : http + server.chatPage();
        try {
            surroundings
                    .out()
                    .println(
                            json
                                    ? new JsonLine()
                                            .text("ready", http)
                                            .text("websocket", webSocket(http))
                                            .text("ready_tls", https)
                                            .text("websocket_tls", https == null ? null : webSocket(https))
                                            .number("port", server.address().getPort())
                                            .number(
                                                    "pid",
                                                    ProcessHandle.current().pid())
                                            .text("chat", chat)
                                            .toString()
                                    : "ready: " + http + "  " + webSocket(http)
                                            + (https == null ? "" : "  " + https + "  " + webSocket(https))
                                            + (chat == null ? "" : "\nChat in a browser: " + chat));
        } catch (CommandFailure failure) {
            // It serves all the same: others need it, whatever became of the place for this line.
            Main.tell(surroundings, "note: ready: " + http + "; that cannot be said on the standard output");
        }
    }

    /// The URL of a server, without a path; of the port for TLS where it has one.
    static String base(TopicStreamServer server) {
        return (server.isTlsOnly() ? "https://" : "http://") + authority(server.address());
    }

    private static String webSocket(String http) {
        return "ws" + http.substring("http".length()) + "/v1";
    }

    /// Host and port of an address, as in a URL.
    static String authority(InetSocketAddress address) {
        return host(address.getAddress()) + ":" + address.getPort();
    }

    /// The address as it stands in a URL. Where it is every address of the machine, the one for this machine.
    private static String host(InetAddress address) {
        boolean six = address instanceof Inet6Address;
        String host = address.isAnyLocalAddress() ? (six ? "::1" : "127.0.0.1") : address.getHostAddress();
        return six ? "[" + host + "]" : host;
    }
}
