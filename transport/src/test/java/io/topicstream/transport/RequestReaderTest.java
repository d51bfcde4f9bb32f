package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.topicstream.testkit.Seeds;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What requests are made of bytes, however the network cut them.
class RequestReaderTest {
    private static final Arrival ARRIVAL = new Arrival(new InetSocketAddress(1), null, false, Ingress.DIRECT);
    private static final Endpoint ENDPOINT =
            new Endpoint(exchange -> {}, (request, decision) -> {}, LoopbackHosts::isLoopback);

    private static final String HOST = "Host: localhost\r\n";
    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";

    /// Reads `bytes` in pieces that begin at `cuts`, and says what they were taken for: requests, and a refusal if it
    /// ends with one.
    private List<String> read(byte[] bytes, int... cuts) {
        RequestTarget.Recent targets = new RequestTarget.Recent();
        RequestReader reader = new RequestReader(TransportLimits.defaults().http(), new LoopMemory());
        List<String> read = new ArrayList<>();
        RequestHead head = null;
        int from = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int to = i == cuts.length ? bytes.length : cuts[i];
            reader.add(Unpooled.wrappedBuffer(bytes, from, to - from));
            from = to;
            try {
                while (head != null || reader.readHead()) {
                    if (head == null) {
                        head = RequestGuard.check(reader, targets, ARRIVAL, ENDPOINT);
                        reader.beginBody(head.bodyLength());
                    }
                    if (!reader.readBody()) {
                        break;
                    }
                    read.add(head + " " + head.query() + " " + head.headers() + " "
                            + new String(reader.takeWholeBody(), ISO_8859_1));
                    head = null;
                }
            } catch (Refusal refusal) {
                read.add(refusal.status + " " + refusal.text());
                return read;
            } finally {
                reader.settle();
            }
        }
        return read;
    }

    private static int[] everywhere(byte[] bytes) {
        int[] cuts = new int[bytes.length - 1];
        Arrays.setAll(cuts, i -> i + 1);
        return cuts;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private static String post(String fields, String body) {
        return "POST /echo?a=b HTTP/1.1\r\n" + HOST + fields + "\r\n" + body;
    }

    private static Arguments request(String name, String text) {
        return Arguments.of(name, bytes(text), List.of());
    }

    static Stream<Arguments> requests() {
        return Stream.concat(
                Stream.of(
                        request("two of different kinds", post(CHUNKED, "3\r\nabc\r\n0\r\n\r\n") + post("", "")),
                        request("trailers", post(CHUNKED, "A;x=y\r\n0123456789\r\n0\r\nX: y\r\nZ:\r\n\r\n")),
                        request(
                                "known length",
                                post("Content-Length: 5\r\nX:   y  \r\n", "hello")
                                        .repeat(3)),
                        request("trailer that is none", post(CHUNKED, "0\r\nX y\r\n\r\n")),
                        request("folded trailer", post(CHUNKED, "0\r\nX: y\r\n z\r\n\r\n")),
                        request("size without digits", post(CHUNKED, ";a\r\n")),
                        request("size with a space", post(CHUNKED, "3 \r\nabc\r\n")),
                        request("size that is negative", post(CHUNKED, "ffffffffffffffff\r\n"))),
                HttpAttackTest.refusedRequests());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("requests")
    void howItIsCutMakesNoDifference(String name, byte[] request, List<Integer> answers) {
        // Of the longest ones the beginning says enough, and an error at their end comes before it.
        byte[] bytes = Arrays.copyOf(request, Math.min(request.length, 20_000));
        List<String> whole = read(bytes);

        assertThat(read(bytes, everywhere(bytes))).isEqualTo(whole);
        for (int cut = 1; cut < Math.min(bytes.length, 400); cut++) {
            assertThat(read(bytes, cut)).as("cut at %d", cut).isEqualTo(whole);
        }
    }

    @Test
    void requestsAreTakenForWhatTheyAre() {
        assertThat(read(bytes(post("X:  y z \r\nEmpty:\r\n" + CHUNKED, "3\r\nabc\r\n2;q=1\r\nde\r\n0\r\nT: t\r\n\r\n")
                        + "\r\nGET / HTTP/1.0\r\n\r\n")))
                .containsExactly(
                        "POST /echo {a=[b]} [Host=localhost, X=y z, Empty=, Transfer-Encoding=chunked] abcde",
                        "GET / {} [] ");
    }

    @Test
    void hostileBytesAreTheSameHoweverTheyAreCut() {
        RandomGenerator random = Seeds.random("hostile requests");
        byte[] base = bytes(post(CHUNKED + "X: y\r\n", "3\r\nabc\r\n0\r\n\r\n") + post("Content-Length: 2\r\n", "hi"));
        byte[] likely = bytes("\r\n\t :;,\0 09afG\u007f\u00ff");
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes = base.clone();
            for (int i = random.nextInt(3); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = likely[random.nextInt(likely.length)];
            }
            List<String> whole = read(bytes);

            assertThat(read(bytes, everywhere(bytes)))
                    .as(new String(bytes, ISO_8859_1))
                    .isEqualTo(whole);
            assertThat(read(bytes, 1 + random.nextInt(bytes.length - 1)))
                    .as(new String(bytes, ISO_8859_1))
                    .isEqualTo(whole);
        }
    }

    @Test
    void aTargetThatWasReadLatelyIsRememberedForItsOwnTextOnly() {
        RequestTarget.Recent recent = new RequestTarget.Recent();
        RequestTarget target = RequestTarget.of("/topics/a%20b/produce");
        recent.keep("/topics/a%20b/produce", target);
        recent.keep("/secret?token=x", RequestTarget.of("/secret?token=x"));

        byte[] text = bytes("GET /topics/a%20b/produce");
        assertThat(recent.find(text, 4, text.length)).isSameAs(target);
        assertThat(recent.find(text, 4, text.length - 1)).isNull();
        byte[] secret = bytes("/secret?token=x");
        assertThat(recent.find(secret, 0, secret.length)).isNull();
    }
}
