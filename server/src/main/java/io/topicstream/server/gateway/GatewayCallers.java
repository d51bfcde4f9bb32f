package io.topicstream.server.gateway;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.gateway.exchange.Peer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who the client of a gateway connection is to topics: whom the API let in, as far as it asked.
final class GatewayCallers {
    /// What an authorizer says of its caller's grants: as the command line has them, with spaces between.
    static final String GRANTS = "topicstreamGrants";

    private static final String PRINCIPAL = "principalId";
    private static final String USER_ARN = "userArn";
    private static final String KEY_ID = "apiKeyId";

    private GatewayCallers() {}

    /// Whom the API found: what its authorizer says first, then who signed, then whose key of a usage plan it is.
    ///
    /// @return null where the API asked for nothing: then it is for the server to find out
    /// @throws IllegalArgumentException with a sentence, if the authorizer gives grants that are none
    static @Nullable Identity of(Peer peer) {
        Map<String, Object> said = peer.authorizer();
        if (!said.isEmpty()) {
            return identity(said.get(PRINCIPAL), grants(said.get(GRANTS)));
        }
        String arn = peer.identity().get(USER_ARN);
        if (arn != null) {
            return identity(arn.substring(arn.lastIndexOf('/') + 1), Grant.DEFAULT);
        }
        String key = peer.identity().get(KEY_ID);
        return key == null ? null : identity(key, Grant.DEFAULT);
    }

    private static Identity identity(@Nullable Object name, List<Grant> grants) {
        String text = name == null ? "" : name.toString();
        return new Identity(
                text.isEmpty() ? null : Identity.claimFor(text),
                null,
                Identity.Credential.GATEWAY,
                null,
                grants,
                Identity.NEVER);
    }

    private static List<Grant> grants(@Nullable Object said) {
        if (said == null) {
            return Grant.DEFAULT;
        }
        List<Grant> grants = new ArrayList<>();
        for (String one : said.toString().split(" ", -1)) {
            if (!one.isEmpty()) {
                grants.add(Grant.parse(one));
            }
        }
        return grants;
    }
}
