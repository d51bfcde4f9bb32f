package io.topicstream.settings.section;

import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import io.topicstream.tokens.authorizer.AuthorizerSettings;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The operator's own service that says who callers are: makes [AuthorizerSettings].
public final class AuthorizerSection {
    public static final Rows ROWS = new Rows();

    private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Pattern PARAMETER = Pattern.compile("[A-Za-z0-9_.~-]{1,64}");

    static final Setting<List<String>> URL = ROWS.add(
            "access.authorizer.url",
            Kind.orNone(Kind.text(
                    "a URL such as https://users.example/authorize, without user and fragment",
                    AuthorizerSection::isUrl)),
            List.of(),
            "A service of your own that is asked who callers are whom no key and no token tells");
    static final Setting<Duration> TIMEOUT = ROWS.add(
            "access.authorizer.timeout",
            Kind.time(Duration.ofMillis(100), Duration.ofSeconds(30)),
            Duration.ofSeconds(5),
            "How long the service may take to answer; later answers are none");
    static final Setting<Duration> CACHE = ROWS.add(
            "access.authorizer.cache",
            Kind.time(Duration.ZERO, Duration.ofDays(1)),
            Duration.ofMinutes(1),
            "How long an answer is kept at most, and one that says nothing of it; 0s keeps none");
    static final Setting<List<String>> HEADERS = ROWS.add(
            "access.authorizer.headers",
            Kind.list(
                    "the name of a header field, but not cookie",
                    name -> HEADER.matcher(name).matches() && !name.equalsIgnoreCase("cookie")),
            List.of("authorization"),
            "Which header fields of a request the service is told; who sends one of them is asked about");
    static final Setting<List<String>> QUERY = ROWS.add(
            "access.authorizer.query",
            Kind.list(
                    "the name of a query parameter",
                    name -> PARAMETER.matcher(name).matches()),
            List.of(),
            "Which query parameters the service is told; who sends one of them is asked about");
    static final Setting<Integer> CALLS = ROWS.add(
            "access.authorizer.calls",
            Kind.number(1, 10_000),
            100,
            "How many different questions may be under way; further ones get 503 at once");
    static final Setting<Boolean> GRANTS_ADMIN = ROWS.add(
            "access.authorizer.grants_admin",
            Kind.truth(),
            false,
            "Whether the service may give the permissions admin and metrics; else they are left out of what it gives");

    private AuthorizerSection() {}

    private static boolean isUrl(String text) {
        try {
            URI uri = new URI(text);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getPort() != 0
                    && uri.getPort() <= 65_535
                    && uri.getRawUserInfo() == null
                    && uri.getRawFragment() == null;
        } catch (URISyntaxException _) {
            return false;
        }
    }

    /// What the settings say; null: there is no such service.
    public static @Nullable AuthorizerSettings of(Values values) {
        @Nullable String url = values.orNull(URL);
        return url == null
                ? null
                : new AuthorizerSettings(
                        URI.create(url),
                        values.get(TIMEOUT),
                        values.get(CACHE),
                        values.get(HEADERS).stream()
                                .map(name -> name.toLowerCase(Locale.ROOT))
                                .distinct()
                                .sorted()
                                .toList(),
                        values.get(QUERY).stream().distinct().sorted().toList(),
                        values.get(CALLS),
                        values.get(GRANTS_ADMIN));
    }
}
