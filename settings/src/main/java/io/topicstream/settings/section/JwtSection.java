package io.topicstream.settings.section;

import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import io.topicstream.tokens.JwtIssuer;
import java.util.List;

/// Issuers whose tokens are believed.
public final class JwtSection {
    public static final Rows ROWS = new Rows();

    private static final Setting<List<JwtIssuersKind.Written>> JWT =
            ROWS.add("access.jwt", new JwtIssuersKind(), List.of(), "Issuers whose tokens (JWT) log callers in");

    private JwtSection() {}

    /// What the settings say.
    public static List<JwtIssuer> of(Values values) {
        return values.get(JWT).stream().map(JwtIssuersKind.Written::issuer).toList();
    }
}
