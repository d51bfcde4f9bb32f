package io.topicstream.server.pages;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.topicstream.http.Access;
import io.topicstream.http.Exchange;
import io.topicstream.http.Route;
import io.topicstream.json.JsonWriter;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.transport.AcceptedCodings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The chat page, at `/chat/`. Immutable.
///
/// What a request names is looked up in a map of the page's files, and nowhere else.
public final class ChatPage {
    /// The path of its first file.
    public static final String PATH = "/chat/";
    /// What stands in it, and where no stage can be beside the page.
    public static final String SEGMENT = "chat";

    private static final String INDEX = "index.html";
    private static final String CONFIG = "config.json";
    private static final byte[] NO_BYTES = {};

    /// The page needs nothing but its own files and its own server; it may not be shown inside of another.
    private static final Map<String, String> COMMON = Map.of(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                    + "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
                    + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types topicstream",
            "Cross-Origin-Opener-Policy",
            "same-origin",
            "Referrer-Policy",
            "no-referrer",
            "X-Content-Type-Options",
            "nosniff");
    /// What of it [io.topicstream.http.AnswerWriter] does not say already.
    private static final byte[] COMMON_LINES = COMMON.entrySet().stream()
            .filter(field -> !field.getKey().equals("X-Content-Type-Options"))
            .map(field -> field.getKey() + ": " + field.getValue() + "\r\n")
            .sorted()
            .collect(Collectors.joining())
            .getBytes(US_ASCII);
    private static final Map<String, String> REDIRECT = redirect();

    private final Map<String, PageFile> files = new HashMap<>();

    /// @param built the files of the page by their paths below it; none where it was not built
    /// @param server where the page finds its stage, relative to the page; null: where it looks by itself
    public ChatPage(Map<String, byte[]> built, @Nullable String server) {
        built.forEach((path, bytes) -> files.put(path, PageFile.of(path, bytes, COMMON)));
        if (!files.isEmpty()) {
            files.put(CONFIG, PageFile.of(CONFIG, config(server), COMMON));
        }
    }

    private static Map<String, String> redirect() {
        Map<String, String> fields = new HashMap<>(COMMON);
        // Relative, for a proxy may have put something in front of the path. Not kept: a stage may be there one day.
        fields.put("Location", "chat/");
        fields.put("Cache-Control", "no-cache");
        return Map.copyOf(fields);
    }

    private static byte[] config(@Nullable String server) {
        JsonWriter json = new JsonWriter().raw('{');
        if (server != null) {
            json.string("server").raw(':').string(server);
        }
        return json.raw('}').toByteArray();
    }

    /// Whether this build has the page.
    public boolean isBuilt() {
        return !files.isEmpty();
    }

    /// The routes.
    public List<Route> routes() {
        return List.of(
                new Route("GET", "/chat", Access.OPEN, this::showFirst).with(COMMON),
                new Route("GET", "/chat/{path}", Access.OPEN, this::show)
                        .folder()
                        .with(COMMON));
    }

    private void showFirst(Exchange exchange) {
        List<String> segments = exchange.segments();
        if (segments.equals(List.of(SEGMENT)) && isBuilt()) {
            exchange.answer(308, null, REDIRECT, NO_BYTES);
        } else {
            show(exchange);
        }
    }

    private void show(Exchange exchange) {
        List<String> segments = exchange.segments();
        // What is left of `/v1/chat/` is no page: its own addresses would lead it astray.
        PageFile file = segments.getFirst().equals(SEGMENT)
                ? files.get(
                        segments.size() == 2 && segments.getLast().isEmpty()
                                ? INDEX
                                : String.join("/", segments.subList(1, segments.size())))
                : null;
        if (file == null) {
            refuse(
                    exchange,
                    ErrorCode.NOT_FOUND,
                    isBuilt() ? "not found" : "this build of the server has no chat page; it needs npm to be built");
            return;
        }
        PageFile.Form form =
                AcceptedCodings.acceptsGzip(exchange.header("Accept-Encoding")) ? file.gzip() : file.plain();
        if (form.isAmong(exchange.headers("If-None-Match"))) {
            exchange.answer(304, null, form.unchanged(), NO_BYTES);
        } else if (exchange.reserve(form.bytes().length, form.bytes().length) == 0) {
            refuse(exchange, ErrorCode.OVERLOADED, "too many answers wait to be sent; come again");
        } else {
            exchange.answer(200, file.type(), form.fields(), form.bytes());
        }
    }

    private static void refuse(Exchange exchange, ErrorCode code, String reason) {
        exchange.lane().answer().refusePrivately(exchange, code, reason, COMMON_LINES);
    }
}
