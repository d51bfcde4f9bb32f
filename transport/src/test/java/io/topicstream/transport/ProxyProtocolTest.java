package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.testkit.LogLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Connections of a trusted proxy that begin with a header of the PROXY protocol, and those that do not.
class ProxyProtocolTest {
    private static final String REQUEST = "GET /source HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final byte[] SIGNATURE = "\r\n\r\n\0\r\nQUIT\n".getBytes(ISO_8859_1);
    private static final int LOCAL = 0x20;
    private static final int PROXY = 0x21;
    private static final int TCP4 = 0x11;
    private static final int TCP6 = 0x21;

    private static EchoServer server;

    @BeforeAll
    static void start() throws IOException {
        server = new EchoServer(HttpAttackTest.quick(), new Ingress(InetAddress::isLoopbackAddress, true, null));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String source(byte[] header, String request) throws IOException {
        try (RawClient client = new RawClient(server.port())) {
            RawClient.Answer answer =
                    client.send(header).send(request.getBytes(ISO_8859_1)).answer();
            assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
            return answer.text();
        }
    }

    private static byte[] v2(int command, int family, byte[] addresses, byte[]... tlvs) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(SIGNATURE);
        out.write(command);
        out.write(family);
        int length = addresses.length;
        for (byte[] tlv : tlvs) {
            length += tlv.length;
        }
        out.write(length >> 8);
        out.write(length);
        out.writeBytes(addresses);
        for (byte[] tlv : tlvs) {
            out.writeBytes(tlv);
        }
        return out.toByteArray();
    }

    private static byte[] addresses(String from, String to) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(InetAddress.ofLiteral(from).getAddress());
        out.writeBytes(InetAddress.ofLiteral(to).getAddress());
        out.writeBytes(new byte[] {0x12, 0x34, 0x00, 0x50});
        return out.toByteArray();
    }

    private static String named(String address) {
        return "address=/" + address + ", isSecure=false, host=null, isProxied=true";
    }

    @Test
    void theFirstVersionNamesTheClient() throws IOException {
        assertThat(source("PROXY TCP4 192.0.2.7 10.0.0.1 4711 80\r\n".getBytes(ISO_8859_1), REQUEST))
                .contains(named("192.0.2.7"));
        assertThat(source("PROXY TCP6 2001:db8::7 2001:db8::1 4711 80\r\n".getBytes(ISO_8859_1), REQUEST))
                .contains(named("2001:db8:0:0:0:0:0:7"));
    }

    @Test
    void theSecondVersionNamesTheClientAndItsExtensionsAreSkipped() throws IOException {
        byte[] authority = {0x02, 0, 3, 'a', '.', 'b'};
        byte[] ssl = {0x20, 0, 8, 1, 0, 0, 0, 0, 0x21, 0, 0};
        byte[] own = {(byte) 0xE0, 0, 2, 1, 2};

        assertThat(source(v2(PROXY, TCP4, addresses("192.0.2.7", "10.0.0.1")), REQUEST))
                .contains(named("192.0.2.7"));
        assertThat(source(v2(PROXY, TCP6, addresses("2001:db8::7", "2001:db8::1")), REQUEST))
                .contains(named("2001:db8:0:0:0:0:0:7"));
        assertThat(source(v2(PROXY, TCP4, addresses("192.0.2.7", "10.0.0.1"), authority, ssl, own), REQUEST))
                .contains(named("192.0.2.7"));
    }

    @Test
    void aConnectionOfTheProxyItselfIsForTheProxyAndYetNotLocal() throws IOException {
        for (byte[] header : List.of(
                v2(LOCAL, 0, new byte[0]),
                v2(LOCAL, TCP4, addresses("192.0.2.7", "10.0.0.1")),
                v2(PROXY, 0, new byte[0]),
                "PROXY UNKNOWN\r\n".getBytes(ISO_8859_1),
                "PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n".getBytes(ISO_8859_1))) {
            assertThat(source(header, REQUEST)).contains(named("127.0.0.1"));
        }
    }

    @Test
    void aHeaderMayComeInPiecesAndWithTheFirstRequest() throws Exception {
        byte[] header = v2(PROXY, TCP4, addresses("192.0.2.7", "10.0.0.1"));
        try (RawClient client = new RawClient(server.port())) {
            for (byte one : header) {
                client.send(new byte[] {one});
            }
            client.send(REQUEST + REQUEST);
            assertThat(client.answer().text()).contains(named("192.0.2.7"));
            assertThat(client.answer().text()).contains(named("192.0.2.7"));
        }
        try (RawClient client = new RawClient(server.port())) {
            client.send("PROXY TCP4 192.0.2.7 10.0.0.1 4711 80\r\n" + RawClient.UPGRADE);
            assertThat(client.answer().status()).isEqualTo(101);
            client.send(RawClient.text("hello"));
            assertThat(client.frame().text()).isEqualTo("hello");
        }
    }

    @Test
    void whatTheClientWritesIntoItsRequestIsNotBelieved() throws IOException {
        assertThat(source(
                        "PROXY TCP4 192.0.2.7 10.0.0.1 4711 80\r\n".getBytes(ISO_8859_1),
                        REQUEST.replace("\r\n\r\n", "\r\nX-Forwarded-For: 203.0.113.5\r\n\r\n")))
                .contains(named("192.0.2.7"));
    }

    static List<byte[]> broken() {
        List<byte[]> all = new ArrayList<>();
        for (String text : List.of(
                REQUEST,
                "PROXY TCP4 192.0.2.7 10.0.0.1 4711\r\n" + REQUEST,
                "PROXY TCP4 192.0.2.999 10.0.0.1 4711 80\r\n" + REQUEST,
                "PROXY TCP4 192.0.2.7 10.0.0.1 4711 99999\r\n" + REQUEST,
                "PROXY TCP9 192.0.2.7 10.0.0.1 4711 80\r\n" + REQUEST,
                "PROXY TCP4 " + "1".repeat(200) + "\r\n" + REQUEST,
                "PROXY  TCP4 192.0.2.7 10.0.0.1 4711 80\r\n" + REQUEST,
                "proxy TCP4 192.0.2.7 10.0.0.1 4711 80\r\n" + REQUEST)) {
            all.add(text.getBytes(ISO_8859_1));
        }
        byte[] right = v2(PROXY, TCP4, addresses("192.0.2.7", "10.0.0.1"));
        byte[] version = right.clone();
        version[12] = 0x31;
        byte[] command = right.clone();
        command[12] = 0x2F;
        byte[] family = right.clone();
        family[13] = 0x55;
        all.add(version);
        all.add(command);
        all.add(family);
        all.add(v2(PROXY, TCP4, new byte[] {1, 2, 3}));
        all.add(v2(PROXY, TCP4, addresses("192.0.2.7", "10.0.0.1"), new byte[] {0x20, 0, 100, 1}));
        all.add(right);
        return all;
    }

    @ParameterizedTest
    @MethodSource("broken")
    void whateverIsNoWholeHeaderEndsTheConnectionWithoutAnAnswer(byte[] bytes) throws IOException {
        int handled = server.handled.get();

        try (RawClient client = new RawClient(server.port())) {
            assertThat(client.sendAnyway(bytes).answer().status()).isZero();
        }

        assertThat(server.handled).hasValue(handled);
        assertThat(source("PROXY UNKNOWN\r\n".getBytes(ISO_8859_1), REQUEST)).isNotEmpty();
    }

    @Test
    void aFloodOfBrokenOnesIsOneLine() throws IOException {
        try (EchoServer fresh = new EchoServer(
                        HttpAttackTest.quick(), new Ingress(InetAddress::isLoopbackAddress, true, null));
                LogLines log = new LogLines()) {
            for (int i = 0; i < 50; i++) {
                try (RawClient client = new RawClient(fresh.port())) {
                    assertThat(client.sendAnyway(REQUEST.getBytes(UTF_8))
                                    .answer()
                                    .status())
                            .isZero();
                }
            }

            assertThat(log.with("server.proxy_protocol")).hasSize(1);
            assertThat(log.with("127.0.0.1")).hasSize(1);
            await().until(() -> fresh.transport.connections() == 0);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onlyTrustedProxiesAreHeard(boolean protocol) throws IOException {
        try (EchoServer distrusting =
                        new EchoServer(HttpAttackTest.quick(), new Ingress(address -> false, protocol, null));
                RawClient client = new RawClient(distrusting.port());
                RawClient plain = new RawClient(distrusting.port())) {
            assertThat(client.send("PROXY TCP4 192.0.2.7 10.0.0.1 4711 80\r\n" + REQUEST)
                            .answer()
                            .status())
                    .isEqualTo(400);
            assertThat(plain.send(REQUEST).answer().text()).contains("isProxied=false");
        }
    }
}
