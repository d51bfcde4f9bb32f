package io.topicstream.tokens;

import io.topicstream.access.Identity;
import io.topicstream.access.TokenIds;
import java.util.List;

/// Which user of ours a subject of an issuer is: its prefix and the subject, or where that cannot be a user's id
/// `h-` and a hash of both.
///
/// No subject becomes a user of another issuer, unless both have the same prefix: an id belongs to the
/// issuers with the longest prefix that it begins with, and what an issuer makes that belongs to others, or
/// looks like a hash, is hashed too.
final class UserIds {
    /// What the ids of those begin with whose subject cannot be one.
    static final String HASHED = "h-";

    private final List<String> prefixes;

    /// @param prefixes of all issuers
    UserIds(List<String> prefixes) {
        this.prefixes = List.copyOf(prefixes);
    }

    String of(JwtIssuer issuer, String subject) {
        String id = issuer.userPrefix() + subject;
        boolean isOurs = Identity.isValidUser(id)
                && !id.startsWith(HASHED)
                && prefixes.stream()
                        .noneMatch(other -> other.length() > issuer.userPrefix().length() && id.startsWith(other));
        return isOurs ? id : HASHED + TokenIds.hash(issuer.issuer(), subject);
    }
}
