package io.topicstream.server.gateway;

import io.topicstream.connection.Connections;
import io.topicstream.gateway.GatewaySettings;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.signature.SignatureCheck;
import io.topicstream.log.InMemoryLog;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.transport.TransportLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// A node that serves the APIs of a definition on a port of its own: transport, door, callback API and gateway are the
/// real ones; the back ends are the test's, and so is the time.
public final class GatewayNode implements AutoCloseable {
    final int port;
    private final LocalGateway gateway;

    /// What it stands on.
    ///
    /// @param signatures says who may call back, or null: everybody
    /// @param backEnd of all routes, whatever their types
    /// @param clock the time of day
    /// @param monotonicMs for how long something lasts
    /// @param log carries what nodes tell each other; those that share it and `leases` are one system
    public record Parts(
            Definition definition,
            GatewaySettings settings,
            @Nullable SignatureCheck signatures,
            BackEnd backEnd,
            InstantSource clock,
            LongSupplier monotonicMs,
            InMemoryLog log,
            InMemoryStateStore leases) {}

    public GatewayNode(Parts parts) {
        try {
            gateway = LocalGateway.open(
                    new LocalGateway.Parts(
                            parts.definition(),
                            parts.settings(),
                            parts.signatures(),
                            parts.backEnd(),
                            new NoFunctions(),
                            parts.clock(),
                            parts.monotonicMs(),
                            parts.log(),
                            parts.leases(),
                            limits()),
                    new LocalGateway.Beside(
                            exchange -> exchange.respondError(404, "not_found", "others'", Map.of()),
                            path -> path.getFirst().equals("health"),
                            (request, decision) -> decision.refuse(418, "others", "others'", Map.of()),
                            path -> path.getFirst().equals("native"),
                            head -> "https://foreign.example".equals(head.header("Origin"))),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        port = gateway.address().getPort();
    }

    private static TransportLimits limits() {
        TransportLimits usual = TransportLimits.defaults();
        return new TransportLimits(
                usual.http(),
                usual.webSocket(),
                usual.connections(),
                usual.connectionsPerAddress(),
                usual.capLoopback(),
                usual.highWatermarkBytes(),
                usual.lowWatermarkBytes(),
                usual.incompleteBytes(),
                usual.answerBytes(),
                usual.stall(),
                Duration.ofMillis(20));
    }

    /// Where it listens, on the loopback.
    public int port() {
        return port;
    }

    /// Its connections, and through it those of its neighbours.
    public Connections connections() {
        return gateway.connections();
    }

    /// Ends it, and its connections spread over this time; completes when it has ended.
    CompletableFuture<Void> stop(Duration drain) {
        return gateway.stop(drain);
    }

    /// Opens a client on the stage `dev`.
    GatewaySocket open() throws IOException {
        return GatewaySocket.open(port, "/dev");
    }

    @Override
    public void close() {
        gateway.close();
    }
}
