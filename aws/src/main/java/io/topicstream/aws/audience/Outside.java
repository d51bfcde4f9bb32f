package io.topicstream.aws.audience;

import io.topicstream.tokens.JwtIssuer;
import io.topicstream.tokens.authorizer.AuthorizerSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who outside is believed when it says who a caller is, beside the keys that are kept in the store.
///
/// @param issuers whose tokens are believed
/// @param authorizer the operator's own service; null without one
public record Outside(List<JwtIssuer> issuers, @Nullable AuthorizerSettings authorizer) {
    /// Nobody.
    public static final Outside NOBODY = new Outside(List.of(), null);

    public Outside {
        issuers = List.copyOf(issuers);
    }
}
