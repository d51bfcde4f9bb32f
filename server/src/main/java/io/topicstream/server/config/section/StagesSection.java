package io.topicstream.server.config.section;

import io.topicstream.dialect.Dialects;
import io.topicstream.server.websocket.StageDefinition;
import io.topicstream.server.websocket.StageDefinition.Callers;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import io.topicstream.transport.WebSocketLimits;
import java.util.List;
import java.util.Set;

/// The paths under which WebSockets are served: makes the definitions of the stages.
public final class StagesSection {
    public static final Rows ROWS = new Rows();

    static final Setting<List<StagesKind.Written>> STAGES = ROWS.add(
            "stages",
            new StagesKind(),
            List.of(
                    StagesKind.Written.of("/v1", Dialects.Name.NATIVE, Callers.CONFIGURED),
                    StagesKind.Written.of("/", Dialects.Name.NATIVE, Callers.CONFIGURED),
                    StagesKind.Written.of("/live", Dialects.Name.TOPICS, Callers.KEY),
                    StagesKind.Written.of("/dev", Dialects.Name.CHAT, Callers.CONFIGURED),
                    // What the published examples of its clients show; everybody knows them.
                    StagesKind.Written.of("/staging", Dialects.Name.ROOMS, Callers.CONFIGURED)
                            .withGuestTokens("valid_test_token", "valid_token")),
            "The paths of WebSockets; a list that is given stands for all of the default");

    private StagesSection() {}

    /// What the settings say. A stage has the limits of all WebSockets where it names none of its own.
    public static List<StageDefinition> of(Values values) {
        WebSocketLimits limits = WebSocketSection.of(values);
        return values.get(STAGES).stream()
                .map(written -> new StageDefinition(
                        written.path().substring(1),
                        written.dialect(),
                        limits(written, limits),
                        written.upgradeDeadline() == null
                                ? values.get(HttpSection.HEAD_DEADLINE)
                                : written.upgradeDeadline(),
                        written.callers(),
                        written.actions() == null ? StageDefinition.Actions.SENT : written.actions(),
                        Set.copyOf(written.guestTokens() == null ? List.of() : written.guestTokens()),
                        RateSection.rate(written.rate(), written.burst())))
                .toList();
    }

    private static WebSocketLimits limits(StagesKind.Written written, WebSocketLimits limits) {
        int messageBytes = messageBytes(written, limits.messageBytes());
        int frameBytes = written.frameBytes() == null
                ? Math.min(limits.frameBytes(), messageBytes)
                : Math.toIntExact(written.frameBytes());
        return limits.withSizes(messageBytes, frameBytes);
    }

    /// The largest message of a stage.
    ///
    /// @param byDefault of all stages that say nothing
    static int messageBytes(StagesKind.Written written, long byDefault) {
        return Math.toIntExact(written.messageBytes() == null ? (Long) byDefault : written.messageBytes());
    }
}
