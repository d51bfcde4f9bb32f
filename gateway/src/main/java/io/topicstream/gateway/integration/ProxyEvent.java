package io.topicstream.gateway.integration;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.Handshake;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.json.JsonWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The JSON of an event, as functions behind an AWS_PROXY integration and authorizers get it.
///
/// Members stand in the order in which API Gateway writes them, so far as recorded events tell. Header fields are
/// sorted without regard to case, as there. Stage variables and what an authorizer said are sorted too, so that the
/// same event is always the same text. What is not known is left out, and never null.
public final class ProxyEvent {
    /// The order of the members of `identity`; others follow, sorted.
    private static final List<String> IDENTITY = List.of(
            "cognitoIdentityPoolId",
            "cognitoIdentityId",
            "apiKey",
            "principalOrgId",
            "cognitoAuthenticationType",
            "userArn",
            "apiKeyId",
            "userAgent",
            "accountId",
            "caller",
            "sourceIp",
            "accessKey",
            "cognitoAuthenticationProvider",
            "user");

    private static final DateTimeFormatter CLF = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private static final String PRINCIPAL = "principalId";
    private static final String LATENCY = "integrationLatency";

    /// What an event has beside its texts, in bytes.
    private static final int USUAL_BYTES = 1024;

    private ProxyEvent() {}

    /// The event of `$connect`, of a message or of `$disconnect`, in UTF-8.
    public static byte[] of(GatewayEvent event) {
        String body = event.body();
        Members json = new Members(USUAL_BYTES + (body == null ? 0 : body.length() + body.length() / 8));
        switch (event.cause()) {
            case GatewayEvent.Connect(Handshake handshake) -> {
                headers(json, ConnectHeaders.of(event, handshake));
                if (!handshake.query().isEmpty()) {
                    query(json, handshake.query());
                }
            }
            case GatewayEvent.Message _ -> {}
            case GatewayEvent.Disconnect _ -> {
                Map<String, List<String>> headers = ConnectHeaders.empty();
                headers.put("Host", List.of(event.peer().domainName()));
                for (String empty : new String[] {"x-api-key", "X-Forwarded-For", "x-restapi"}) {
                    headers.put(empty, List.of(""));
                }
                headers(json, headers);
            }
        }
        if (!event.stage().variables().isEmpty()) {
            stageVariables(json, event);
        }
        requestContext(json, event);
        if (body != null) {
            json.text("body", body);
        }
        json.flag("isBase64Encoded", false);
        return json.end();
    }

    /// What an authorizer gets, in UTF-8. Other than the event of `$connect` it has the header fields of the upgrade
    /// itself, and empty objects for what is not there.
    ///
    /// @param event of a handshake
    /// @param methodArn `arn:aws:execute-api:{region}:{account}:{apiId}/{stage}/$connect`
    public static byte[] authorizer(GatewayEvent event, String methodArn) {
        Handshake handshake = event.handshake();
        if (handshake == null) {
            throw new IllegalArgumentException("Only a handshake is authorized.");
        }
        Members json = new Members(USUAL_BYTES);
        json.text("type", "REQUEST");
        json.text("methodArn", methodArn);
        headers(json, ConnectHeaders.ofUpgrade(event, handshake));
        query(json, handshake.query());
        stageVariables(json, event);
        requestContext(json, event);
        return json.end();
    }

    private static void headers(Members json, Map<String, List<String>> headers) {
        lists(json, "headers", "multiValueHeaders", headers);
    }

    private static void query(Members json, Map<String, List<String>> query) {
        lists(json, "queryStringParameters", "multiValueQueryStringParameters", query);
    }

    /// Names with their values, twice: with the last value of each, and with all.
    private static void lists(Members json, String last, String all, Map<String, List<String>> values) {
        json.open(last);
        values.forEach((name, list) -> json.text(name, list.getLast()));
        json.close();
        json.open(all);
        values.forEach(json::texts);
        json.close();
    }

    private static void stageVariables(Members json, GatewayEvent event) {
        json.open("stageVariables");
        new TreeMap<>(event.stage().variables()).forEach(json::text);
        json.close();
    }

    private static void requestContext(Members json, GatewayEvent event) {
        Peer peer = event.peer();
        json.open("requestContext");
        json.text("routeKey", event.routeKey());
        if (!peer.authorizer().isEmpty()) {
            authorizer(json, peer.authorizer());
        }
        if (event.cause() instanceof GatewayEvent.Disconnect disconnect) {
            json.number("disconnectStatusCode", disconnect.code());
        }
        if (event.cause() instanceof GatewayEvent.Message message) {
            json.text("messageId", message.messageId());
        }
        json.text("eventType", event.cause().eventType());
        json.text("extendedRequestId", event.requestId());
        json.text("requestTime", CLF.format(Instant.ofEpochMilli(event.timeMs())));
        json.text("messageDirection", "IN");
        if (event.cause() instanceof GatewayEvent.Disconnect disconnect) {
            json.text("disconnectReason", disconnect.reason());
        }
        json.text("stage", event.stage().name());
        json.number("connectedAt", peer.connectedAtMs());
        json.number("requestTimeEpoch", event.timeMs());
        identity(json, peer);
        json.text("requestId", event.requestId());
        json.text("domainName", peer.domainName());
        json.text("connectionId", peer.connectionId());
        json.text("apiId", event.api().id());
        json.close();
    }

    private static void authorizer(Members json, Map<String, Object> said) {
        json.open("authorizer");
        new TreeMap<>(said).forEach((name, value) -> {
            if (!name.equals(PRINCIPAL) && !name.equals(LATENCY)) {
                json.value(name, value);
            }
        });
        json.value(PRINCIPAL, said.get(PRINCIPAL));
        json.value(LATENCY, said.get(LATENCY));
        json.close();
    }

    private static void identity(Members json, Peer peer) {
        json.open("identity");
        Map<String, String> further = peer.identity();
        for (String name : IDENTITY) {
            String value = switch (name) {
                case "sourceIp" -> peer.sourceIp();
                case "userAgent" -> peer.userAgent();
                default -> further.isEmpty() ? null : further.get(name);
            };
            json.value(name, value);
        }
        if (!further.isEmpty()) {
            List<String> others = new ArrayList<>(further.keySet());
            others.removeAll(IDENTITY);
            others.stream().sorted().forEach(name -> json.value(name, further.get(name)));
        }
        json.close();
    }

    /// A text of JSON that is an object of members, with objects in it.
    private static final class Members {
        private final JsonWriter json;

        /// Whether a member stands before the next one.
        private boolean comma;

        Members(int bytes) {
            json = new JsonWriter(bytes);
            json.raw('{');
        }

        private JsonWriter name(String name) {
            if (comma) {
                json.raw(',');
            }
            comma = true;
            return json.string(name).raw(':');
        }

        void open(String name) {
            name(name).raw('{');
            comma = false;
        }

        void close() {
            json.raw('}');
            comma = true;
        }

        void text(String name, String text) {
            name(name).string(text);
        }

        void number(String name, long value) {
            name(name).number(value);
        }

        void flag(String name, boolean value) {
            name(name).bool(value);
        }

        void texts(String name, List<String> texts) {
            name(name).raw('[');
            for (int i = 0; i < texts.size(); i++) {
                if (i > 0) {
                    json.raw(',');
                }
                json.string(texts.get(i));
            }
            json.raw(']');
        }

        /// Numbers as numbers, everything else as text; nothing for null.
        void value(String name, @Nullable Object value) {
            switch (value) {
                case null -> {}
                case Number number -> name(name).raw(number.toString().getBytes(US_ASCII));
                default -> text(name, value.toString());
            }
        }

        byte[] end() {
            return json.raw('}').toByteArray();
        }
    }
}
