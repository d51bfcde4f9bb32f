package io.topicstream.gateway.signature;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a request says of its own signature, not yet checked.
///
/// @param accessKeyId by which key it was made
/// @param signedHeaders the names of the fields that are signed, in lower case, in their order
/// @param signature in hexadecimal digits
/// @param time as it stands in the request, for instance `20150830T123600Z`
/// @param at the same
/// @param lasts how long it holds, or null for a signature in the header
/// @param token the session token, or null
/// @param presigned whether it stands in the query
record Claim(
        String accessKeyId,
        Canonical.Scope scope,
        List<String> signedHeaders,
        String signature,
        String time,
        Instant at,
        @Nullable Duration lasts,
        @Nullable String token,
        boolean presigned) {
    private static final String INCOMPLETE = "IncompleteSignatureException";
    private static final String INVALID = "InvalidSignatureException";

    /// How long a signature in a query holds that does not say so.
    private static final Duration USUAL = Duration.ofMinutes(5);

    /// The longest that a signature may hold, in seconds.
    private static final long MAX_SECONDS = 604_800;

    /// The claim makes no sense.
    static final class BadClaimException extends Exception {
        private static final long serialVersionUID = 1;

        private final String errorType;

        BadClaimException(String errorType, String message) {
            super(message, null, false, false);
            this.errorType = errorType;
        }

        SignatureCheck.Outcome.Bad outcome() {
            return new SignatureCheck.Outcome.Bad(errorType, String.valueOf(getMessage()));
        }
    }

    /// The claim of a request.
    ///
    /// @return null if it makes none
    static @Nullable Claim of(SignedRequest request) throws BadClaimException {
        String authorization = request.header(Canonical.AUTHORIZATION);
        if (authorization != null) {
            return ofHeader(request, authorization);
        }
        Map<String, String> query = new HashMap<>();
        for (Map.Entry<String, String> part : Canonical.parts(request.rawQuery())) {
            query.put(Encoding.decode(part.getKey()), Encoding.decode(part.getValue()));
        }
        return query.containsKey(Canonical.ALGORITHM_PARAMETER) || query.containsKey(Canonical.SIGNATURE)
                ? ofQuery(query)
                : null;
    }

    private static Claim ofHeader(SignedRequest request, String authorization) throws BadClaimException {
        int space = authorization.indexOf(' ');
        String algorithm = space < 0 ? authorization : authorization.substring(0, space);
        Map<String, String> parts = new HashMap<>();
        if (space > 0) {
            for (String part : authorization.substring(space + 1).split(",", -1)) {
                String stripped = part.strip();
                int equals = stripped.indexOf('=');
                if (equals > 0) {
                    parts.put(stripped.substring(0, equals), stripped.substring(equals + 1));
                } else if (!stripped.isEmpty()) {
                    throw new BadClaimException(
                            INCOMPLETE,
                            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256"
                                    + " and encoded with Base64): '" + hashed(authorization) + "'.");
                }
            }
        }
        String time = request.header(Canonical.DATE);
        if (time == null) {
            time = timeOf(request.header("Date"));
        }
        StringBuilder missing = new StringBuilder();
        for (String name : new String[] {"Credential", "Signature", "SignedHeaders"}) {
            if (!algorithm.equals(Canonical.ALGORITHM)
                    || parts.getOrDefault(name, "").isEmpty()) {
                missing.append("Authorization header requires '").append(name).append("' parameter. ");
            }
        }
        if (time == null) {
            missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
        }
        if (!missing.isEmpty() || time == null) {
            throw new BadClaimException(
                    INCOMPLETE,
                    missing + "(Hashed with SHA-256 and encoded with Base64) Authorization=" + hashed(authorization));
        }
        return made(
                parts.getOrDefault("Credential", ""),
                parts.getOrDefault("SignedHeaders", ""),
                parts.getOrDefault("Signature", ""),
                time,
                null,
                request.header(Canonical.SECURITY_TOKEN),
                false);
    }

    private static Claim ofQuery(Map<String, String> query) throws BadClaimException {
        if (!Canonical.ALGORITHM.equals(query.get(Canonical.ALGORITHM_PARAMETER))) {
            throw new BadClaimException(
                    INCOMPLETE, "Unsupported AWS 'algorithm': '" + query.get(Canonical.ALGORITHM_PARAMETER) + "'.");
        }
        StringBuilder missing = new StringBuilder();
        for (String name :
                new String[] {Canonical.CREDENTIAL, Canonical.SIGNATURE, Canonical.SIGNED_HEADERS, Canonical.DATE}) {
            if (query.getOrDefault(name, "").isEmpty()) {
                missing.append("AWS query-string parameters must include '")
                        .append(name)
                        .append("'. ");
            }
        }
        if (!missing.isEmpty()) {
            throw new BadClaimException(INCOMPLETE, missing + "Re-examine the query-string parameters.");
        }
        return made(
                query.getOrDefault(Canonical.CREDENTIAL, ""),
                query.getOrDefault(Canonical.SIGNED_HEADERS, ""),
                query.getOrDefault(Canonical.SIGNATURE, ""),
                query.getOrDefault(Canonical.DATE, ""),
                lasts(query.get(Canonical.EXPIRES)),
                query.get(Canonical.SECURITY_TOKEN),
                true);
    }

    private static Duration lasts(@Nullable String expires) throws BadClaimException {
        if (expires == null) {
            return USUAL;
        }
        boolean number = expires.matches("[0-9]{1,9}");
        if (!number || Long.parseLong(expires) > MAX_SECONDS) {
            throw new BadClaimException(
                    INCOMPLETE, "'X-Amz-Expires' must be a number of seconds from 0 to " + MAX_SECONDS + ".");
        }
        return Duration.ofSeconds(Long.parseLong(expires));
    }

    private static Claim made(
            String credential,
            String signedHeaders,
            String signature,
            String time,
            @Nullable Duration lasts,
            @Nullable String token,
            boolean presigned)
            throws BadClaimException {
        String[] parts = credential.split("/", -1);
        if (parts.length < 5) {
            throw new BadClaimException(
                    INCOMPLETE,
                    "Credential must have at least 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '"
                            + credential + "'.");
        }
        int last = parts.length - 1;
        if (!parts[last].equals(Canonical.TERMINATOR)) {
            throw new BadClaimException(
                    INVALID,
                    "Credential should be scoped with a valid terminator: '" + Canonical.TERMINATOR + "', not '"
                            + parts[last] + "'.");
        }
        Instant at;
        try {
            at = Canonical.instant(time);
        } catch (DateTimeException _) {
            throw new BadClaimException(
                    INCOMPLETE,
                    "Date must be in ISO-8601 'basic format'. Got '" + time
                            + "'. See http://en.wikipedia.org/wiki/ISO_8601.");
        }
        String day = parts[last - 3];
        if (!time.startsWith(day) || day.length() != 8) {
            throw new BadClaimException(
                    INVALID,
                    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" + day
                            + "' != '" + time.substring(0, 8) + "', from '" + time + "'.");
        }
        List<String> names = List.of(signedHeaders.split(";", -1));
        if (!names.contains("host")) {
            throw new BadClaimException(
                    INVALID, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
        }
        // The id of a key may have slashes in it.
        String accessKeyId = String.join("/", Arrays.asList(parts).subList(0, last - 3));
        Canonical.Scope scope = new Canonical.Scope(day, parts[last - 2], parts[last - 1]);
        return new Claim(accessKeyId, scope, names, signature, time, at, lasts, token, presigned);
    }

    /// The field `Date` in the form of `X-Amz-Date`; null if it is not there or no date.
    private static @Nullable String timeOf(@Nullable String date) {
        if (date == null) {
            return null;
        }
        if (date.matches("[0-9]{8}T[0-9]{6}Z")) {
            return date;
        }
        try {
            return Canonical.time(ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant());
        } catch (DateTimeException _) {
            return null;
        }
    }

    private static String hashed(String authorization) {
        return Base64.getEncoder().encodeToString(Canonical.digest(authorization.getBytes(StandardCharsets.UTF_8)));
    }
}
