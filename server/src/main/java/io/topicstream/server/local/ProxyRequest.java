package io.topicstream.server.local;

import static io.topicstream.json.JsonWriter.ascii;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.json.JsonWriter;
import io.topicstream.transport.RequestHead;
import io.topicstream.transport.Utf8;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A request as an event of payload format 2.0: what an HTTP API hands to a function. Fields that come twice are one
/// with commas, the path is decoded and ends at a question mark in it, cookies stand apart.
final class ProxyRequest {
    private static final byte[] BEGINNING = ascii("{\"version\":\"2.0\",\"routeKey\":\"$default\",\"rawPath\":");
    private static final byte[] RAW_QUERY = ascii(",\"rawQueryString\":");
    private static final byte[] COOKIES = ascii(",\"cookies\":[");
    private static final byte[] HEADERS = ascii(",\"headers\":");
    private static final byte[] QUERY = ascii(",\"queryStringParameters\":");
    private static final byte[] DOMAIN =
            ascii(",\"requestContext\":{\"accountId\":\"000000000000\",\"apiId\":\"local\",\"domainName\":");
    private static final byte[] DOMAIN_PREFIX = ascii(",\"domainPrefix\":\"local\",\"http\":{\"method\":");
    private static final byte[] PATH = ascii(",\"path\":");
    private static final byte[] SOURCE = ascii(",\"protocol\":\"HTTP/1.1\",\"sourceIp\":");
    private static final byte[] USER_AGENT = ascii(",\"userAgent\":");
    private static final byte[] REQUEST_ID = ascii("},\"requestId\":");
    private static final byte[] TIME = ascii(",\"routeKey\":\"$default\",\"stage\":\"$default\",\"time\":");
    private static final byte[] EPOCH = ascii(",\"timeEpoch\":");
    private static final byte[] BODY = ascii("},\"body\":");
    private static final byte[] END = ascii("},\"isBase64Encoded\":false}");
    private static final byte[] AS_TEXT = ascii(",\"isBase64Encoded\":false}");
    private static final byte[] IN_BASE64 = ascii(",\"isBase64Encoded\":true}");
    private static final DateTimeFormatter TIME_FORMAT =
            DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ROOT);

    /// What the network has undone before the event is made.
    private static final Set<String> UNDONE = Set.of(
            "connection", "content-encoding", "content-length", "expect", "keep-alive", "transfer-encoding", "upgrade");

    private ProxyRequest() {}

    /// @param id of the request
    static byte[] of(RequestHead head, byte[] body, String id, Instant now) {
        Map<String, String> headers = new LinkedHashMap<>();
        List<String> cookies = new ArrayList<>();
        for (Map.Entry<String, String> field : head.headers()) {
            String name = field.getKey().toLowerCase(Locale.ROOT);
            if (name.equals("cookie")) {
                for (String cookie : field.getValue().split(";", -1)) {
                    cookies.add(cookie.strip());
                }
            } else if (!UNDONE.contains(name)) {
                headers.merge(name, field.getValue(), (one, more) -> one + "," + more);
            }
        }
        if (body.length > 0) {
            headers.put("content-length", String.valueOf(body.length));
        }
        String source = head.source().address().getHostAddress();
        headers.merge("x-forwarded-for", source, (before, last) -> before + ", " + last);
        headers.put("x-forwarded-proto", head.source().isSecure() ? "https" : "http");
        String host = String.valueOf(head.host());
        String path = path(head);

        JsonWriter json = new JsonWriter(body.length + 2048);
        json.raw(BEGINNING).string(path).raw(RAW_QUERY).string(head.rawQuery());
        if (!cookies.isEmpty()) {
            json.raw(COOKIES);
            for (int i = 0; i < cookies.size(); i++) {
                if (i > 0) {
                    json.raw(',');
                }
                json.string(cookies.get(i));
            }
            json.raw(']');
        }
        json.raw(HEADERS);
        texts(json, headers);
        if (!head.query().isEmpty()) {
            Map<String, String> query = new LinkedHashMap<>();
            head.query().forEach((name, values) -> query.put(name, String.join(",", values)));
            json.raw(QUERY);
            texts(json, query);
        }
        int colon = host.lastIndexOf(':');
        json.raw(DOMAIN).string(colon > host.lastIndexOf(']') ? host.substring(0, colon) : host);
        json.raw(DOMAIN_PREFIX).string(head.method()).raw(PATH).string(path).raw(SOURCE);
        json.string(source).raw(USER_AGENT).string(headers.getOrDefault("user-agent", ""));
        json.raw(REQUEST_ID).string(id).raw(TIME).string(TIME_FORMAT.format(now.atZone(ZoneOffset.UTC)));
        json.raw(EPOCH).number(now.toEpochMilli());
        if (body.length == 0) {
            return json.raw(END).toByteArray();
        }
        json.raw(BODY);
        if (isText(headers) && Utf8.isValid(body, 0, body.length)) {
            return json.string(new String(body, UTF_8)).raw(AS_TEXT).toByteArray();
        }
        return json.string(Base64.getEncoder().encodeToString(body))
                .raw(IN_BASE64)
                .toByteArray();
    }

    private static void texts(JsonWriter json, Map<String, String> texts) {
        json.raw('{');
        boolean isFirst = true;
        for (Map.Entry<String, String> text : texts.entrySet()) {
            if (!isFirst) {
                json.raw(',');
            }
            isFirst = false;
            json.string(text.getKey()).raw(':').string(text.getValue());
        }
        json.raw('}');
    }

    private static String path(RequestHead head) {
        String path = head.path();
        int question = path.indexOf('?');
        return question < 0 ? path : path.substring(0, question);
    }

    /// Whether the gateway hands a body over as text: that of a form it does not.
    private static boolean isText(Map<String, String> headers) {
        @Nullable String type = headers.get("content-type");
        if (type == null) {
            return false;
        }
        int end = type.indexOf(';');
        String media = (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        return media.startsWith("text/")
                || media.equals("application/json")
                || media.equals("application/javascript")
                || media.equals("application/xml");
    }
}
