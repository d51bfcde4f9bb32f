package io.topicstream.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/// `GET /openapi.yaml`: the description of the HTTP API, as it stands in the documents.
public final class OpenApiRoute {
    private static final Map<String, String> OPEN =
            Map.of("Access-Control-Allow-Origin", "*", "X-Content-Type-Options", "nosniff");

    private final byte[] text;

    /// Reads the description.
    public OpenApiRoute() {
        try (InputStream in = OpenApiRoute.class.getResourceAsStream("openapi.yaml")) {
            if (in == null) {
                throw new IllegalStateException("openapi.yaml is missing from the class path");
            }
            text = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The route.
    public List<Route> routes() {
        return List.of(new Route("GET", "/openapi.yaml", Access.OPEN, this::show));
    }

    private void show(Exchange exchange) {
        exchange.answer(200, "application/yaml", OPEN, text);
    }
}
