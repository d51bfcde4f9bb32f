package io.topicstream.cli.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.Outside;
import io.topicstream.aws.events.BusSettings;
import io.topicstream.dialect.Dialects;
import io.topicstream.log.Retention;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LocalSettingsTest {
    @Test
    void withoutVariablesItIsAsUsual() throws LocalStack.UnusableException {
        DoorSettings settings = LocalSettings.of(
                        Map.of("TOPICSTREAM_GUESTS", "true"), Map.of("TOPICSTREAM_SERVER_PORT", "9000"))
                .door();

        assertThat(settings.outside()).isEqualTo(Outside.NOBODY);
        assertThat(settings.policies()).isEqualTo(DoorSettings.local().policies());
        assertThat(settings.limits()).isEqualTo(DoorSettings.local().limits());
        assertThat(settings.allowsGuests()).isTrue();
        assertThat(settings.allowedOrigins()).isEqualTo(DoorSettings.local().allowedOrigins());
        assertThat(settings.stages()).isEqualTo(DoorSettings.USUAL_STAGES);
    }

    @Test
    void whatTheTemplateSaysHoldsAndOneOfTheShellCountsMore() throws LocalStack.UnusableException {
        Map<String, String> template = Map.of(
                "TOPICSTREAM_STAGES", "chat=chat",
                "TOPICSTREAM_ALLOWED_ORIGINS", "https://a.example, https://b.example",
                "TOPICSTREAM_ADMIN_TOKEN_SHA256", "a".repeat(64),
                "TOPICSTREAM_GUESTS", "false");

        LocalSettings settings = LocalSettings.of(template, Map.of("TOPICSTREAM_GUESTS", "true"));

        assertThat(settings.door().stages()).isEqualTo(Map.of("chat", Dialects.Name.CHAT));
        assertThat(settings.door().allowedOrigins())
                .containsExactly("loopback", "https://a.example", "https://b.example");
        assertThat(settings.door().allowsGuests()).isTrue();
        assertThat(LocalSettings.of(template, Map.of()).door().allowsGuests()).isFalse();
        assertThat(settings.hasAdministrator()).isTrue();
        assertThat(settings.adminHash()).isNotNull();
    }

    @Test
    void withoutAHashThereIsNoAdministratorAndOneOfATokenOfOursIsMadeHere() throws LocalStack.UnusableException {
        LocalSettings ours =
                LocalSettings.of(Map.of("TOPICSTREAM_ADMIN_TOKEN_SHA256", SystemTemplate.HASH_OF_OUR_TOKEN), Map.of());

        assertThat(ours.hasAdministrator()).isTrue();
        assertThat(ours.adminHash()).isNull();
        assertThat(LocalSettings.of(Map.of(), Map.of()).hasAdministrator()).isFalse();
    }

    @Test
    void whatIsWrongWithTheDoorIsSaidToo() {
        assertThatThrownBy(() -> LocalSettings.of(
                        Map.of(),
                        Map.of(
                                "TOPICSTREAM_STAGES", "v1=klingon",
                                "TOPICSTREAM_GUESTS", "some",
                                "TOPICSTREAM_ALLOWED_ORIGINS", "example",
                                "TOPICSTREAM_WORKFLOW_TOPICS", "news")))
                .isInstanceOf(LocalStack.UnusableException.class)
                .hasMessageContainingAll(
                        "TOPICSTREAM_STAGES: it has to be names of stages",
                        "TOPICSTREAM_GUESTS: it has to be true or false",
                        "TOPICSTREAM_ALLOWED_ORIGINS: it has to be origins",
                        "TOPICSTREAM_WORKFLOW_TOPICS: there is no workflow on this machine");
    }

    @Test
    void theVariablesOfFunctionsAndServersHold() throws LocalStack.UnusableException {
        DoorSettings settings = LocalSettings.of(
                        Map.of(),
                        Map.of(
                                "TOPICSTREAM_ACCESS_JWT",
                                "[{issuer: https://a.example, jwks_url: https://a.example/keys, audience: x}]",
                                "TOPICSTREAM_ACCESS_AUTHORIZER_URL",
                                "http://127.0.0.1:4000/who",
                                "TOPICSTREAM_POLICIES",
                                "[{topics: 'logs:*', keep: forever}]"))
                .door();

        assertThat(settings.outside().issuers().getFirst().issuer()).isEqualTo("https://a.example");
        assertThat(Objects.requireNonNull(settings.outside().authorizer()).url())
                .isEqualTo(URI.create("http://127.0.0.1:4000/who"));
        assertThat(settings.policies().retention().of(new TopicName("logs:a"))).isEqualTo(Retention.FOREVER);
    }

    @Test
    void allThatIsWrongIsSaid() {
        assertThatThrownBy(() -> LocalSettings.of(
                        Map.of(),
                        Map.of(
                                "TOPICSTREAM_ACCESS_JWT", "[{issuer: https://a.example}]",
                                "TOPICSTREAM_POLICIES", "all")))
                .isInstanceOf(LocalStack.UnusableException.class)
                .hasMessageContainingAll(
                        "TOPICSTREAM_ACCESS_JWT: access.jwt[0].audience is missing",
                        "TOPICSTREAM_POLICIES: policies is no such list");
    }

    @Test
    void aBusIsTheOneThatSomebodyRuns() throws LocalStack.UnusableException {
        assertThat(LocalSettings.of(Map.of(), Map.of()).bus()).isNull();
        assertThat(LocalSettings.of(
                                Map.of(),
                                Map.of(
                                        "TOPICSTREAM_EVENT_BUS", "chat",
                                        "TOPICSTREAM_EVENT_TOPICS", "orders*, lobby",
                                        "AWS_ENDPOINT_URL_EVENTBRIDGE", "http://127.0.0.1:4566"))
                        .bus())
                .isEqualTo(new LocalSettings.Bus(
                        new BusSettings(
                                "chat",
                                "chat.service",
                                List.of(new TopicPattern("orders*"), new TopicPattern("lobby"))),
                        URI.create("http://127.0.0.1:4566")));
    }

    @Test
    void whatIsWrongWithEventsIsSaidAndATokenIsNotShown() {
        assertThatThrownBy(() -> LocalSettings.of(
                        Map.of(),
                        Map.of(
                                "TOPICSTREAM_EVENT_BUS", "chat",
                                "TOPICSTREAM_EVENT_TOPICS", "a*b",
                                "TOPICSTREAM_EVENTS_PRIVATE_DESTINATIONS", "10.0.0.0/99",
                                "TOPICSTREAM_ADMIN_TOKEN_SHA256", "the-token-itself")))
                .isInstanceOf(LocalStack.UnusableException.class)
                .hasMessageContainingAll(
                        "TOPICSTREAM_EVENT_BUS: no EventBridge comes with it",
                        "TOPICSTREAM_EVENT_TOPICS: it has to be topics",
                        "TOPICSTREAM_EVENTS_PRIVATE_DESTINATIONS",
                        "TOPICSTREAM_ADMIN_TOKEN_SHA256: it has to be the SHA-256")
                .message()
                .doesNotContain("the-token-itself");
    }
}
