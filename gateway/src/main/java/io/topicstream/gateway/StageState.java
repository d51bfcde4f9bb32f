package io.topicstream.gateway;

import io.topicstream.command.TokenBucket;
import io.topicstream.gateway.expression.AccessLogFormat;
import io.topicstream.gateway.mapping.MappingException;
import io.topicstream.gateway.mapping.MessageCheck;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.Route;
import io.topicstream.gateway.model.RouteSettings;
import io.topicstream.gateway.model.Stage;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A stage as one definition has it, made ready to run. Thread-safe; nothing in it changes but the throttles.
final class StageState {
    private final Api api;
    private final Stage stage;
    private final UsageKeys usageKeys;
    private final RouteChoice choice;
    private final @Nullable AccessLogFormat accessLog;
    private final Map<String, MessageCheck> checks = new HashMap<>();
    private final Map<String, @Nullable TokenBucket> throttles = new HashMap<>();

    /// @throws IllegalArgumentException with a sentence, if something in it cannot be run
    StageState(Api api, Stage stage, UsageKeys usageKeys, GatewaySettings settings, InstantSource clock) {
        this.api = api;
        this.stage = stage;
        this.usageKeys = usageKeys;
        this.choice = new RouteChoice(api, settings.messages());
        this.accessLog = stage.accessLogFormat() == null ? null : AccessLogFormat.parse(stage.accessLogFormat());
        api.routes().forEach((key, route) -> {
            throttles.put(key, throttle(key, clock));
            if (route.modelSelectionExpression() != null
                    && (settings.messages().proxiesAreChecked() || !isProxy(route))) {
                checks.put(key, check(api, route));
            }
        });
        // There need be no such route to connect.
        throttles.computeIfAbsent(Api.CONNECT, key -> throttle(key, clock));
    }

    private static MessageCheck check(Api api, Route route) {
        try {
            return MessageCheck.of(api, route);
        } catch (MappingException e) {
            throw new IllegalArgumentException("Route " + route.key() + ": " + e.place() + ": " + e.getMessage(), e);
        }
    }

    private static boolean isProxy(Route route) {
        return route.integration() != null
                && switch (route.integration().type()) {
                    case AWS_PROXY, HTTP_PROXY -> true;
                    case AWS, HTTP, MOCK, TOPICSTREAM -> false;
                };
    }

    /// Each route has a bucket of its own; where its settings do not say how large, those of the stage do.
    private @Nullable TokenBucket throttle(String routeKey, InstantSource clock) {
        RouteSettings own = settingsOf(routeKey);
        RouteSettings defaults = stage.defaults();
        return TokenBucket.of(
                own.throttlingRate() == null ? defaults.throttlingRate() : own.throttlingRate(),
                own.throttlingBurst() == null ? defaults.throttlingBurst() : own.throttlingBurst(),
                clock);
    }

    Api api() {
        return api;
    }

    Stage stage() {
        return stage;
    }

    /// Says which route a message selects.
    RouteChoice choice() {
        return choice;
    }

    @Nullable
    Route route(String key) {
        return api.routes().get(key);
    }

    /// Whether no back end is called for the route.
    boolean isMock(String routeKey) {
        Route route = route(routeKey);
        return route != null
                && route.integration() != null
                && route.integration().type() == Integration.Type.MOCK;
    }

    /// The settings of a route, or of all where it has none.
    RouteSettings settingsOf(String routeKey) {
        return stage.routeSettings().getOrDefault(routeKey, stage.defaults());
    }

    /// The check of a route's messages, or null where all will do.
    @Nullable
    MessageCheck checkOf(String routeKey) {
        return checks.get(routeKey);
    }

    /// The format of the access log, or null for no access log.
    @Nullable
    AccessLogFormat accessLog() {
        return accessLog;
    }

    /// Whether the throttle of a route lets one more through.
    boolean takeOf(String routeKey) {
        return TokenBucket.take(throttles.get(routeKey));
    }

    /// The API key of this value that may use this stage; or null.
    UsageKeys.@Nullable UsageKey usageKey(@Nullable String value) {
        return usageKeys.find(value, api.id(), stage.name());
    }
}
