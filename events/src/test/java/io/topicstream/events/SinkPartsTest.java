package io.topicstream.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The parts of a sink, each alone.
class SinkPartsTest {
    @Test
    void theSignatureIsThatOfStandardWebhooks() {
        // The example of its specification.
        WebhookSecret secret = WebhookSecret.of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

        assertThat(secret).isNotNull();
        assertThat(secret.sign(
                        "msg_p5jXN8AQM9LWM0D4loKWxJek".getBytes(StandardCharsets.US_ASCII),
                        1614265330,
                        "{\"test\": 2432232314}".getBytes(StandardCharsets.US_ASCII)))
                .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_&&&&"})
    void whatIsNoSecretIsNone(String text) {
        assertThat(WebhookSecret.of(text)).isNull();
    }

    @Test
    void rulesAreThoseOfEventBridge() {
        EventRules rules = new EventRules(List.of(
                "{\"subject\":[{\"prefix\":\"eu.\"}],\"data\":{\"n\":[{\"numeric\":[\">=\",1,\"<\",3]}]}}",
                "{\"data\":{\"state\":[{\"anything-but\":[\"draft\"]}],\"gone\":[{\"exists\":false}]}}"));

        assertThat(rules.match("{\"subject\":\"eu.a\",\"data\":{\"n\":1}}")).isTrue();
        assertThat(rules.match("{\"subject\":\"eu.a\",\"data\":{\"n\":3}}")).isFalse();
        assertThat(rules.match("{\"subject\":\"us.a\",\"data\":{\"n\":2}}")).isFalse();
        assertThat(rules.match("{\"data\":{\"state\":\"paid\"}}")).isTrue();
        assertThat(rules.match("{\"data\":{\"state\":\"draft\"}}")).isFalse();
        assertThat(rules.match("{\"data\":{\"state\":\"paid\",\"gone\":1}}")).isFalse();
        assertThat(new EventRules(List.of()).match("no JSON")).isTrue();
        assertThatThrownBy(() -> rules.match("no JSON")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "[]", "{}", "{\"a\":1}", "{\"a\":[{\"nonsense\":1}]}", "{\"a\":[1]"})
    void whatIsNoRuleIsRefusedWithItsText(String rule) {
        assertThatThrownBy(() -> new EventRules(List.of(rule)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the rule " + rule + " is none");
    }

    @Test
    void rulesAreBoundedInNumberAndInWildcards() {
        String rule = "{\"a\":[1]}";
        assertThat(new EventRules(Collections.nCopies(EventRules.MOST, rule)).match("{\"a\":1}"))
                .isTrue();
        assertThatThrownBy(() -> new EventRules(Collections.nCopies(EventRules.MOST + 1, rule)))
                .hasMessageContaining("at most 50 rules");
        assertThatThrownBy(
                        () -> new EventRules(List.of("{\"a\":[{\"wildcard\":\"" + "*a*b*c*d*e".repeat(60) + "\"}]}")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anEventHasTheSameIdAgainAndNoOtherHas() {
        CloudEvents orders = new CloudEvents(new TopicName("orders.eu"));
        CloudEvents others = new CloudEvents(new TopicName("orders.us"));
        Message message = new Message(7, 1_000, null, null, "1".getBytes(StandardCharsets.US_ASCII), null);

        CloudEvents.Event event = orders.of(3, message);

        assertThat(event.id()).matches("msg_[A-Za-z0-9_-]{16}_3_7");
        assertThat(orders.of(3, message).id()).isEqualTo(event.id());
        assertThat(others.of(3, message).id()).isNotEqualTo(event.id());
        assertThat(event.text())
                .isEqualTo("{\"specversion\":\"1.0\",\"id\":\"" + event.id()
                        + "\",\"source\":\"/topics/orders.eu\",\"type\":\"io.topicstream.message.published\","
                        + "\"subject\":\"orders.eu\",\"time\":\"1970-01-01T00:00:01Z\","
                        + "\"datacontenttype\":\"application/json\",\"data\":{\"topic\":\"orders.eu\",\"epoch\":3,"
                        + "\"offset\":7,\"timestamp\":1000,\"payload\":1}}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.9.9.9",
                "0.0.0.0",
                "10.0.0.1",
                "172.16.0.1",
                "192.168.0.1",
                "169.254.169.254",
                "100.64.0.1",
                "192.0.0.8",
                "198.18.0.1",
                "224.0.0.1",
                "240.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "fe80::1",
                "fd00::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "64:ff9b::a00:1",
                "2002:a00:1::",
                "ff02::1",
                "2001:0:1::1"
            })
    void whatIsNotPublicIsNoDestination(String address) throws Exception {
        InetAddress parsed = InetAddress.ofLiteral(address);

        assertThat(Destinations.isPublic(parsed)).isFalse();
        try (Destinations destinations = new Destinations(Set.of(), _ -> false, _ -> new InetAddress[] {parsed})) {
            assertThat(destinations.check("example.com").toCompletableFuture().join())
                    .contains("not public");
        }
        try (Destinations listed = new Destinations(Set.of(), parsed::equals, _ -> new InetAddress[] {parsed})) {
            assertThat(listed.check("example.com").toCompletableFuture().join()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.1.1.1", "100.63.0.1", "100.128.0.1", "172.32.0.1", "198.20.0.1", "2606:4700::1111"})
    void whatIsPublicIsOne(String address) throws Exception {
        assertThat(Destinations.isPublic(InetAddress.ofLiteral(address))).isTrue();
    }

    @Test
    void oneAddressOfANameThatIsNotPublicIsEnough() throws Exception {
        InetAddress[] both = {InetAddress.ofLiteral("1.1.1.1"), InetAddress.ofLiteral("10.0.0.1")};
        try (Destinations destinations = new Destinations(Set.of("listed.example"), _ -> false, _ -> both)) {
            assertThat(destinations.check("two.example").toCompletableFuture().join())
                    .contains("not public");
            assertThat(destinations
                            .check("LISTED.example")
                            .toCompletableFuture()
                            .join())
                    .isNull();
        }
    }

    @Test
    void anAddressThatChangedSinceIsSeenAtTheNextPost() throws Exception {
        AtomicReference<InetAddress> now = new AtomicReference<>(InetAddress.ofLiteral("1.1.1.1"));
        try (Destinations destinations = new Destinations(Set.of(), _ -> false, _ -> new InetAddress[] {now.get()})) {
            assertThat(destinations.check("a.example").toCompletableFuture().join())
                    .isNull();
            now.set(InetAddress.ofLiteral("127.0.0.1"));
            assertThat(destinations.check("a.example").toCompletableFuture().join())
                    .contains("not public");
        }
    }

    @Test
    void waitsGrowToFiveMinutesAndAreDrawn() {
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            assertThat(Waits.ms(1, 0, random)).isBetween(500L, 1_000L);
            assertThat(Waits.ms(4, 0, random)).isBetween(4_000L, 8_000L);
            assertThat(Waits.ms(1_000, 0, random)).isBetween(150_000L, 300_000L);
            assertThat(Waits.ms(1, 60_000, random)).isEqualTo(60_000);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "30 | 30000",
                "0 | 0",
                "999999999 | 3600000",
                "99999999999 | 0",
                "-5 | 0",
                "soon | 0",
                "Thu, 01 Jan 1970 00:01:40 GMT | 90000",
                "Thu, 01 Jan 1970 00:00:01 GMT | 0",
                "Fri, 31 Dec 9999 23:59:59 GMT | 3600000",
            })
    void aReceiverAsksToWaitInSecondsOrUntilADate(String asked, long waitMs) {
        assertThat(Webhook.waitMs(Map.of("Retry-After", List.of(asked)), 10_000))
                .isEqualTo(waitMs);
    }
}
