package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Where a request comes from, by its header fields and by who sent it. `10.0.0.1`, `10.0.0.2` and `fd00::1` are
/// trusted proxies, `127.0.0.1` is none.
class ForwardedFieldsTest {
    private static final Set<InetAddress> TRUSTED = Set.of(
            InetAddress.ofLiteral("10.0.0.1"), InetAddress.ofLiteral("10.0.0.2"), InetAddress.ofLiteral("fd00::1"));
    private static final Ingress INGRESS = new Ingress(TRUSTED::contains, false, null);

    private static HeadFields fields(String... lines) {
        byte[] bytes = (String.join("\r\n", lines) + "\r\n").getBytes(ISO_8859_1);
        List<Integer> marks = new ArrayList<>();
        long names = 0;
        int from = 0;
        for (String line : lines) {
            int colon = line.indexOf(':');
            int value = colon + 2;
            marks.addAll(List.of(from, from + colon, from + value, from + line.length()));
            names |= HeadFields.bit(line.charAt(0), colon);
            from += line.length() + 2;
        }
        return new HeadFields(bytes, marks.stream().mapToInt(i -> i).toArray(), names);
    }

    private static RequestSource source(String peer, String... lines) {
        return new Arrival(new InetSocketAddress(InetAddress.ofLiteral(peer), 4711), null, false, INGRESS)
                .source(fields(lines), false);
    }

    private static RequestSource from(String address, boolean secure, @Nullable String host) {
        return new RequestSource(InetAddress.ofLiteral(address), secure, host, true);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "192.0.2.1                       | 192.0.2.1",
                "192.0.2.1, 10.0.0.2             | 192.0.2.1",
                "198.51.100.9, 192.0.2.1         | 192.0.2.1",
                "198.51.100.9, 192.0.2.1,10.0.0.2| 192.0.2.1",
                "10.0.0.2, 192.0.2.1             | 192.0.2.1",
                "10.0.0.2                        | 10.0.0.2",
                "192.0.2.1:5678                  | 192.0.2.1",
                "2001:db8::7                     | 2001:db8::7",
                "[2001:db8::7]                   | 2001:db8::7",
                "[2001:db8::7]:5678, fd00::1     | 2001:db8::7",
                "::ffff:192.0.2.1                | 192.0.2.1",
                "unknown                         | 10.0.0.1",
                "192.0.2.1, unknown              | 10.0.0.1",
                "192.0.2.1, unknown, 10.0.0.2    | 10.0.0.2",
                "''                              | 10.0.0.1",
                "192.0.2.1,                      | 10.0.0.1",
                "192.0.2.999                     | 10.0.0.1",
                "192.0.2                         | 10.0.0.1",
                "localhost                       | 10.0.0.1",
                "fe80::1%eth0                    | 10.0.0.1",
                "[2001:db8::7]x                  | 10.0.0.1"
            })
    void theClientIsTheLastAddressThatIsNoTrustedProxy(String forwardedFor, String client) {
        assertThat(source("10.0.0.1", "X-Forwarded-For: " + forwardedFor)).isEqualTo(from(client, false, null));
        if (!forwardedFor.isEmpty()) {
            String[] nodes = forwardedFor.split(",", -1);
            String forwarded = "Forwarded: for=\""
                    + String.join("\", For=\"", List.of(nodes)).replace("\" ", "\"") + "\"";
            assertThat(source("10.0.0.1", forwarded.replace("\" ", "\"")))
                    .as(forwarded)
                    .isEqualTo(from(client, false, null));
        }
    }

    @Test
    void severalFieldsAreOneList() {
        assertThat(source("10.0.0.1", "X-Forwarded-For: 192.0.2.1", "x-forwarded-for: 10.0.0.2"))
                .isEqualTo(from("192.0.2.1", false, null));
        assertThat(source("10.0.0.1", "Forwarded: for=192.0.2.1;proto=https", "Forwarded: for=10.0.0.2"))
                .isEqualTo(from("192.0.2.1", true, null));
    }

    @Test
    void schemeAndHostAreThoseThatTheClientsProxyWasCalledBy() {
        assertThat(source(
                        "10.0.0.1",
                        "X-Forwarded-For: 192.0.2.1",
                        "X-Forwarded-Proto: https",
                        "X-Forwarded-Host: chat.example.com"))
                .isEqualTo(from("192.0.2.1", true, "chat.example.com"));
        assertThat(source(
                        "10.0.0.1",
                        "X-Forwarded-For: 203.0.113.5, 192.0.2.1, 10.0.0.2",
                        "X-Forwarded-Proto: http, https, http",
                        "X-Forwarded-Host: evil.example, chat.example.com, inner"))
                .isEqualTo(from("192.0.2.1", true, "chat.example.com"));
        assertThat(source("10.0.0.1", "X-Forwarded-For: 192.0.2.1, 10.0.0.2", "X-Forwarded-Proto: https"))
                .isEqualTo(from("192.0.2.1", true, null));
        assertThat(source("10.0.0.1", "X-Forwarded-Proto: https", "X-Forwarded-Host: chat.example.com"))
                .isEqualTo(from("10.0.0.1", true, "chat.example.com"));
        assertThat(source(
                        "10.0.0.1",
                        "Forwarded: by=_a;for=\"192.0.2.1\";host=\"chat.example.com:8443\";Proto=HTTPS,for=10.0.0.2"))
                .isEqualTo(from("192.0.2.1", true, "chat.example.com:8443"));
    }

    @Test
    void quotesHoldSeparatorsTogether() {
        assertThat(source("10.0.0.1", "Forwarded: for=192.0.2.1;ext=\"a,b;for=1.2.3.4\\\"\";proto=https"))
                .isEqualTo(from("192.0.2.1", true, null));
        assertThat(source("10.0.0.1", "Forwarded: for=192.0.2.1;ext=\"open, for=203.0.113.5"))
                .isEqualTo(from("192.0.2.1", false, null));
    }

    @Test
    void theFieldThatNearlyAllProxiesWriteBeatsTheOneThatTheyPassOn() {
        assertThat(source("10.0.0.1", "Forwarded: for=203.0.113.5", "X-Forwarded-For: 192.0.2.1"))
                .isEqualTo(from("192.0.2.1", false, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Forwarded: for=192.0.2.1",
                "X-Forwarded-For: 192.0.2.1",
                "X-Forwarded-Proto: https",
                "X-Forwarded-Host: chat.example.com",
                "X-Forwarded-Port: 443",
                "X-Real-IP: 192.0.2.1",
                "Via: 1.1 cache"
            })
    void whoeverIsNotTrustedIsTheClientButNotOfThisMachine(String line) {
        RequestSource source = source("127.0.0.1", line);

        assertThat(source).isEqualTo(from("127.0.0.1", false, null));
        assertThat(source.isLocal()).isFalse();
    }

    @Test
    void aRequestWithoutATraceOfAProxyIsItsPeers() {
        assertThat(source("127.0.0.1", "Host: localhost", "Accept: */*").isLocal())
                .isTrue();
        assertThat(source("10.0.0.1", "Host: localhost").address()).isEqualTo(InetAddress.ofLiteral("10.0.0.1"));
    }

    @Test
    void aProxyThatWasToldNothingIsKnownByItsOldVersionAndItsGoodbye() {
        Arrival local = new Arrival(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 1), null, false, INGRESS);

        assertThat(local.source(fields("Host: 127.0.0.1:8080", "Connection: close"), true)
                        .isLocal())
                .isFalse();
        assertThat(local.source(fields("Host: 127.0.0.1:8080"), true).isLocal()).isTrue();
        assertThat(local.source(fields("Host: 127.0.0.1:8080", "Connection: close"), false)
                        .isLocal())
                .isTrue();
    }

    @Test
    void anAddressThatAProxyNamesIsNeverOfThisMachine() {
        assertThat(source("10.0.0.1", "X-Forwarded-For: 127.0.0.1").isLocal()).isFalse();
    }
}
