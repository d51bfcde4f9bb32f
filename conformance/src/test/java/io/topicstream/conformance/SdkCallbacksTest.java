package io.topicstream.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The callback API, called over TLS by the SDKs of AWS with their usual signers, where calls must be signed. The
/// numbers are those of the specification's statements.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 400, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // packages may be installed meanwhile
class SdkCallbacksTest {
    private static final byte[] NOTHING = {};
    private static final int MAX_POST_BYTES = 128 * 1024;

    private final Map<Sdk, Caller> callers = new EnumMap<>(Sdk.class);
    private Path directory;
    private ServedApi api;
    private ServedApi other;
    private HttpClient http;

    @BeforeAll
    void start(@TempDir Path home) throws Exception {
        directory = home;
        Packages.installAll();
        api = ServedApi.start(directory, Map.of());
        int port = freePort();
        other = ServedApi.start(
                Files.createDirectories(directory.resolve("other")),
                api.authority,
                Map.of(
                        "gateway.long_posts_named",
                        "on",
                        "server.tls.port",
                        Integer.toString(port),
                        "gateway.domain_name",
                        "localhost:" + port));
        http = api.http();
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    @AfterAll
    void stop() {
        callers.values().forEach(Caller::close);
        http.close();
        other.close();
        api.close();
    }

    private Outcome call(Sdk sdk, String what, String endpoint, String id, byte[] data, Call.Key key) throws Exception {
        if (!callers.containsKey(sdk)) {
            callers.put(sdk, new Caller(sdk, api.site(), directory.resolve(sdk + ".log")));
        }
        return callers.get(sdk).call(new Call(what, endpoint, id, data, key));
    }

    private Outcome call(Sdk sdk, String what, String endpoint, String id, byte[] data) throws Exception {
        return call(sdk, what, endpoint, id, data, ServedApi.KEY);
    }

    private Client client() throws Exception {
        return new Client(http, "wss://localhost:" + api.tlsPort() + "/dev");
    }

    private List<String> endpoints() {
        return List.of(
                api.localEndpoint("dev"),
                api.localEndpoint("dev/"),
                "https://127.0.0.1:" + api.tlsPort() + "/dev",
                ServedApi.awsEndpoint("dev"),
                ServedApi.awsEndpoint("dev/"));
    }

    private static Outcome ok() {
        return new Outcome.Ok(List.of());
    }

    private static Outcome gone() {
        return new Outcome.Refused("GoneException", 410, "GoneException");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("128: what each SDK posts is taken, and reaches the client as it was posted")
    void postsArrive(Sdk sdk) throws Exception {
        try (Client client = client()) {
            for (String endpoint : endpoints()) {
                for (String text : List.of("x", "{\"say\": \"Grüße, 👋\"}", "a\nb\t%20+&=?\\\"", "y".repeat(50_000))) {
                    assertThat(call(sdk, "text", endpoint, client.id, text.getBytes(UTF_8)))
                            .as(endpoint)
                            .isEqualTo(ok());
                    assertThat(client.next()).isEqualTo("text:" + text);
                    assertThat(call(sdk, "bytes", endpoint, client.id, text.getBytes(UTF_8)))
                            .as(endpoint)
                            .isEqualTo(ok());
                    assertThat(client.next()).isEqualTo("text:" + text);
                }
                assertThat(call(sdk, "bytes", endpoint, client.id, new byte[] {(byte) 0xFF, 0, (byte) 0x80}))
                        .isEqualTo(ok());
                assertThat(client.next()).isEqualTo("binary:ff0080");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("117, 119, 124: a connection is described and ended, and then each SDK raises its GoneException")
    void connectionsAreDescribedAndEnded(Sdk sdk) throws Exception {
        for (String endpoint : List.of(api.localEndpoint("dev"), ServedApi.awsEndpoint("dev"))) {
            try (Client client = client()) {
                Outcome described = call(sdk, "get", endpoint, client.id, NOTHING);
                assertThat(described).isInstanceOf(Outcome.Ok.class);
                List<String> said = ((Outcome.Ok) described).said();
                assertThat(Long.parseLong(said.get(1))).isGreaterThanOrEqualTo(Long.parseLong(said.get(0)));
                assertThat(said.subList(2, 4)).containsExactly("127.0.0.1", "client of the test");

                assertThat(call(sdk, "delete", endpoint, client.id, NOTHING)).isEqualTo(ok());
                assertThat(client.next()).isEqualTo("closed:1000");
                for (String what : List.of("text", "bytes", "get", "delete")) {
                    assertThat(call(sdk, what, endpoint, client.id, "x".getBytes(UTF_8)))
                            .as(what)
                            .isEqualTo(gone());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("120: a client that has left is gone")
    void whoLeftIsGone(Sdk sdk) throws Exception {
        try (Client client = client()) {
            client.leave();

            assertThat(call(sdk, "text", ServedApi.awsEndpoint("dev"), client.id, "x".getBytes(UTF_8)))
                    .isEqualTo(gone());
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("121: an id that was never given is a BadRequestException, and the connection to the server stays")
    void aForgedIdIsNoGoneOne(Sdk sdk) throws Exception {
        try (Client client = client()) {
            String endpoint = ServedApi.awsEndpoint("dev");
            assertThat(call(sdk, "text", endpoint, client.id, "x".getBytes(UTF_8)))
                    .isEqualTo(ok());
            int before = api.tunnel.asked().size();
            char other = client.id.charAt(3) == 'A' ? 'B' : 'A';
            String forged = client.id.substring(0, 3) + other + client.id.substring(4);

            assertThat(call(sdk, "text", endpoint, forged, "x".getBytes(UTF_8)))
                    .isEqualTo(new Outcome.Refused("", 400, "BadRequestException"));
            assertThat(call(sdk, "delete", endpoint, forged, NOTHING))
                    .isEqualTo(new Outcome.Refused("", 400, "BadRequestException"));
            assertThat(call(sdk, "text", endpoint, client.id, "y".getBytes(UTF_8)))
                    .isEqualTo(ok());
            assertThat(api.tunnel.asked()).as("connections of the SDK").hasSize(before);
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("125: who signs with a wrong key, or may not, is refused with 403 by the name of the error")
    void onlyRightKeysAreServed(Sdk sdk) throws Exception {
        try (Client client = client()) {
            for (String endpoint : List.of(api.localEndpoint("dev"), ServedApi.awsEndpoint("dev"))) {
                byte[] data = "x".getBytes(UTF_8);
                Call.Key wrong = new Call.Key(ServedApi.KEY.id(), "a-wrong-secret");
                Call.Key unknown = new Call.Key("AKIANOBODY", "secret");
                assertThat(call(sdk, "text", endpoint, client.id, data, wrong))
                        .isEqualTo(new Outcome.Refused("", 403, "InvalidSignatureException"));
                assertThat(call(sdk, "text", endpoint, client.id, data, unknown))
                        .isEqualTo(new Outcome.Refused("", 403, "UnrecognizedClientException"));
                assertThat(call(sdk, "delete", endpoint, client.id, data, ServedApi.POSTER))
                        .isEqualTo(new Outcome.Refused("", 403, "AccessDeniedException"));
                assertThat(client.isSilent()).isTrue();

                assertThat(call(sdk, "text", endpoint, client.id, data, ServedApi.POSTER))
                        .isEqualTo(ok());
                assertThat(client.next()).isEqualTo("text:x");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("126: a stage that is not there is each SDK's ForbiddenException")
    void aStageThatIsNotThereIsForbidden(Sdk sdk) throws Exception {
        Outcome forbidden = new Outcome.Refused("ForbiddenException", 403, "ForbiddenException");
        try (Client client = client()) {
            for (String endpoint : List.of(
                    api.localEndpoint("nowhere"),
                    ServedApi.awsEndpoint("nowhere"),
                    "https://" + ServedApi.awsHost(),
                    "https://zzzzzzzzzz.execute-api.us-east-1.amazonaws.com/dev")) {
                for (String what : List.of("text", "get", "delete")) {
                    assertThat(call(sdk, what, endpoint, client.id, "x".getBytes(UTF_8)))
                            .as(what + " " + endpoint)
                            .isEqualTo(forbidden);
                }
            }
            assertThat(client.isSilent()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("115: 131072 bytes are posted; one more is 413, which has no name unless it is given one")
    void whatIsTooLongIsRefused(Sdk sdk) throws Exception {
        try (Client client = client()) {
            for (String endpoint : List.of(api.localEndpoint("dev"), ServedApi.awsEndpoint("dev"))) {
                String longest = "z".repeat(MAX_POST_BYTES);
                assertThat(call(sdk, "text", endpoint, client.id, longest.getBytes(UTF_8)))
                        .isEqualTo(ok());
                assertThat(client.next()).isEqualTo("text:" + longest);

                for (int more : new int[] {1, 3 * MAX_POST_BYTES}) {
                    Outcome refused = call(sdk, "bytes", endpoint, client.id, new byte[MAX_POST_BYTES + more]);
                    assertThat(refused).isInstanceOf(Outcome.Refused.class);
                    assertThat(((Outcome.Refused) refused).status()).isEqualTo(413);
                    assertThat(((Outcome.Refused) refused).type()).isEmpty();
                }
                assertThat(call(sdk, "text", endpoint, client.id, "y".getBytes(UTF_8)))
                        .isEqualTo(ok());
                assertThat(client.next()).isEqualTo("text:y");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("127: a client that does not read is each SDK's LimitExceededException")
    void aClientThatDoesNotReadIsBusy(Sdk sdk) throws Exception {
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.setSoTimeout(20_000);
            socket.connect(new InetSocketAddress(
                    InetAddress.getLoopbackAddress(), api.server.address().getPort()));
            String id = idOf(socket);
            byte[] much = "w".repeat(MAX_POST_BYTES).getBytes(UTF_8);

            Outcome outcome = ok();
            for (int i = 0; i < 400 && outcome.equals(ok()); i++) {
                outcome = call(sdk, "bytes", api.localEndpoint("dev"), id, much);
            }

            assertThat(outcome).isEqualTo(new Outcome.Refused("LimitExceededException", 429, "LimitExceededException"));
        }
    }

    /// Opens a WebSocket by hand, and asks for its id.
    private static String idOf(Socket socket) throws IOException {
        socket.getOutputStream().write("""
                        GET /dev HTTP/1.1
                        Host: localhost
                        Upgrade: websocket
                        Connection: Upgrade
                        Sec-WebSocket-Version: 13
                        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==

                        """.replace("\n", "\r\n").getBytes(UTF_8));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) socket.getInputStream().read());
        }
        assertThat(head.toString()).startsWith("HTTP/1.1 101 ");
        // A masked text of one character, with a mask of zeros.
        socket.getOutputStream().write(new byte[] {(byte) 0x81, (byte) 0x81, 0, 0, 0, 0, '?'});
        assertThat(socket.getInputStream().read()).isEqualTo(0x81);
        int length = socket.getInputStream().read();
        String told = new String(socket.getInputStream().readNBytes(length), UTF_8);
        return told.substring(0, told.indexOf(' '));
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("what an application makes of domainName and stage is where it reaches the connection")
    void theEventsNamesLeadToTheConnection(Sdk sdk) throws Exception {
        for (String url :
                List.of("wss://" + ServedApi.awsHost() + "/dev", "wss://" + ServedApi.awsHost() + "/dev/?a=b")) {
            try (Client client = new Client(http, url)) {
                assertThat(client.domainName).isEqualTo(ServedApi.awsHost());
                String endpoint = "https://" + client.domainName + "/" + client.stage;

                assertThat(call(sdk, "text", endpoint, client.id, "x".getBytes(UTF_8)))
                        .isEqualTo(ok());
                assertThat(client.next()).isEqualTo("text:x");
            }
        }
        assertThat(api.tunnel.asked()).contains(ServedApi.awsHost() + ":443");
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName(
            "with settings that say so, domainName has the port, and what is too long is a PayloadTooLargeException")
    void aServerMayNameItsPortAndWhatIsTooLong(Sdk sdk) throws Exception {
        String domain = "localhost:" + other.tlsPort();
        try (HttpClient toOther = other.http();
                Client client = new Client(toOther, "wss://127.0.0.1:" + other.tlsPort() + "/dev")) {
            assertThat(client.domainName).isEqualTo(domain);
            String endpoint = "https://" + client.domainName + "/" + client.stage;

            for (int more : new int[] {1, 3 * MAX_POST_BYTES}) {
                assertThat(call(sdk, "bytes", endpoint, client.id, new byte[MAX_POST_BYTES + more]))
                        .isEqualTo(new Outcome.Refused("PayloadTooLargeException", 413, "PayloadTooLargeException"));
            }
            assertThat(call(sdk, "text", endpoint, client.id, "x".getBytes(UTF_8)))
                    .isEqualTo(ok());
            assertThat(client.next()).isEqualTo("text:x");
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a name that the certificate is not for is not believed by any SDK")
    void aNameThatIsNotCoveredIsRefused(Sdk sdk) throws Exception {
        try (Client client = client()) {
            for (String endpoint : List.of(
                    "https://" + ServedApi.API + ".execute-api.eu-west-1.amazonaws.com/dev",
                    "https://" + ServedApi.API + ".execute-api.us-east-1.amazonaws.com.example.com/dev",
                    "https://execute-api.us-east-1.amazonaws.com/dev")) {
                Outcome outcome = call(sdk, "text", endpoint, client.id, "x".getBytes(UTF_8));

                assertThat(outcome).as(endpoint).isInstanceOf(Outcome.Failed.class);
                assertThat(outcome.line().toLowerCase(Locale.ROOT))
                        .containsAnyOf("certificate", "ssl", "hostname", "altname");
            }
            assertThat(client.isSilent()).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a server whose authority an SDK was not told of is not believed")
    void withoutTheAuthorityNoneBelieves(Sdk sdk) throws Exception {
        ProcessBuilder untold = sdk.process(api.site());
        Stream.of("AWS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE").forEach(untold.environment()::remove);
        untold.command().removeIf(word -> word.contains("trustStore"));
        try (Caller caller = new Caller(untold, directory.resolve("untold.log"));
                Client client = client()) {
            Outcome outcome = caller.call(
                    new Call("text", api.localEndpoint("dev"), client.id, "x".getBytes(UTF_8), ServedApi.KEY));

            assertThat(outcome).isInstanceOf(Outcome.Failed.class);
            assertThat(outcome.line().toLowerCase(Locale.ROOT)).containsAnyOf("certificate", "certification");
            assertThat(client.isSilent()).isTrue();
        }
    }
}
