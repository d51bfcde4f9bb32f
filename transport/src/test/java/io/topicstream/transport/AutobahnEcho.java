package io.topicstream.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;

/// The echo that the Autobahn test suite talks to: the product's own transport, with the default limits but for
/// the sizes that the suite needs, messages of 16 MiB and fragments without number. The port is the only argument.
public final class AutobahnEcho {
    private AutobahnEcho() {}

    /// Serves until the process ends.
    public static void main(String[] args) throws IOException {
        WebSocketLimits socket = WebSocketLimits.defaults();
        TransportLimits limits = TransportLimits.defaults();
        new EchoServer(
                new TransportLimits(
                        limits.http(),
                        new WebSocketLimits(
                                16 * 1024 * 1024,
                                16 * 1024 * 1024,
                                1 << 20,
                                Duration.ofMinutes(1),
                                socket.pingInterval(),
                                socket.pingAnswer(),
                                socket.closeHandshake(),
                                socket.controlFramesPerSecond()),
                        limits.connections(),
                        limits.connectionsPerAddress(),
                        limits.capLoopback(),
                        limits.highWatermarkBytes(),
                        limits.lowWatermarkBytes(),
                        limits.incompleteBytes(),
                        limits.answerBytes(),
                        limits.stall(),
                        limits.sweep()),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])));
    }
}
