package io.topicstream.aws.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.json.JsonWriter;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes events of an HTTP API by hand, as the gateway's documents show them.
final class Events {
    private final String method;
    private final String path;
    private final Map<String, String> headers = new LinkedHashMap<>(Map.of("host", "abc.example"));
    private String query = "";
    private String stage = "$default";
    private String domain = "abc.example";
    private @Nullable String body;
    private boolean isBase64;

    private Events(String method, String path) {
        this.method = method;
        this.path = path;
    }

    static Events of(String method, String path) {
        return new Events(method, path);
    }

    /// A produce of this body of JSON.
    static Events produce(String topic, String json) {
        return of("POST", "/topics/" + topic + "/produce").json(json);
    }

    Events query(String raw) {
        query = raw;
        return this;
    }

    Events stage(String name) {
        stage = name;
        return this;
    }

    Events domain(String name) {
        domain = name;
        return this;
    }

    Events header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    Events without(String header) {
        headers.remove(header);
        return this;
    }

    Events json(String json) {
        body = json;
        return header("content-type", "application/json");
    }

    Events bytes(byte[] bytes) {
        return base64(Base64.getEncoder().encodeToString(bytes));
    }

    Events base64(String text) {
        body = text;
        isBase64 = true;
        return this;
    }

    byte[] encode() {
        return toString().getBytes(UTF_8);
    }

    private static String quoted(String text) {
        return new JsonWriter().string(text).toString();
    }

    @Override
    public String toString() {
        StringBuilder fields = new StringBuilder();
        headers.forEach((name, value) -> fields.append(fields.isEmpty() ? "" : ",")
                .append(quoted(name))
                .append(':')
                .append(quoted(value)));
        return """
                {"version":"2.0","routeKey":"$default","rawPath":%s,"rawQueryString":%s,"cookies":["token=x"],
                 "headers":{%s},"queryStringParameters":{},
                 "requestContext":{"accountId":"123456789012","apiId":"abc","domainName":%s,"stage":%s,
                  "http":{"method":%s,"path":%s,"protocol":"HTTP/1.1","sourceIp":"203.0.113.7","userAgent":"x"},
                  "timeEpoch":1583348638390},
                 %s"isBase64Encoded":%s}
                """.formatted(
                        quoted(path),
                        quoted(query),
                        fields,
                        quoted(domain),
                        quoted(stage),
                        quoted(method),
                        quoted(path),
                        body == null ? "" : "\"body\":" + quoted(body) + ",",
                        isBase64);
    }
}
