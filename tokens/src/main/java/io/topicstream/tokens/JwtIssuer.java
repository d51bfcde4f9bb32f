package io.topicstream.tokens;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An issuer whose tokens are believed, as the configuration has it.
///
/// @param issuer what its tokens say as `iss`, to the letter
/// @param keys where its keys are
/// @param algorithms how it may sign; of those that fit a key the first one counts, unless the key itself names one
/// @param audience for whom its tokens must be: at least one of these
/// @param audienceClaim the claim that says so
/// @param typ what tokens must call themselves in their header, or null: `JWT`, `at+jwt` or nothing
/// @param userClaim the claim with the user's id
/// @param userPrefix what stands before that id here; may be empty
/// @param nameClaim the claim with the display name
/// @param grantsClaim the claim with the grants, or null: tokens say nothing of them
/// @param grants what bearers may do whose tokens say nothing of it
/// @param mayGrantAdmin whether tokens may grant `admin` and `metrics`
/// @param maxAge after how long from `iat` a token ends, whatever it says; null: only by `exp`
/// @param skew by how much the issuer's clock and ours may differ
public record JwtIssuer(
        String issuer,
        Source keys,
        List<JwtAlgorithm> algorithms,
        List<String> audience,
        String audienceClaim,
        @Nullable String typ,
        String userClaim,
        String userPrefix,
        String nameClaim,
        @Nullable String grantsClaim,
        List<Grant> grants,
        boolean mayGrantAdmin,
        @Nullable Duration maxAge,
        Duration skew) {
    /// The most that the clocks may differ.
    public static final Duration MAX_SKEW = Duration.ofSeconds(60);

    /// The longest text before users' ids, in characters.
    public static final int MAX_PREFIX_LENGTH = 32;

    public JwtIssuer {
        algorithms = List.copyOf(algorithms);
        audience = List.copyOf(audience);
        grants = List.copyOf(grants);
    }

    /// Where the keys of an issuer are.
    public sealed interface Source {
        /// At a URL, as a set of keys (JWKS), which changes from time to time.
        ///
        /// @param url see [JwtIssuer#isJwksUrl]
        record Jwks(URI url) implements Source {}

        /// In a file: a public key in PEM, a JWK, or a set of them. Read at the start.
        record KeyFile(Path path) implements Source {}

        /// In a file: a secret that the issuer has too. Read at the start.
        record SecretFile(Path path) implements Source {}
    }

    /// Whether keys may be fetched from there: by `https`, or by `http` from this machine, where nobody is between.
    public static boolean isJwksUrl(String text) {
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            return false;
        }
        String host = url.getHost();
        if (host == null || url.getRawUserInfo() != null || url.getRawFragment() != null) {
            return false;
        }
        return "https".equals(url.getScheme()) || ("http".equals(url.getScheme()) && isLoopback(host));
    }

    /// Whether the text can stand before users' ids.
    public static boolean isUserPrefix(String text) {
        return text.isEmpty()
                || (text.length() <= MAX_PREFIX_LENGTH
                        && Identity.isValidUser(text)
                        && !text.startsWith(UserIds.HASHED));
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.\\d{1,3}){3}");
    }
}
