package io.topicstream.access;

import io.topicstream.log.TopicName;
import io.topicstream.signal.SystemTopics;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who somebody is, as an authenticator established it.
///
/// @param user the user's id, or null for an anonymous client that claimed none. An id that an
///     anonymous client claims begins with `guest.`, so it never equals an authenticated one
/// @param name a display name, or null
/// @param credential what kind of credential showed it
/// @param credentialId which one, to end its connections when it is revoked (a key's or token's
///     id), or null
/// @param grants what they may do
/// @param expiresAtMs epoch milliseconds at which the credential ends, or [#NEVER]
/// @param issuedAtMs epoch milliseconds at which the credential was issued, where that counts against a user's being
///     signed out; or [#UNKNOWN]
public record Identity(
        @Nullable String user,
        @Nullable String name,
        Credential credential,
        @Nullable String credentialId,
        List<Grant> grants,
        long expiresAtMs,
        long issuedAtMs) {
    /// It is not known when the credential was issued.
    public static final long UNKNOWN = -1;
    /// The credential does not end by itself.
    public static final long NEVER = Long.MAX_VALUE;
    /// The longest user id, in characters.
    public static final int MAX_USER_LENGTH = 96;
    /// The longest id that an anonymous client may claim, in characters, without `guest.`: the name of the
    /// topic of two guests has both.
    public static final int MAX_CLAIMED_LENGTH = 88;
    /// The longest display name, in characters: code points.
    public static final int MAX_NAME_LENGTH = 64;

    /// The two by which Persian and Indic words and emoji are spelled.
    private static final int NON_JOINER = 0x200C;

    private static final int JOINER = 0x200D;

    /// What the ids of anonymous users begin with.
    public static final String GUEST_PREFIX = "guest.";

    /// Kinds of credentials.
    public enum Credential {
        NONE,
        API_KEY,
        STATIC_TOKEN,
        /// A token that an issuer has signed whom the configuration names.
        JWT,
        /// What the operator's own service took (`access.authorizer`).
        AUTHORIZER,
        /// What the gateway's API asked for: its authorizer, its signature or its own API key.
        GATEWAY
    }

    public Identity {
        if (user != null && (!isValidId(user) || user.startsWith(GUEST_PREFIX) != (credential == Credential.NONE))) {
            throw new IllegalArgumentException("not a user id: " + user);
        }
        if (name != null && !isValidName(name)) {
            throw new IllegalArgumentException("not a display name");
        }
        grants = List.copyOf(grants);
    }

    /// One of whose credential it is not known when it was issued, or does not count.
    public Identity(
            @Nullable String user,
            @Nullable String name,
            Credential credential,
            @Nullable String credentialId,
            List<Grant> grants,
            long expiresAtMs) {
        this(user, name, credential, credentialId, grants, expiresAtMs, UNKNOWN);
    }

    /// An anonymous client.
    ///
    /// @param claimed the id that it claims for itself, without `guest.`, or null
    public static Identity anonymous(@Nullable String claimed, @Nullable String name, List<Grant> grants) {
        return new Identity(
                claimed == null ? null : GUEST_PREFIX + claimed, name, Credential.NONE, null, grants, NEVER);
    }

    /// Whether the text can be a user's id: 1 to 96 characters of `A–Z a–z 0–9 . _ @ + -`, and not
    /// of the guests' space.
    public static boolean isValidUser(String text) {
        return !text.startsWith(GUEST_PREFIX) && isWord(text, 0, text.length(), MAX_USER_LENGTH);
    }

    /// Whether the text can name somebody: an authenticated user or a guest, whose id begins with `guest.`.
    public static boolean isValidId(String text) {
        return isValidId(text, 0, text.length());
    }

    /// The same of a part of a text.
    static boolean isValidId(String text, int from, int to) {
        if (!text.startsWith(GUEST_PREFIX, from)) {
            return isWord(text, from, to, MAX_USER_LENGTH);
        }
        int claim = from + GUEST_PREFIX.length();
        return claim <= to && !text.startsWith(GUEST_PREFIX, claim) && isWord(text, claim, to, MAX_CLAIMED_LENGTH);
    }

    private static boolean isWord(String text, int from, int to, int most) {
        if (to <= from || to - from > most) {
            return false;
        }
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (!TopicName.isAllowed(c) || c == ':' || c == '~') {
                return false;
            }
        }
        return true;
    }

    /// Whether an anonymous client may claim the text as its id: as [#isValidUser], but 1 to 88 characters.
    public static boolean isValidClaim(String text) {
        return text.length() <= MAX_CLAIMED_LENGTH && isValidUser(text);
    }

    /// The id that an anonymous client claims with this text: the text itself, or where that cannot be claimed
    /// `h-` and its SHA-256 in base64url, which everybody gets who gives the same.
    public static String claimFor(String text) {
        return isValidClaim(text)
                ? text
                : "h-" + Base64.getUrlEncoder().withoutPadding().encodeToString(Secrets.sha256(text));
    }

    /// The same, shown by this name, or by none.
    public Identity named(@Nullable String newName) {
        return new Identity(user, newName, credential, credentialId, grants, expiresAtMs, issuedAtMs);
    }

    /// Whether the text can be a display name: 1 to 64 characters, none of them a control character or
    /// otherwise invisible, but for joiners between others.
    public static boolean isValidName(String text) {
        return text.codePointCount(0, text.length()) <= MAX_NAME_LENGTH
                && text.codePoints().allMatch(c -> isJoiner(c) || isVisible(c))
                && text.codePoints().anyMatch(Identity::isVisible);
    }

    private static boolean isJoiner(int codePoint) {
        return codePoint == NON_JOINER || codePoint == JOINER;
    }

    private static boolean isVisible(int codePoint) {
        int type = Character.getType(codePoint);
        return type != Character.CONTROL
                && type != Character.FORMAT
                && type != Character.SURROGATE
                && type != Character.LINE_SEPARATOR
                && type != Character.PARAGRAPH_SEPARATOR;
    }

    /// Whether this one may do it on the topic: a grant permits it, and of the reserved topics it is one that
    /// this user has with somebody ([DirectTopic]), or one of events that an administrator reads.
    public boolean may(Permission permission, TopicName topic) {
        if (topic.isReserved() && (user == null || !DirectTopic.isOf(topic, user))) {
            return isEventsReader(permission, topic);
        }
        for (int i = 0; i < grants.size(); i++) {
            if (grants.get(i).permits(permission, topic)) {
                return true;
            }
        }
        return false;
    }

    /// What happened, and what could not be told to others, is for administrators to read and for nobody else.
    private boolean isEventsReader(Permission permission, TopicName topic) {
        boolean isReading = permission == Permission.READ || permission == Permission.SUBSCRIBE;
        return isReading && SystemTopics.hasEvents(topic) && mayEverywhere(Permission.ADMIN);
    }

    /// Whether this one may do what is a matter of the whole server.
    public boolean mayEverywhere(Permission permission) {
        return grants.stream().anyMatch(grant -> grant.permitsEverywhere(permission));
    }

    /// Whether the credential has ended.
    public boolean isExpired(long nowMs) {
        return nowMs >= expiresAtMs;
    }
}
