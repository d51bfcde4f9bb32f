package io.topicstream.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.exchange.Handshake;
import io.topicstream.gateway.exchange.Opening;
import io.topicstream.gateway.model.Authorization;
import io.topicstream.gateway.signature.Credentials;
import io.topicstream.gateway.signature.SignatureCheck;
import io.topicstream.gateway.signature.Signer;
import io.topicstream.gateway.signature.SigningKey;
import io.topicstream.testkit.ManualClock;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Who signs the upgrade, in the header or in the address: statements 49 and 50.
class SignedHandshakeTest {
    private static final Credentials KEY = new Credentials("AKIDEXAMPLE", "a secret of no worth", null);

    private static TestGateway gateway(String resource) {
        return new TestGateway(
                new TestApi().connect(new Authorization.Iam(), false, Map.of()).definition(),
                GatewaySettings.DEFAULTS,
                new SignatureCheck(
                        List.of(new SigningKey(
                                KEY,
                                "app",
                                "arn:aws:iam::000000000000:user/app",
                                List.of(new SigningKey.Allow("execute-api:Invoke", resource)))),
                        new ManualClock()));
    }

    private static Handshake signed(String secret) {
        ManualClock clock = new ManualClock();
        Map<String, String> signature = new Signer(
                        new Credentials(KEY.accessKeyId(), secret, null), "us-east-1", "execute-api")
                .sign("GET", URI.create("https://" + TestApi.HOST + "/dev"), Map.of(), new byte[0], clock.instant());
        List<String> headers = new ArrayList<>();
        signature.forEach((name, value) -> headers.addAll(List.of(name, value)));
        return TestGateway.handshake(Map.of(), headers.toArray(new String[0]));
    }

    @Test
    @DisplayName("49: a bad signature is refused")
    void badSignature() {
        Opening.Refused refused = gateway("*").refused(signed("another secret"));

        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.headers()).containsEntry("x-amzn-ErrorType", "InvalidSignatureException");
    }

    @Test
    @DisplayName("50: a signature by a key that may invoke $connect lets the client in, and events say who it is")
    void signed() {
        assertThat(gateway("arn:aws:execute-api:*:*:abcdef1234/dev/*")
                        .accepted(signed(KEY.secretAccessKey()))
                        .identity())
                .containsEntry("accessKey", "AKIDEXAMPLE")
                .containsEntry("userArn", "arn:aws:iam::000000000000:user/app")
                .containsEntry("accountId", "000000000000");
    }

    @Test
    @DisplayName("50: an address that is signed in its query lets the client in for as long as it says")
    void presigned() {
        ManualClock clock = new ManualClock();
        Signer signer = new Signer(KEY, "us-east-1", "execute-api");
        URI address = URI.create("https://" + TestApi.HOST + "/dev");

        gateway("*").accepted(opened(signer.presign("GET", address, Duration.ofMinutes(5), clock.instant())));

        assertThat(gateway("*")
                        .refused(opened(signer.presign(
                                "GET",
                                address,
                                Duration.ofMinutes(5),
                                clock.instant().minusSeconds(301))))
                        .status())
                .isEqualTo(403);
    }

    /// The handshake of a client that opens this address.
    private static Handshake opened(URI address) {
        Map<String, List<String>> query = new LinkedHashMap<>();
        for (String parameter : address.getRawQuery().split("&", -1)) {
            String[] parts = parameter.split("=", 2);
            query.put(parts[0], List.of(URLDecoder.decode(parts[1], StandardCharsets.UTF_8)));
        }
        return new Handshake(
                address.getRawPath(),
                address.getRawQuery(),
                List.of(Map.entry("Host", TestApi.HOST)),
                query,
                TestApi.HOST,
                "192.0.2.1");
    }

    @Test
    @DisplayName("49: a key that may not is refused by a body whose member is Message")
    void denied() {
        Opening.Refused refused =
                gateway("arn:aws:execute-api:*:*:abcdef1234/prod/*").refused(signed(KEY.secretAccessKey()));

        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.headers()).containsEntry("x-amzn-ErrorType", "AccessDeniedException");
        assertThat(TestGateway.body(refused))
                .startsWith("{\"Message\":\"")
                .contains("is not authorized to perform: execute-api:Invoke on resource: ");
    }
}
