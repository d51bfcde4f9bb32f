package io.topicstream.aws.http;

import io.topicstream.access.Credentials;
import io.topicstream.access.Credentials.Door;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.Utf8;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An event of an HTTP API in payload format 2.0, or of a function's URL, which are the same but for the path.
///
/// Cookies are not looked at: nothing is decided by one. A field that came several times is one value with commas,
/// which is all that the format knows of it.
///
/// @param path without the prefix of the stage
/// @param isPathDecoded whether the gateway has decoded it
/// @param rawQuery as it came, without the question mark; empty for none
/// @param headers by their names in lower case
/// @param address of the client
/// @param body as it stands in the event; empty for none
/// @param isBase64 whether the body is bytes in base64, and else text
record HttpEvent(
        String method,
        String path,
        boolean isPathDecoded,
        String rawQuery,
        Map<String, String> headers,
        InetAddress address,
        String body,
        boolean isBase64) {
    private static final String VERSION = "2.0";
    private static final String DEFAULT_STAGE = "$default";
    /// The names under which functions have URLs of their own.
    private static final String FUNCTION_URL = ".lambda-url.";

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member FORMAT = MEMBERS.add("version");
    private static final JsonObjectReader.Member RAW_PATH = MEMBERS.add("rawPath");
    private static final JsonObjectReader.Member RAW_QUERY = MEMBERS.add("rawQueryString");
    private static final JsonObjectReader.Member HEADERS = MEMBERS.add("headers");
    private static final JsonObjectReader.Member CONTEXT = MEMBERS.add("requestContext");
    private static final JsonObjectReader.Member BODY = MEMBERS.add("body");
    private static final JsonObjectReader.Member IS_BASE64 = MEMBERS.add("isBase64Encoded");

    private static final JsonObjectReader.Builder CONTEXT_MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member STAGE = CONTEXT_MEMBERS.add("stage");
    private static final JsonObjectReader.Member DOMAIN = CONTEXT_MEMBERS.add("domainName");
    private static final JsonObjectReader.Member HTTP = CONTEXT_MEMBERS.add("http");

    private static final JsonObjectReader.Builder HTTP_MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member METHOD = HTTP_MEMBERS.add("method");
    private static final JsonObjectReader.Member PATH = HTTP_MEMBERS.add("path");
    private static final JsonObjectReader.Member SOURCE = HTTP_MEMBERS.add("sourceIp");

    /// @throws BadEventException if the text is not such an event
    static HttpEvent read(byte[] json) {
        if (!Utf8.isValid(json)) {
            throw new BadEventException("the event is not UTF-8");
        }
        JsonObjectReader event = read(MEMBERS, json, "the event");
        if (!VERSION.equals(event.string(FORMAT))) {
            throw new BadEventException("the event's version is not " + VERSION);
        }
        JsonObjectReader context = read(CONTEXT_MEMBERS, object(event, CONTEXT), "requestContext");
        JsonObjectReader http = read(HTTP_MEMBERS, object(context, HTTP), "requestContext.http");
        @Nullable String rawPath = optional(event, RAW_PATH);
        String domain = orElse(optional(context, DOMAIN), "");
        boolean isFunctionUrl = domain.toLowerCase(Locale.ROOT).contains(FUNCTION_URL);
        return new HttpEvent(
                required(http, METHOD).toUpperCase(Locale.ROOT),
                path(
                        rawPath == null ? required(http, PATH) : rawPath,
                        isFunctionUrl ? DEFAULT_STAGE : orElse(optional(context, STAGE), DEFAULT_STAGE)),
                !isFunctionUrl,
                orElse(optional(event, RAW_QUERY), ""),
                headers(event),
                address(required(http, SOURCE)),
                orElse(optional(event, BODY), ""),
                isBase64(event));
    }

    private static JsonObjectReader read(JsonObjectReader.Builder members, byte[] json, String what) {
        JsonObjectReader reader = members.build();
        if (!reader.read(json, 0, json.length)) {
            throw new BadEventException(what + " cannot be read: " + reader.problem());
        }
        return reader;
    }

    private static byte[] object(JsonObjectReader in, JsonObjectReader.Member member) {
        if (!in.has(member)) {
            throw new BadEventException("the event has no " + member.name());
        }
        return in.raw(member);
    }

    private static String required(JsonObjectReader in, JsonObjectReader.Member member) {
        @Nullable String text = in.string(member);
        if (text == null || text.isEmpty()) {
            throw new BadEventException("the event has no " + member.name());
        }
        return text;
    }

    private static @Nullable String optional(JsonObjectReader in, JsonObjectReader.Member member) {
        @Nullable String text = in.string(member);
        if (text == null && in.has(member)) {
            throw new BadEventException("the event's " + member.name() + " is no text");
        }
        return text;
    }

    private static String orElse(@Nullable String text, String instead) {
        return text == null ? instead : text;
    }

    /// A stage with a name stands in front of the path, but where a domain of one's own leads to it.
    private static String path(String raw, String stage) {
        if (!raw.startsWith("/") && !raw.equals("*")) {
            throw new BadEventException("the event's path begins with no slash");
        }
        String prefix = "/" + stage;
        if (stage.equals(DEFAULT_STAGE) || !raw.startsWith(prefix)) {
            return raw;
        }
        String rest = raw.substring(prefix.length());
        return rest.isEmpty() ? "/" : rest.startsWith("/") ? rest : raw;
    }

    private static Map<String, String> headers(JsonObjectReader event) {
        if (!event.has(HEADERS)) {
            return Map.of();
        }
        @Nullable Map<String, String> headers = event.strings(HEADERS);
        if (headers == null) {
            throw new BadEventException("the event's headers are not texts by their names");
        }
        return headers;
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException e) {
            throw new BadEventException("the event's sourceIp is no address");
        }
    }

    private static boolean isBase64(JsonObjectReader event) {
        boolean isBase64 = event.isTrue(IS_BASE64);
        if (!isBase64 && event.has(IS_BASE64) && event.kind(IS_BASE64) != JsonObjectReader.Kind.FALSE) {
            throw new BadEventException("the event's isBase64Encoded is neither true nor false");
        }
        return isBase64;
    }

    /// The value of a header field, or null.
    @Nullable
    String header(String name) {
        return headers.get(name.toLowerCase(Locale.ROOT));
    }

    /// The same as a list, as which others ask for it.
    List<String> headers(String name) {
        @Nullable String value = header(name);
        return value == null ? List.of() : List.of(value);
    }

    /// The request as authenticators see it.
    ///
    /// @param query decoded
    Credentials.Request asked(Map<String, List<String>> query) {
        return new Asked(this, query);
    }

    private record Asked(HttpEvent event, Map<String, List<String>> parameters) implements Credentials.Request {
        @Override
        public Door door() {
            return Door.HTTP;
        }

        @Override
        public @Nullable String stage() {
            return null;
        }

        @Override
        public List<String> headers(String name) {
            return event.headers(name);
        }

        @Override
        public List<String> query(String name) {
            return parameters.getOrDefault(name, List.of());
        }

        @Override
        public String toString() {
            return door() + " (hidden)";
        }
    }

    /// Method and path, never the rest: a key or token may stand there.
    @Override
    public String toString() {
        return method + " " + path;
    }
}
