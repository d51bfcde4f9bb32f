package io.topicstream.access;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// An API key as it may be shown: everything but the secret.
///
/// @param id names this key, for its revocation and in [Identity#credentialId]; 16 hexadecimal
///     digits, no secret
/// @param name whose key it is: the id of the user that it stands for. Two keys of one name are one
///     user, so a key can be changed without losing subscriptions
/// @param hint the key's last four characters, to tell it from others
/// @param createdAtMs epoch milliseconds
/// @param grants what it may do, or null for [Grant#DEFAULT]
/// @param expiresAtMs epoch milliseconds at which it ends, or [Identity#NEVER]. It stays in the store, of no use,
///     until it is revoked
/// @param lastUsedAtMs epoch milliseconds, an hour too early at most; or [#NOT_USED]
public record ApiKey(
        String id,
        String name,
        String hint,
        long createdAtMs,
        @Nullable List<Grant> grants,
        long expiresAtMs,
        long lastUsedAtMs) {
    /// For `lastUsedAtMs`: never, as far as is known.
    public static final long NOT_USED = 0;

    /// A key that was just made, with its secret, which is shown this once and kept nowhere.
    public record Created(ApiKey key, String secret) {
        @Override
        public String toString() {
            return "Created[key=" + key + ", secret hidden]";
        }
    }

    public ApiKey {
        if (!Identity.isValidUser(name)) {
            throw new IllegalArgumentException("a key's name is a user id: 1 to " + Identity.MAX_USER_LENGTH
                    + " characters of A-Z a-z 0-9 . _ @ + -, and does not begin with '" + Identity.GUEST_PREFIX + "'");
        }
        grants = grants == null ? null : List.copyOf(grants);
    }

    /// The same, used at this time.
    ApiKey usedAt(long ms) {
        return new ApiKey(id, name, hint, createdAtMs, grants, expiresAtMs, ms);
    }

    /// Whether it has ended.
    public boolean isExpired(long nowMs) {
        return nowMs >= expiresAtMs;
    }

    /// Who its bearer is.
    Identity identity() {
        return new Identity(
                name, null, Identity.Credential.API_KEY, id, grants == null ? Grant.DEFAULT : grants, expiresAtMs);
    }
}
