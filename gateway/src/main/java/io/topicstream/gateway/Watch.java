package io.topicstream.gateway;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.expression.AccessLogFormat;
import io.topicstream.gateway.expression.ContextVariables;
import io.topicstream.gateway.model.RouteSettings;
import java.nio.charset.StandardCharsets;

/// Logs and counts what stages do. Thread-safe.
final class Watch {
    /// How much of a line the execution log keeps, in bytes.
    private static final int MAX_LINE_BYTES = 1024;

    private final GatewayLog log;
    private final GatewayMetrics metrics;

    Watch(GatewayLog log, GatewayMetrics metrics) {
        this.log = log;
        this.metrics = metrics;
    }

    /// An event came.
    void began(StageState state, GatewayEvent event) {
        if (infos(state, event.routeKey())) {
            say(state, event, false, "Extended Request Id: " + event.requestId());
        }
    }

    /// The route of an event is known.
    void routed(StageState state, GatewayEvent event) {
        if (infos(state, event.routeKey())) {
            say(
                    state,
                    event,
                    false,
                    "Route key: " + event.routeKey() + ", event type: "
                            + event.cause().eventType() + ", connection: "
                            + event.peer().connectionId());
            String body = event.body();
            if (body != null && state.settingsOf(event.routeKey()).dataTrace()) {
                say(state, event, false, "Method request body before transformations: " + body);
            }
        }
    }

    /// An event has ended.
    void ended(StageState state, Trail trail) {
        GatewayEvent event = trail.event();
        count(state, trail, metrics.of(state.api().id(), state.stage().name(), null));
        if (state.settingsOf(event.routeKey()).detailedMetrics()) {
            count(state, trail, metrics.of(state.api().id(), state.stage().name(), event.routeKey()));
        }
        if (trail.detail() != null && errors(state, event.routeKey())) {
            say(state, event, true, "Execution failed: " + trail.detail());
        }
        if (infos(state, event.routeKey())) {
            say(state, event, false, "Completed with status: " + trail.figures().status());
        }
        AccessLogFormat format = state.accessLog();
        if (format != null) {
            log.access(
                    state.api().id(), state.stage().name(), format.line(new ContextVariables(event, trail.figures())));
        }
    }

    /// A message went to a client.
    void sent(String apiId, String stage) {
        metrics.of(apiId, stage, null).messages.increment();
    }

    /// A message that answers an event went to its client.
    void replied(StageState state, GatewayEvent event) {
        sent(state.api().id(), state.stage().name());
        if (state.settingsOf(event.routeKey()).detailedMetrics()) {
            metrics.of(state.api().id(), state.stage().name(), event.routeKey())
                    .messages
                    .increment();
        }
    }

    private static void count(StageState state, Trail trail, GatewayMetrics.Counters counters) {
        switch (trail.event().cause()) {
            case GatewayEvent.Connect _ -> {
                // Who was refused before the route ran did not reach it.
                if (trail.blame() != Trail.Blame.CLIENT) {
                    counters.connects.increment();
                }
            }
            case GatewayEvent.Message _ -> counters.messages.increment();
            case GatewayEvent.Disconnect _ -> {}
        }
        switch (trail.blame()) {
            case NOBODY -> {}
            case CLIENT -> counters.clientErrors.increment();
            case INTEGRATION -> counters.integrationErrors.increment();
            case EXECUTION -> counters.executionErrors.increment();
        }
        Long ms = trail.figures().integration().latencyMs();
        if (ms != null && !state.isMock(trail.event().routeKey())) {
            counters.calls.increment();
            counters.integrationLatencyMs.add(ms);
        }
    }

    private void say(StageState state, GatewayEvent event, boolean error, String text) {
        String line = "(" + event.requestId() + ") " + oneLine(text);
        log.execution(state.api().id(), state.stage().name(), error, cut(line));
    }

    private static String oneLine(String text) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), MAX_LINE_BYTES));
        for (int i = 0; i < text.length() && line.length() < MAX_LINE_BYTES; i++) {
            char c = text.charAt(i);
            line.append(Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? ' ' : c);
        }
        return line.toString();
    }

    private static String cut(String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= MAX_LINE_BYTES) {
            return line;
        }
        int end = MAX_LINE_BYTES;
        // Not in the middle of a character.
        while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
            end--;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    private static boolean infos(StageState state, String routeKey) {
        return state.settingsOf(routeKey).logging() == RouteSettings.Logging.INFO;
    }

    private static boolean errors(StageState state, String routeKey) {
        return state.settingsOf(routeKey).logging() != RouteSettings.Logging.OFF;
    }
}
