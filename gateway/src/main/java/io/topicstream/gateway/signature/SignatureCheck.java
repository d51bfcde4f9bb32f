package io.topicstream.gateway.signature;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Says who signed a request, and whether he may do what he asks for. Thread-safe; does not block.
///
/// A signature stands in the field `Authorization` or in the query. It holds for five minutes around its time; one in
/// a query for as long as it says. Signers differ in how they encode a path and a query that are encoded already:
/// AWS wants each segment encoded once more, and dots and doubled slashes taken out. What is signed as it is sent is
/// taken too, as signers written by hand do that.
public final class SignatureCheck {
    /// The action of who opens a connection.
    public static final String INVOKE = "execute-api:Invoke";

    /// The action of who posts to connections.
    public static final String MANAGE_CONNECTIONS = "execute-api:ManageConnections";

    private static final String SERVICE = "execute-api";
    private static final Duration SKEW = Duration.ofMinutes(5);
    private static final String INVALID = "InvalidSignatureException";

    private final Map<String, SigningKey> keys = new HashMap<>();
    private final @Nullable String region;
    private final InstantSource clock;

    /// One that takes signatures for any region.
    ///
    /// @param keys that are known
    /// @param clock the time of day
    public SignatureCheck(List<SigningKey> keys, InstantSource clock) {
        this(keys, clock, null);
    }

    /// @param keys that are known
    /// @param clock the time of day
    /// @param region that signatures must be for, or null for any
    public SignatureCheck(List<SigningKey> keys, InstantSource clock, @Nullable String region) {
        for (SigningKey key : keys) {
            this.keys.put(key.credentials().accessKeyId(), key);
        }
        this.clock = clock;
        this.region = region;
    }

    /// Checks a request, signed in its header fields or in its query.
    ///
    /// @param action what the caller wants to do
    /// @param resource what with, an ARN; of callbacks with `{connectionId}` literally
    public Outcome check(SignedRequest request, String action, String resource) {
        Claim claim;
        try {
            claim = Claim.of(request);
        } catch (Claim.BadClaimException e) {
            return e.outcome();
        }
        if (claim == null) {
            return new Outcome.Missing();
        }
        SigningKey key = keys.get(claim.accessKeyId());
        if (key == null || !hasToken(key, claim.token())) {
            return new Outcome.Bad(
                    "UnrecognizedClientException", "The security token included in the request is invalid.");
        }
        String wrong = wrongScope(claim.scope());
        if (wrong == null) {
            wrong = wrongTime(claim);
        }
        if (wrong != null) {
            return new Outcome.Bad(INVALID, wrong);
        }
        String expected = null;
        for (String canonical : readings(request, claim)) {
            String toSign = Canonical.stringToSign(claim.time(), claim.scope(), canonical);
            String signature = Canonical.signature(key.credentials().secretAccessKey(), claim.scope(), toSign);
            if (same(signature, claim.signature())) {
                return allowed(key, action, resource);
            }
            if (expected == null) {
                expected = mismatch(canonical, toSign);
            }
        }
        return new Outcome.Bad(INVALID, expected == null ? NO_MATCH : expected);
    }

    private static final String NO_MATCH =
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret"
                    + " Access Key and signing method. Consult the service documentation for details.";

    /// What AWS says, for who writes a signer. It has nothing in it but what the caller sent.
    private static String mismatch(String canonical, String toSign) {
        return NO_MATCH + "\n\nThe Canonical String for this request should have been\n'" + canonical
                + "'\n\nThe String-to-Sign should have been\n'" + toSign + "'\n";
    }

    private static boolean hasToken(SigningKey key, @Nullable String token) {
        String known = key.credentials().sessionToken();
        return known == null ? token == null : token != null && same(known, token);
    }

    /// Takes as long whether they differ early or late.
    private static boolean same(String one, String other) {
        return MessageDigest.isEqual(one.getBytes(UTF_8), other.getBytes(UTF_8));
    }

    private @Nullable String wrongScope(Canonical.Scope scope) {
        if (!scope.service().equals(SERVICE)) {
            return "Credential should be scoped to correct service: '" + SERVICE + "'. ";
        }
        return region == null || scope.region().equals(region)
                ? null
                : "Credential should be scoped to a valid region. ";
    }

    private @Nullable String wrongTime(Claim claim) {
        Instant now = clock.instant();
        Duration lasts = claim.lasts();
        Instant until = claim.at().plus(lasts == null ? SKEW : lasts);
        if (now.isAfter(until)) {
            return lasts == null
                    ? "Signature expired: " + claim.time() + " is now earlier than " + Canonical.time(now.minus(SKEW))
                            + " (" + Canonical.time(now) + " - 5 min.)"
                    : "Signature expired: " + Canonical.time(until) + " is now earlier than " + Canonical.time(now);
        }
        if (claim.at().isAfter(now.plus(SKEW))) {
            return "Signature not yet current: " + claim.time() + " is still later than "
                    + Canonical.time(now.plus(SKEW)) + " (" + Canonical.time(now) + " + 5 min.)";
        }
        return null;
    }

    /// All texts that the caller may have signed, with the one that AWS expects first.
    private static Set<String> readings(SignedRequest request, Claim claim) {
        StringBuilder headers = new StringBuilder();
        for (String name : claim.signedHeaders()) {
            Canonical.header(headers, name, request.values(name));
        }
        List<Map.Entry<String, String>> parts = new ArrayList<>(Canonical.parts(request.rawQuery()));
        if (claim.presigned()) {
            parts.removeIf(part -> part.getKey().equals(Canonical.SIGNATURE));
        }
        String lines = headers.toString();
        String names = String.join(";", claim.signedHeaders());
        String normalized = Canonical.normalized(request.rawPath());
        List<String> paths =
                List.of(Encoding.path(normalized), Encoding.path(request.rawPath()), normalized, request.rawPath());
        List<String> queries = List.of(Canonical.query(Canonical.encodedAnew(parts)), Canonical.query(parts));
        List<String> hashes = payloadHashes(request, claim);
        Set<String> readings = new LinkedHashSet<>();
        for (String hash : hashes) {
            for (String path : paths) {
                for (String query : queries) {
                    readings.add(Canonical.request(request.method(), path, query, lines, names, hash));
                }
            }
        }
        return readings;
    }

    /// What may stand for the body: its hash, or that it is not signed, where the caller says so.
    private static List<String> payloadHashes(SignedRequest request, Claim claim) {
        String said = request.header(Canonical.CONTENT_SHA256);
        if (Canonical.UNSIGNED_PAYLOAD.equals(said)) {
            return List.of(Canonical.UNSIGNED_PAYLOAD);
        }
        String hash = Canonical.sha256(request.body());
        // Signers of addresses differ in what they take for no body.
        return said == null && claim.presigned() ? List.of(hash, Canonical.UNSIGNED_PAYLOAD) : List.of(hash);
    }

    private static Outcome allowed(SigningKey key, String action, String resource) {
        Caller caller = new Caller(key.name(), key.arn(), key.credentials().accessKeyId());
        for (SigningKey.Allow allow : key.allows()) {
            if (Wildcards.match(allow.action().toLowerCase(Locale.ROOT), action.toLowerCase(Locale.ROOT))
                    && Wildcards.match(allow.resource(), resource)) {
                return new Outcome.Ok(caller);
            }
        }
        return new Outcome.Denied(
                caller,
                "User: " + key.arn() + " is not authorized to perform: " + action + " on resource: " + masked(resource)
                        + " because no identity-based policy allows the " + action + " action");
    }

    /// The ARN with most of the account's number hidden, as API Gateway shows it.
    private static String masked(String resource) {
        return resource.replaceFirst("^(arn:[^:]*:[^:]*:[^:]*:)[0-9]{8}([0-9]{4}:)", "$1********$2");
    }

    /// What came of a check.
    public sealed interface Outcome {
        /// It is not signed. Status 403, `MissingAuthenticationTokenException`.
        record Missing() implements Outcome {
            /// What AWS says then.
            public static final String MESSAGE = "Missing Authentication Token";
        }

        /// It is signed wrongly. Status 403.
        ///
        /// @param errorType AWS's name of the error, for `x-amzn-ErrorType`
        /// @param message what AWS says then
        record Bad(String errorType, String message) implements Outcome {}

        /// It is signed rightly, by who may not. Status 403, `AccessDeniedException`; the body's member is `Message`.
        ///
        /// @param message what AWS says then
        record Denied(Caller caller, String message) implements Outcome {}

        /// It is signed rightly, by who may.
        record Ok(Caller caller) implements Outcome {}
    }

    /// Who signed.
    ///
    /// @param name of the key
    /// @param arn of the caller
    /// @param accessKeyId that was used
    public record Caller(String name, String arn, String accessKeyId) {}
}
