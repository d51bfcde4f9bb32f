package io.topicstream.settings.section;

import io.topicstream.access.Grant;
import io.topicstream.settings.ConfigNode;
import io.topicstream.settings.EntriesKind;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Problems;
import io.topicstream.tokens.JwtAlgorithm;
import io.topicstream.tokens.JwtIssuer;
import io.topicstream.tokens.JwtIssuer.Source;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The list of issuers whose tokens are believed.
final class JwtIssuersKind extends EntriesKind<JwtIssuersKind.Written> {
    private static final String JWKS_URL = "jwks_url";
    private static final String KEY_FILE = "key_file";
    private static final String SECRET_FILE = "secret_file";
    private static final List<String> SOURCES = List.of(JWKS_URL, KEY_FILE, SECRET_FILE);
    private static final Set<String> KEYS = Set.of(
            "issuer",
            JWKS_URL,
            KEY_FILE,
            SECRET_FILE,
            "algorithms",
            "audience",
            "audience_claim",
            "typ",
            "user_claim",
            "user_prefix",
            "name_claim",
            "grants_claim",
            "grants",
            "grant_admin",
            "max_age",
            "skew");

    private static final Kind<String> ISSUER = Kind.text(
            "what its tokens say as iss: 1 to 512 visible ASCII characters", text -> text.matches("[!-~]{1,512}"));
    private static final Kind<String> URL = Kind.text(
            "an https URL, or an http one of this machine, without a user or a fragment", JwtIssuer::isJwksUrl);
    private static final Kind<List<String>> ALGORITHMS = Kind.list(
            "one of " + Arrays.stream(JwtAlgorithm.values()).map(Enum::name).collect(Collectors.joining(", ")),
            text -> Arrays.stream(JwtAlgorithm.values())
                    .anyMatch(one -> one.name().equals(text)));
    private static final Kind<List<String>> AUDIENCE =
            Kind.list("1 to 512 visible ASCII characters", text -> text.matches("[!-~]{1,512}"));
    private static final Kind<String> CLAIM =
            Kind.text("a claim's name: 1 to 128 visible ASCII characters", text -> text.matches("[!-~]{1,128}"));
    private static final Kind<String> TYP =
            Kind.text("a type such as JWT or at+jwt, without application/", text -> text.matches("[!-.0-~]{1,64}"));
    private static final Kind<String> PREFIX = Kind.text(
            "0 to " + JwtIssuer.MAX_PREFIX_LENGTH
                    + " characters of A-Z a-z 0-9 . _ @ + -, not beginning with 'guest.' or 'h-'",
            JwtIssuer::isUserPrefix);
    private static final Kind<Duration> MAX_AGE = Kind.time(Duration.ofSeconds(1), Duration.ofDays(366));
    private static final Kind<Duration> SKEW = Kind.time(Duration.ZERO, JwtIssuer.MAX_SKEW);
    private static final Duration DEFAULT_SKEW = Duration.ofSeconds(10);

    /// An issuer as it stands in the list.
    ///
    /// @param prefixed whether it says what stands before its users' ids
    record Written(JwtIssuer issuer, boolean prefixed) {}

    JwtIssuersKind() {
        super("a list of {issuer, jwks_url or key_file or secret_file, audience, algorithms?, audience_claim?, typ?,"
                + " user_claim?, user_prefix?, name_claim?, grants_claim?, grants?, grant_admin?, max_age?, skew?}");
    }

    @Override
    protected @Nullable Written entry(ConfigNode node, String path, Place where, Problems problems) {
        @Nullable Map<String, ConfigNode> members = members(node, path, KEYS, where, problems);
        if (members == null) {
            return null;
        }
        int before = problems.lines().size();
        for (String key : List.of("issuer", "audience")) {
            if (!members.containsKey(key)) {
                problems.add(where.at(node), path + "." + key + " is missing");
            }
        }
        @Nullable String issuer = member(members, "issuer", ISSUER, path, where, problems);
        @Nullable List<String> audience = member(members, "audience", AUDIENCE, path, where, problems);
        if (audience != null && audience.isEmpty()) {
            problems.add(where.at(node), path + ".audience is empty; allowed is at least one");
        }
        @Nullable Source source = source(members, node, path, where, problems);
        @Nullable List<JwtAlgorithm> algorithms = algorithms(members, source, node, path, where, problems);
        @Nullable String typ = member(members, "typ", TYP, path, where, problems);
        String audienceClaim = claim(members, "audience_claim", "aud", path, where, problems);
        String userClaim = claim(members, "user_claim", "sub", path, where, problems);
        String nameClaim = claim(members, "name_claim", "name", path, where, problems);
        @Nullable String grantsClaim = member(members, "grants_claim", CLAIM, path, where, problems);
        @Nullable String prefix = member(members, "user_prefix", PREFIX, path, where, problems);
        @Nullable List<Grant> grants = member(members, "grants", GrantsKind.GRANTS, path, where, problems);
        @Nullable Boolean grantAdmin = member(members, "grant_admin", Kind.truth(), path, where, problems);
        @Nullable Duration maxAge = member(members, "max_age", MAX_AGE, path, where, problems);
        @Nullable Duration skew = member(members, "skew", SKEW, path, where, problems);
        if (issuer == null
                || audience == null
                || source == null
                || algorithms == null
                || problems.lines().size() > before) {
            return null;
        }
        return new Written(
                new JwtIssuer(
                        issuer,
                        source,
                        algorithms,
                        audience,
                        audienceClaim,
                        typ,
                        userClaim,
                        prefix == null ? "" : prefix,
                        nameClaim,
                        grantsClaim,
                        grants == null ? Grant.DEFAULT : grants,
                        grantAdmin != null && grantAdmin,
                        maxAge,
                        skew == null ? DEFAULT_SKEW : skew),
                prefix != null);
    }

    private static String claim(
            Map<String, ConfigNode> members,
            String key,
            String otherwise,
            String path,
            Place where,
            Problems problems) {
        @Nullable String name = member(members, key, CLAIM, path, where, problems);
        return name == null ? otherwise : name;
    }

    private static @Nullable Source source(
            Map<String, ConfigNode> members, ConfigNode node, String path, Place where, Problems problems) {
        List<String> given = SOURCES.stream().filter(members::containsKey).toList();
        if (given.size() != 1) {
            problems.add(
                    where.at(node),
                    path + " has " + (given.isEmpty() ? "no keys" : String.join(" and ", given)) + "; give one of "
                            + String.join(", ", SOURCES));
            return null;
        }
        @Nullable String url = member(members, JWKS_URL, URL, path, where, problems);
        if (url != null) {
            return new Source.Jwks(URI.create(url));
        }
        @Nullable Path keys = member(members, KEY_FILE, Kind.directory(), path, where, problems);
        if (keys != null) {
            return new Source.KeyFile(keys);
        }
        @Nullable Path secret = member(members, SECRET_FILE, Kind.directory(), path, where, problems);
        return secret == null ? null : new Source.SecretFile(secret);
    }

    private static @Nullable List<JwtAlgorithm> algorithms(
            Map<String, ConfigNode> members,
            @Nullable Source source,
            ConfigNode node,
            String path,
            Place where,
            Problems problems) {
        @Nullable List<String> names = member(members, "algorithms", ALGORITHMS, path, where, problems);
        boolean ofSecrets = source instanceof Source.SecretFile;
        if (names == null) {
            return ofSecrets ? JwtAlgorithm.OF_SECRETS : JwtAlgorithm.OF_KEYS;
        }
        List<JwtAlgorithm> algorithms = new ArrayList<>();
        names.forEach(name -> algorithms.add(JwtAlgorithm.valueOf(name)));
        boolean right = !algorithms.isEmpty()
                && (!ofSecrets || algorithms.size() == 1)
                && algorithms.stream().allMatch(one -> one.isOfSecrets() == ofSecrets);
        if (!right && source != null) {
            problems.add(
                    where.at(node),
                    path + ".algorithms is " + names + "; allowed is "
                            + (ofSecrets ? "one of HS256, HS384, HS512 for a secret" : "none of HS… for public keys"));
        }
        return algorithms;
    }

    @Override
    protected boolean fit(
            List<Written> issuers, ConfigNode.Sequence list, String path, Place where, Problems problems) {
        boolean right = true;
        for (int i = 0; i < issuers.size(); i++) {
            String issuer = issuers.get(i).issuer().issuer();
            if (issuers.size() > 1 && !issuers.get(i).prefixed()) {
                right = false;
                problems.add(
                        where.at(list),
                        path + ": " + issuer + " needs a user_prefix, since there are several issuers: those with the"
                                + " same one (\"\" is one too) have the same users");
            }
            for (int j = 0; j < i; j++) {
                if (issuers.get(j).issuer().issuer().equals(issuer)) {
                    right = false;
                    problems.add(where.at(list), path + " has " + issuer + " twice");
                }
            }
        }
        return right;
    }

    @Override
    public String show(List<Written> issuers) {
        return issuers.stream().map(one -> one.issuer().issuer()).collect(Collectors.joining(", "));
    }
}
