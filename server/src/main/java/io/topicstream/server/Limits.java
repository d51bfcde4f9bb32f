package io.topicstream.server;

import io.topicstream.command.CommandLimits;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.transport.HttpLimits;
import io.topicstream.transport.TransportLimits;
import io.topicstream.transport.WebSocketLimits;
import java.time.Duration;

/// The configured limits in the form in which each part wants them.
final class Limits {
    private static final Duration SWEEP = Duration.ofSeconds(1);

    private Limits() {}

    static CommandLimits commands(ServerConfig.Limits limits) {
        return new CommandLimits(
                limits.messages().payloadBytes(),
                limits.subscriptions().perConnection(),
                limits.subscriptions().durablePerUser());
    }

    static TransportLimits transport(ServerConfig.Limits limits, Granted granted) {
        ServerConfig.Http http = limits.http();
        ServerConfig.WebSocket webSocket = limits.webSocket();
        ServerConfig.Connections connections = limits.connections();
        return new TransportLimits(
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
                granted.connections(),
                connections.perAddress(),
                connections.capLoopback(),
                connections.highWatermarkBytes(),
                connections.lowWatermarkBytes(),
                granted.incompleteBytes(),
                granted.answerBytes(),
                connections.stall(),
                SWEEP);
    }
}
