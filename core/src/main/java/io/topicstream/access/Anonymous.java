package io.topicstream.access;

import io.topicstream.access.Authentication.Known;
import io.topicstream.access.Authentication.Refused;
import io.topicstream.protocol.ErrorCode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Callers who show nothing. Last in the chain, and only in it where the server is open to them
/// (by default: where it listens on loopback alone).
///
/// They may claim an id and a display name. The id gets the space of the guests (`guest.`), so it is
/// never that of somebody who showed who he is. Whoever presented anything at all is none of them.
public final class Anonymous implements Authenticator {
    private static final Refused BAD_USER = new Refused(
            ErrorCode.BAD_FRAME,
            "user is 1 to " + Identity.MAX_CLAIMED_LENGTH
                    + " characters of A-Z a-z 0-9 . _ @ + - and does not begin with '" + Identity.GUEST_PREFIX + "'");
    private static final Refused BAD_NAME = new Refused(
            ErrorCode.BAD_FRAME, "name is 1 to " + Identity.MAX_NAME_LENGTH + " characters, none of them invisible");

    private final List<Grant> grants;
    /// Made once: most of those who show nothing claim nothing either, and over HTTP each request is asked about.
    private final CompletionStage<Authentication> nameless;

    /// @param grants what they may do
    public Anonymous(List<Grant> grants) {
        this.grants = List.copyOf(grants);
        this.nameless = CompletableFuture.completedFuture(new Known(Identity.anonymous(null, null, this.grants)));
    }

    @Override
    public CompletionStage<Authentication> authenticate(Credentials credentials) {
        boolean claims = credentials.claimedUser() != null || credentials.claimedName() != null;
        return credentials.isPresented() || claims ? CompletableFuture.completedFuture(judge(credentials)) : nameless;
    }

    private Authentication judge(Credentials credentials) {
        if (credentials.isPresented()) {
            return Authentication.NOT_MINE;
        }
        @Nullable String user = credentials.claimedUser();
        if (user != null && !Identity.isValidClaim(user)) {
            return BAD_USER;
        }
        @Nullable String name = credentials.claimedName();
        if (name != null && !Identity.isValidName(name)) {
            return BAD_NAME;
        }
        return new Known(Identity.anonymous(user, name, grants));
    }
}
