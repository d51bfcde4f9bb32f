package io.topicstream.server.config.section;

import static io.topicstream.settings.Units.MANY;

import io.topicstream.access.StaticToken;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import io.topicstream.settings.section.JwtSection;
import io.topicstream.tokens.JwtIssuer;
import java.util.List;

/// Who is let in.
///
/// @param jwt issuers whose tokens are believed
public record AccessSection(
        Guests anonymous, List<StaticToken> tokens, List<JwtIssuer> jwt, int wrongCredentialsPerMinute) {
    public static final Rows ROWS = new Rows();

    private static final Setting<Guests> ANONYMOUS = ROWS.add(
            "access.anonymous",
            Kind.oneOf(List.of(Guests.values()), Guests::wireName),
            Guests.AUTO,
            "Whether callers without a credential are let in; auto: from this machine alone, until the first key");
    private static final Setting<List<StaticToken>> TOKENS =
            ROWS.add("access.tokens", new TokensKind(), List.of(), "Static tokens and whom they stand for (secret)");

    static {
        ROWS.addAll(JwtSection.ROWS);
    }

    private static final Setting<Integer> WRONG_CREDENTIALS_PER_MINUTE = ROWS.add(
            "access.wrong_credentials_per_minute",
            Kind.number(1, MANY),
            1000,
            "Wrong credentials of one address in a minute, after which further wrong ones get 429; right ones never do");

    /// Whether callers without a credential are let in.
    public enum Guests {
        /// Those on this machine, as long as nothing says that the server knows its callers or that others reach it.
        AUTO,
        ON,
        OFF;

        /// The name in the configuration.
        public String wireName() {
            return switch (this) {
                case AUTO -> "auto";
                case ON -> "on";
                case OFF -> "off";
            };
        }
    }

    /// What the settings say.
    public static AccessSection of(Values values) {
        return new AccessSection(
                values.get(ANONYMOUS),
                values.get(TOKENS),
                JwtSection.of(values),
                values.get(WRONG_CREDENTIALS_PER_MINUTE));
    }

    /// Whether callers can be told apart by tokens; those of our documents' examples tell nobody apart.
    public boolean hasTokens() {
        return !jwt.isEmpty() || tokens.stream().anyMatch(token -> !token.isExample());
    }
}
