package io.topicstream.access;

import io.topicstream.access.Authentication.Refused;
import io.topicstream.protocol.ErrorCode;
import java.util.Locale;

/// How rights end, and in which words their bearer is told: the same at every door.
public enum RightsEnd {
    /// The credential has ended by itself.
    EXPIRED(ErrorCode.UNAUTHENTICATED, "the credentials have ended"),
    /// The credential was revoked.
    REVOKED(ErrorCode.UNAUTHENTICATED, "the credentials were revoked"),
    /// The user is blocked, whatever he shows.
    BLOCKED(ErrorCode.FORBIDDEN, "this user is blocked"),
    /// The user was signed out everywhere.
    SIGNED_OUT(ErrorCode.UNAUTHENTICATED, "this user was signed out");

    private static final Refused BLOCKED_USER = new Refused(BLOCKED.code, BLOCKED.reason);

    private final ErrorCode code;
    private final String reason;

    RightsEnd(ErrorCode code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    /// The name for whom it is told outside.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// With which close code a connection ends.
    public int closeCode() {
        return code.closeCode();
    }

    /// For which reason it ends, for people.
    public String reason() {
        return reason;
    }

    /// What one is told who comes now. It says no more of a credential than that it is not valid.
    public Refused refused() {
        return switch (this) {
            case BLOCKED -> BLOCKED_USER;
            case EXPIRED, REVOKED, SIGNED_OUT -> Authenticators.WRONG;
        };
    }
}
