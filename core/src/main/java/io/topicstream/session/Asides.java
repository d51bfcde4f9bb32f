package io.topicstream.session;

import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;

/// The answers to frames that change nothing.
final class Asides {
    private Asides() {}

    static ServerFrame answer(ClientFrame.Aside aside) {
        return switch (aside) {
            case ClientFrame.Ping ping -> new ServerFrame.Pong(ping.id());
            case ClientFrame.Unknown unknown ->
                new ServerFrame.Error(
                        unknown.id(), ErrorCode.UNKNOWN_ACTION, "no such action: " + unknown.action(), null, null);
            case ClientFrame.Malformed malformed ->
                new ServerFrame.Error(malformed.id(), malformed.code(), malformed.reason(), null, null);
        };
    }
}
