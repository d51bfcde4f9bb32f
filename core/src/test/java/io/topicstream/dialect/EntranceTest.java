package io.topicstream.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Credentials;
import io.topicstream.access.Identity;
import io.topicstream.access.Speaker;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntranceTest {
    private static final Credentials NONE = Credentials.none(InetAddress.getLoopbackAddress());
    private static final Identity CAROL =
            new Identity("carol", "Carol", Identity.Credential.STATIC_TOKEN, "t", List.of(), Identity.NEVER);

    private static Entrance entrance(Dialects.Name dialect, Map<String, String> parameters) {
        return dialect.entrance(parameters::get);
    }

    private static Identity guest(Credentials credentials) {
        return Identity.anonymous(credentials.claimedUser(), credentials.claimedName(), List.of());
    }

    @Test
    void nativeClientsClaimAnIdAndAName() {
        Entrance entrance = entrance(Dialects.Name.NATIVE, Map.of("user", "ann", "name", "Ann", "userId", "x"));

        Credentials claimed = entrance.claiming(NONE);
        assertThat(claimed.claimedUser()).isEqualTo("ann");
        assertThat(claimed.claimedName()).isEqualTo("Ann");
        assertThat(entrance.problem()).isNull();
        assertThat(entrance.identity(CAROL, "c1")).isEqualTo(CAROL);
        assertThat(entrance.attributes(CAROL)).isEmpty();
        assertThat(entrance(Dialects.Name.TOPICS, Map.of()).claiming(NONE)).isEqualTo(NONE);
    }

    @Test
    void inTheChatEachConnectionHasAnotherName() {
        Entrance entrance = entrance(Dialects.Name.CHAT, Map.of("user", "ann", "name", "Ann", "clientId", "tab 1"));

        assertThat(entrance.claiming(NONE)).isEqualTo(NONE);
        Identity who = entrance.identity(Identity.anonymous(null, null, List.of()), "AAECAwQFBgcICQoLDA0=");
        assertThat(who.name()).matches("[A-Z][a-z]+[A-Z][a-z]+\\d+");
        assertThat(entrance.identity(CAROL, "AAECAwQFBgcICQoLDA0=").name()).isEqualTo(who.name());
        assertThat(entrance.identity(CAROL, "AAECAwQFBgcICQoLDA0=").user()).isEqualTo("carol");
        assertThat(entrance.attributes(who)).isEqualTo(Map.of(Speaker.ROOM, "lobby", Speaker.WITHHELD, "client:tab 1"));
        assertThat(entrance(Dialects.Name.CHAT, Map.of("clientId", "")).attributes(who))
                .isEqualTo(Map.of(Speaker.ROOM, "lobby"));
    }

    @Test
    void aLongClientIdIsStillATag() {
        String plain = "x".repeat(100);
        assertThat(withheld(plain)).isEqualTo("client:" + plain);
        assertThat(withheld(plain + "x")).startsWith("client:h-").hasSizeLessThan(128);
        assertThat(withheld(plain + "y")).isNotEqualTo(withheld(plain + "x"));
    }

    private static @Nullable String withheld(String clientId) {
        return entrance(Dialects.Name.CHAT, Map.of("clientId", clientId))
                .attributes(CAROL)
                .get(Speaker.WITHHELD);
    }

    @Test
    void roomsHaveDefaults() {
        for (Map<String, String> parameters :
                List.of(Map.<String, String>of(), Map.of("userId", "", "username", "", "roomId", ""))) {
            Entrance entrance = entrance(Dialects.Name.ROOMS, parameters);
            Identity who = guest(entrance.claiming(NONE));

            assertThat(who.user()).isEqualTo("guest.anonymous");
            assertThat(who.name()).isNull();
            assertThat(entrance.attributes(who))
                    .isEqualTo(Map.of(
                            Speaker.ROOM,
                            "general",
                            Speaker.USER_ID,
                            "anonymous",
                            Speaker.WITHHELD,
                            "user:guest.anonymous"));
        }
    }

    @Test
    void anIdThatDoesNotFitIsKeptAsItWasGiven() {
        Entrance entrance =
                entrance(Dialects.Name.ROOMS, Map.of("userId", "José", "username", "J\u200b\u0007", "roomId", "é"));
        Identity who = guest(entrance.claiming(NONE));

        // SHA-256 of the id in UTF-8.
        assertThat(who.user()).matches("guest\\.h-[A-Za-z0-9_-]{43}").isEqualTo("guest." + Identity.claimFor("José"));
        assertThat(who.name()).isEqualTo("J");
        assertThat(entrance.attributes(who))
                .containsEntry(Speaker.USER_ID, "José")
                .containsEntry(Speaker.ROOM, "é")
                .containsEntry(Speaker.WITHHELD, "user:" + who.user());
        assertThat(Identity.claimFor("x".repeat(88))).isEqualTo("x".repeat(88));
        assertThat(Identity.claimFor("x".repeat(89))).startsWith("h-");
        assertThat(Identity.claimFor("guest.x")).startsWith("h-");
    }

    @Test
    void whoShowedWhoHeIsHasHisOwnId() {
        Entrance entrance =
                entrance(Dialects.Name.ROOMS, Map.of("userId", "ann", "username", "Ann", "roomId", "kitchen"));

        assertThat(entrance.identity(CAROL, "c1")).isEqualTo(CAROL);
        assertThat(entrance.attributes(CAROL))
                .isEqualTo(Map.of(Speaker.ROOM, "kitchen", Speaker.WITHHELD, "user:carol"));
    }

    @ParameterizedTest
    @CsvSource({"256, 195, true", "257, 195, false", "256, 196, false"})
    void whatIsTooLongIsRefused(int userId, int roomId, boolean fits) {
        Entrance entrance =
                entrance(Dialects.Name.ROOMS, Map.of("userId", "é".repeat(userId), "roomId", "x".repeat(roomId)));

        assertThat(entrance.problem() == null).isEqualTo(fits);
    }

    @Test
    void anIdWithControlCharactersIsRefused() {
        assertThat(entrance(Dialects.Name.ROOMS, Map.of("userId", "a\nb")).problem())
                .contains("userId");
        assertThat(entrance(Dialects.Name.ROOMS, Map.of("userId", "\ud800")).problem())
                .contains("userId");
    }

    @Test
    void anEmptyTokenIsAsGoodAsNone() {
        Credentials empty = NONE.with(Credentials.Place.QUERY, "");
        assertThat(entrance(Dialects.Name.ROOMS, Map.of()).claiming(empty).isPresented())
                .isFalse();
        assertThat(entrance(Dialects.Name.ROOMS, Map.of())
                        .claiming(NONE.with(Credentials.Place.QUERY, "x"))
                        .isPresented())
                .isTrue();
        assertThat(entrance(Dialects.Name.ROOMS, Map.of())
                        .claiming(NONE.with(Credentials.Place.BEARER, ""))
                        .isPresented())
                .isTrue();
    }
}
