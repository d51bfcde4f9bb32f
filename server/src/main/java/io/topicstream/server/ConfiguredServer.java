package io.topicstream.server;

import io.topicstream.access.ApiKeys;
import io.topicstream.access.Grant;
import io.topicstream.command.CommandLimits;
import io.topicstream.log.InMemoryLog;
import io.topicstream.rocksdb.RocksLog;
import io.topicstream.rocksdb.RocksOptions;
import io.topicstream.rocksdb.StoreException;
import io.topicstream.server.config.Hosts;
import io.topicstream.server.config.Origins;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.server.transport.HttpLimits;
import io.topicstream.server.transport.TransportLimits;
import io.topicstream.server.transport.WebSocketLimits;
import io.topicstream.state.InMemoryStateStore;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// A server made from its configuration: the engine opened, the port bound. Its methods may be called on any
/// thread but an event loop's.
public final class ConfiguredServer implements AutoCloseable {
    private static final long KEY_LIST_SECONDS = 30;

    private final TopicStreamServer server;

    private ConfiguredServer(TopicStreamServer server) {
        this.server = server;
    }

    /// Starts a server. In this order, so that whatever is wrong leaves nothing behind: the store, the rule about
    /// callers from elsewhere, the port.
    ///
    /// @throws StartException with one plain sentence
    public static ConfiguredServer start(ServerConfig config) throws StartException {
        Engine engine = open(config);
        boolean started = false;
        try {
            requireCredentialsForOthers(config, engine);
            TopicStreamServer server = new TopicStreamServer(engine, settings(config));
            started = true;
            return new ConfiguredServer(server);
        } catch (IOException e) {
            throw new StartException(StartException.Kind.ADDRESS, "cannot listen on " + where(config) + ": " + why(e), e);
        } finally {
            if (!started) {
                engine.close().run();
            }
        }
    }

    private static Engine open(ServerConfig config) throws StartException {
        InstantSource clock = InstantSource.system();
        return switch (config.engine()) {
            case MEMORY -> {
                ExecutorService executor = Executors.newSingleThreadExecutor(
                        Thread.ofPlatform().name("log-writer").factory());
                InMemoryLog log =
                        new InMemoryLog(clock, executor, clock.instant().getEpochSecond());
                InMemoryStateStore state = new InMemoryStateStore(clock, executor);
                yield new Engine(log, log, state, () -> {
                    log.close();
                    state.close();
                    executor.shutdown();
                });
            }
            case ROCKSDB -> {
                ServerConfig.Data data = config.data();
                try {
                    RocksLog log = RocksLog.open(
                            data.dir(),
                            new RocksOptions(
                                    data.durability(),
                                    clock,
                                    data.queueSoftBytes(),
                                    data.queueHardBytes(),
                                    data.readerThreads(),
                                    data.cacheBytes(),
                                    data.writeBufferBytes(),
                                    data.topicEntries(),
                                    data.repeatsWindow().toMillis()));
                    yield new Engine(log, log, log.state(), log::close);
                } catch (StoreException e) {
                    throw new StartException(StartException.Kind.DATA, String.valueOf(e.getMessage()), e);
                }
            }
        };
    }

    private static void requireCredentialsForOthers(ServerConfig config, Engine engine) throws StartException {
        if (config.remoteRefusal(false) == null) {
            return;
        }
        boolean hasKeys;
        try {
            hasKeys = !new ApiKeys(engine.state(), new SecureRandom(), InstantSource.system())
                    .list()
                    .toCompletableFuture()
                    .orTimeout(KEY_LIST_SECONDS, TimeUnit.SECONDS)
                    .join()
                    .isEmpty();
        } catch (CompletionException e) {
            throw new StartException(StartException.Kind.DATA, "the API keys cannot be read from the store", e);
        }
        String refusal = config.remoteRefusal(hasKeys);
        if (refusal != null) {
            throw new StartException(StartException.Kind.CONFIGURATION, refusal);
        }
    }

    private static ServerSettings settings(ServerConfig config) {
        ServerConfig.Limits limits = config.limits();
        ServerConfig.Http http = limits.http();
        ServerConfig.WebSocket webSocket = limits.webSocket();
        ServerConfig.Connections connections = limits.connections();
        ServerSettings defaults = ServerSettings.onLoopback();
        Origins origins = new Origins(config.server().allowedOrigins());
        Hosts hosts = new Hosts(config.server().bind(), config.server().allowedHosts());
        TransportLimits transport = new TransportLimits(
                new HttpLimits(
                        http.requestLineBytes(),
                        http.headerBytes(),
                        http.headerCount(),
                        http.bodyBytes(),
                        http.inflatedBodyBytes(),
                        http.headDeadline(),
                        http.bodyGrace(),
                        http.bodyBytesPerSecond(),
                        http.keepAliveIdle(),
                        http.pipelineDepth(),
                        http.gzipFromBytes()),
                new WebSocketLimits(
                        webSocket.messageBytes(),
                        webSocket.frameBytes(),
                        webSocket.fragments(),
                        webSocket.frameDeadline(),
                        webSocket.pingInterval(),
                        webSocket.pingAnswer(),
                        webSocket.closeHandshake(),
                        webSocket.controlFramesPerSecond()),
                connections.total(),
                connections.perAddress(),
                connections.capLoopback(),
                connections.highWatermarkBytes(),
                connections.lowWatermarkBytes(),
                connections.stall(),
                defaults.transport().sweep());
        return new ServerSettings(
                new InetSocketAddress(config.server().bind(), config.server().port()),
                config.eventLoops(),
                transport,
                new CommandLimits(
                        limits.messages().payloadBytes(),
                        limits.subscriptions().perConnection(),
                        limits.subscriptions().durablePerUser()),
                connections.outboundBytes(),
                config.isAnonymousAllowed(),
                Grant.DEFAULT,
                config.access().tokens(),
                origin -> origins.permits(List.of(origin), null, false),
                hosts::permits,
                defaults.drain());
    }

    private static String where(ServerConfig config) {
        String host = config.server().bind().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":"
                + config.server().port();
    }

    /// The reason at the bottom, in plain words where it is one of the usual ones.
    private static String why(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        if (message.contains("Address already in use")) {
            return "the port is in use by another program";
        }
        if (message.contains("Permission denied")) {
            return "this user may not listen on that port";
        }
        if (message.contains("Cannot assign requested address")) {
            return "it is not an address of this machine";
        }
        return message;
    }

    /// Where it listens.
    public InetSocketAddress address() {
        return server.address();
    }

    /// Stops in order, within the time that the settings allow.
    @Override
    public void close() {
        server.close();
    }
}
