package io.topicstream.gateway;

import io.topicstream.gateway.GatewaySettings.Limits;
import io.topicstream.gateway.GatewaySettings.Rate;

/// The usual limits, but for one or two.
final class TestLimits {
    private static final Limits USUAL = Limits.DEFAULTS;

    private TestLimits() {}

    static Limits connects(Rate connects) {
        return of(connects, Rate.UNLIMITED, 64, 256, 10_000, USUAL.bytesPerStage());
    }

    static Limits events(Rate events) {
        return of(Rate.UNLIMITED, events, 64, 256, 10_000, USUAL.bytesPerStage());
    }

    static Limits perConnection(int calls, int waiting) {
        return of(Rate.UNLIMITED, Rate.UNLIMITED, calls, waiting, 10_000, USUAL.bytesPerStage());
    }

    static Limits perStage(int calls, long bytes) {
        return of(Rate.UNLIMITED, Rate.UNLIMITED, 64, 256, calls, bytes);
    }

    private static Limits of(
            Rate connects, Rate events, int callsPerConnection, int waiting, int callsPerStage, long bytesPerStage) {
        return new Limits(
                connects,
                events,
                callsPerConnection,
                waiting,
                USUAL.maxWaitMs(),
                callsPerStage,
                bytesPerStage,
                USUAL.authorizerTimeoutMs(),
                USUAL.maxAuthorizerBytes(),
                USUAL.maxUrlChars(),
                USUAL.maxHeaderBytes(),
                USUAL.maxReplyBytes(),
                USUAL.maxPostBytes(),
                USUAL.maxFrameBytes(),
                USUAL.maxMessageBytes(),
                USUAL.idleMs(),
                USUAL.maxAgeMs());
    }
}
