package io.topicstream.tokens;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.TokenIds;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Kind;
import io.topicstream.json.JsonObjectReader.Member;
import io.topicstream.tokens.KeySet.Verdict;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one issuer's tokens are held to, and what they say of their bearer. Thread-safe.
final class Issuer {
    /// The 31st of December 9999: what ends later is no time but a mistake.
    private static final double LAST_SECOND = 253_402_300_799d;
    /// The longest number that is read.
    private static final int MAX_NUMBER_LENGTH = 32;
    /// What tokens may call themselves where the configuration says nothing: those of OAuth (RFC 9068) and
    /// OpenID Connect.
    private static final Set<String> TYPES = Set.of("jwt", "at+jwt");
    private static final String MEDIA_TYPE = "application/";

    private final JwtIssuer settings;
    private final UserIds users;
    private final Keys keys;
    private final long skewMs;

    // What is asked of the claims, and their reader. One claim may be asked for several things.
    private final JsonObjectReader.Builder claims = new JsonObjectReader.Builder();
    private final Map<String, Member> members = new HashMap<>();
    private final Member exp = claim("exp");
    private final Member nbf = claim("nbf");
    private final Member iat = claim("iat");
    private final Member jti = claim("jti");
    private final Member audience;
    private final Member user;
    private final Member name;
    private final @Nullable Member grants;

    Issuer(JwtIssuer settings, UserIds users, Keys keys) {
        this.settings = settings;
        this.users = users;
        this.keys = keys;
        this.skewMs = settings.skew().toMillis();
        this.audience = claim(settings.audienceClaim());
        this.user = claim(settings.userClaim());
        this.name = claim(settings.nameClaim());
        this.grants = settings.grantsClaim() == null ? null : claim(settings.grantsClaim());
    }

    private Member claim(String itsName) {
        return members.computeIfAbsent(itsName, claims::add);
    }

    Keys keys() {
        return keys;
    }

    String name() {
        return settings.issuer();
    }

    /// What a token is found to be.
    sealed interface Finding {
        /// Everything about it is right.
        record Right(Identity identity) implements Finding {}

        /// Something is wrong.
        ///
        /// @param why for the log, never for the bearer
        record Wrong(String why) implements Finding {}

        /// It is signed with a key that is not among these; whether it is right is not known.
        record NoKey() implements Finding {}
    }

    /// Holds a token against these keys and against the time.
    Finding judge(SignedToken token, KeySet these, long nowMs) {
        JsonObjectReader said = claims.build();
        if (!said.read(token.claims(), 0, token.claims().length)) {
            return new Finding.Wrong("its claims are not JSON, or ambiguous");
        }
        @Nullable String problem = problem(token, said, nowMs);
        if (problem != null) {
            return new Finding.Wrong(problem);
        }
        // Last, since it costs most. Nothing above tells the caller anything.
        return switch (these.judge(token)) {
            case Verdict.NO_KEY -> new Finding.NoKey();
            case Verdict.WRONG -> new Finding.Wrong("its signature is wrong, or its algorithm is not that of the key");
            case Verdict.RIGHT -> bearer(token, said, nowMs);
        };
    }

    private @Nullable String problem(SignedToken token, JsonObjectReader said, long nowMs) {
        if (!token.isPlain()) {
            return "its header has crit or b64";
        }
        if (!isType(token.typ())) {
            return "its header has another typ";
        }
        long endsAtMs = time(said, exp);
        if (endsAtMs < 0 || nowMs >= endsAtMs + skewMs) {
            return "exp is missing, no number, or past";
        }
        if (said.has(nbf) && isFuture(time(said, nbf), nowMs)) {
            return "nbf is no number, or in the future";
        }
        if (said.has(iat) && isFuture(time(said, iat), nowMs)) {
            return "iat is no number, or in the future";
        }
        if (settings.maxAge() != null
                && (!said.has(iat)
                        || nowMs >= time(said, iat) + settings.maxAge().toMillis() + skewMs)) {
            return "iat is missing, or longer ago than max_age";
        }
        return isForUs(said) ? null : settings.audienceClaim() + " names none of the audiences";
    }

    private boolean isType(@Nullable String typ) {
        @Nullable String wanted = settings.typ();
        if (typ == null) {
            return wanted == null;
        }
        String plain = typ.regionMatches(true, 0, MEDIA_TYPE, 0, MEDIA_TYPE.length())
                ? typ.substring(MEDIA_TYPE.length())
                : typ;
        return wanted == null ? TYPES.stream().anyMatch(plain::equalsIgnoreCase) : plain.equalsIgnoreCase(wanted);
    }

    private boolean isFuture(long timeMs, long nowMs) {
        return timeMs < 0 || timeMs > nowMs + skewMs;
    }

    /// Epoch milliseconds of a claim in seconds, which may have a fraction; -1 for everything else.
    private static long time(JsonObjectReader said, Member claim) {
        if (!said.has(claim) || said.kind(claim) != Kind.NUMBER || said.length(claim) > MAX_NUMBER_LENGTH) {
            return -1;
        }
        double seconds = Double.parseDouble(new String(said.raw(claim), UTF_8));
        return seconds >= 0 && seconds <= LAST_SECOND ? (long) (seconds * 1000) : -1;
    }

    private boolean isForUs(JsonObjectReader said) {
        @Nullable String one = said.string(audience);
        if (one != null) {
            return settings.audience().contains(one);
        }
        @Nullable List<String> several = said.texts(audience, Integer.MAX_VALUE);
        return several != null && several.stream().anyMatch(settings.audience()::contains);
    }

    private Finding bearer(SignedToken token, JsonObjectReader said, long nowMs) {
        @Nullable String subject = said.string(user);
        if (subject == null || subject.isEmpty()) {
            return new Finding.Wrong(settings.userClaim() + " is missing, or no text");
        }
        @Nullable
        List<Grant> granted = grants == null || !said.has(grants)
                ? settings.grants()
                : GrantsClaim.read(said, grants, token.claims());
        if (granted == null) {
            return new Finding.Wrong(settings.grantsClaim() + " is no list of grants");
        }
        @Nullable String id = said.string(jti);
        if (said.has(jti) && (id == null || id.isEmpty())) {
            return new Finding.Wrong("jti is no text");
        }
        @Nullable String shown = said.string(name);
        long endsAtMs = time(said, exp);
        if (settings.maxAge() != null) {
            endsAtMs = Math.min(endsAtMs, time(said, iat) + settings.maxAge().toMillis());
        }
        return new Finding.Right(new Identity(
                users.of(settings, subject),
                shown != null && Identity.isValidName(shown) ? shown : null,
                Identity.Credential.JWT,
                id == null ? TokenIds.ofContent(token.signingInput()) : TokenIds.ofId(settings.issuer(), id),
                grants == null || !said.has(grants) || settings.mayGrantAdmin() ? granted : Grant.modest(granted),
                endsAtMs + skewMs,
                // Of an issuer whose clock is ahead: it was issued before it was seen here.
                said.has(iat) ? Math.min(time(said, iat), nowMs) : Identity.UNKNOWN));
    }
}
