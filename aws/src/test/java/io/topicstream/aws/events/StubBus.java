package io.topicstream.aws.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What EventBridge is to those who put events there: it looks at the signature of each request, keeps the entries, and
/// refuses what it is told to. Thread-safe.
public final class StubBus implements AutoCloseable {
    /// The secret of who may put.
    public static final String SECRET = "local";

    private static final Pattern AUTHORIZATION = Pattern.compile(
            "AWS4-HMAC-SHA256 Credential=[^/]+/([0-9]{8})/([^/]+)/(events)/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})");

    private static final JsonObjectReader.Builder REQUEST = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member ENTRIES = REQUEST.add("Entries", JsonObjectReader.Trait.LIST);

    private static final JsonObjectReader.Builder ENTRY = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member BUS = ENTRY.add("EventBusName");
    private static final JsonObjectReader.Member SOURCE = ENTRY.add("Source");
    private static final JsonObjectReader.Member TYPE = ENTRY.add("DetailType");
    private static final JsonObjectReader.Member DETAIL = ENTRY.add("Detail");

    private final HttpServer server;

    // Guarded by this.
    private final List<Entry> taken = new ArrayList<>();
    private final List<Integer> requests = new ArrayList<>();
    private final Deque<String> refusals = new ArrayDeque<>();
    private int failures;
    private String poison = "(nothing has this)";

    private volatile Runnable onTaken = () -> {};

    /// What was put.
    public record Entry(String bus, String source, String type, String detail) {}

    public StubBus() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /// All that were taken, in their order.
    public synchronized List<Entry> taken() {
        return List.copyOf(taken);
    }

    /// How many entries each request had.
    public synchronized List<Integer> requests() {
        return List.copyOf(requests);
    }

    /// The next entries are refused, each with one of these codes; one that is empty is taken.
    public synchronized void refuse(String... codes) {
        refusals.addAll(List.of(codes));
    }

    /// The next requests fail as a whole.
    public synchronized void fail(int times) {
        failures = times;
    }

    /// A request is refused as a whole that has an entry with this text.
    public synchronized void refuseAllWith(String text) {
        poison = text;
    }

    /// Something is done when entries were taken, before that is answered.
    public void onTaken(Runnable now) {
        onTaken = now;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (!isSigned(exchange, body)) {
                answer(exchange, 403, "{\"__type\":\"IncompleteSignature\"}");
            } else if (!"AWSEvents.PutEvents"
                    .equals(exchange.getRequestHeaders().getFirst("X-Amz-Target"))) {
                answer(exchange, 400, "{\"__type\":\"UnknownOperationException\"}");
            } else {
                put(exchange, body);
            }
        }
    }

    private synchronized void put(HttpExchange exchange, byte[] body) throws IOException {
        if (failures > 0) {
            failures--;
            answer(exchange, 503, "{\"__type\":\"ServiceUnavailable\"}");
            return;
        }
        JsonObjectReader request = REQUEST.build();
        request.read(body, 0, body.length);
        List<Entry> entries = new ArrayList<>();
        request.elements(ENTRIES, (start, end) -> {
            JsonObjectReader entry = ENTRY.build();
            entry.read(body, start, end);
            entries.add(new Entry(text(entry, BUS), text(entry, SOURCE), text(entry, TYPE), text(entry, DETAIL)));
        });
        requests.add(entries.size());
        if (entries.isEmpty()
                || entries.stream().anyMatch(entry -> entry.detail().contains(poison))) {
            answer(exchange, 400, "{\"__type\":\"ValidationException\",\"message\":\"an entry is none\"}");
            return;
        }
        int failed = 0;
        JsonWriter results = new JsonWriter();
        for (Entry entry : entries) {
            String code = refusals.isEmpty() ? "" : refusals.removeFirst();
            results.raw(results.length() == 0 ? "[".getBytes(UTF_8) : ",".getBytes(UTF_8));
            if (code.isEmpty()) {
                taken.add(entry);
                results.raw("{\"EventId\":\"1\"}".getBytes(UTF_8));
            } else {
                failed++;
                results.raw("{\"ErrorCode\":".getBytes(UTF_8))
                        .string(code)
                        .raw(",\"ErrorMessage\":\"not now\"}".getBytes(UTF_8));
            }
        }
        onTaken.run();
        answer(exchange, 200, "{\"FailedEntryCount\":" + failed + ",\"Entries\":" + results + "]}");
    }

    private static String text(JsonObjectReader reader, JsonObjectReader.Member member) {
        return reader.has(member) ? String.valueOf(reader.string(member)) : "";
    }

    /// Whether the request is signed as signature version 4 wants it, for this service.
    private static boolean isSigned(HttpExchange exchange, byte[] body) {
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        String date = exchange.getRequestHeaders().getFirst("X-Amz-Date");
        Matcher matcher = AUTHORIZATION.matcher(authorization == null ? "" : authorization);
        if (date == null || !matcher.matches()) {
            return false;
        }
        StringBuilder canonical = new StringBuilder("POST\n/\n\n");
        for (String name : matcher.group(4).split(";", -1)) {
            canonical
                    .append(name)
                    .append(':')
                    .append(exchange.getRequestHeaders().getFirst(name))
                    .append('\n');
        }
        canonical.append('\n').append(matcher.group(4)).append('\n');
        try {
            canonical.append(hex(sha256(body)));
            String scope = matcher.group(1) + "/" + matcher.group(2) + "/events/aws4_request";
            String toSign = "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n"
                    + hex(sha256(canonical.toString().getBytes(UTF_8)));
            byte[] key = ("AWS4" + SECRET).getBytes(UTF_8);
            for (String part : List.of(matcher.group(1), matcher.group(2), "events", "aws4_request")) {
                key = hmac(key, part);
            }
            return hex(hmac(key, toSign)).equals(matcher.group(5));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] sha256(byte[] bytes) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(UTF_8));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
