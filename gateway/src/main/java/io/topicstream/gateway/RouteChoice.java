package io.topicstream.gateway;

import io.topicstream.gateway.expression.SelectionExpression;
import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Route;
import org.jspecify.annotations.Nullable;

/// Says which route a message selects. Immutable and thread-safe.
final class RouteChoice {
    private final Api api;
    private final SelectionExpression expression;
    private final GatewaySettings.Messages settings;

    RouteChoice(Api api, GatewaySettings.Messages settings) {
        this.api = api;
        this.expression = SelectionExpression.parse(api.routeSelectionExpression(), SelectionExpression.Use.ROUTE);
        this.settings = settings;
    }

    /// The route of a message: the one whose key the expression gives, else `$default`; null if there is no
    /// such.
    @Nullable
    Route of(JsonBody body) {
        Route selected = selects(body) ? api.routes().get(key(body)) : null;
        return selected == null ? api.routes().get(Api.DEFAULT) : selected;
    }

    private boolean selects(JsonBody body) {
        return settings.onlyObjectsSelectRoutes() ? body.isObject() : body.isJson();
    }

    private String key(JsonBody body) {
        String key = expression.evaluate(body);
        boolean reserved = key.equals(Api.CONNECT) || key.equals(Api.DISCONNECT);
        return reserved && !settings.reservedRoutesSelectable() ? "" : key;
    }
}
