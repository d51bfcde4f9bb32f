package io.topicstream.events;

import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import io.topicstream.signal.SystemTopics;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A sink: a webhook, and which events it gets.
///
/// @param name 1 to 63 characters of `a–z 0–9 -`, the first one a letter or a digit
/// @param url where events are posted: `http` or `https`, without somebody at the host and without a
///     fragment
/// @param secrets with which each event is signed; one, or several while one takes the place of another;
///     at most [#MOST_SECRETS]
/// @param rules patterns in the syntax of EventBridge of which one must match; none: every event is meant
/// @param topics whose messages are events; those of two users (`dm:`) are meant only by a pattern that
///     begins so, and those of the system (`sys:`) by none
/// @param also what else is
/// @param headers that each post has beside its own
/// @param timeout how long one post may take
/// @param attempts how often a post is tried, the first included, before the event goes to the dead
///     letters
/// @param giveUpAfter how long it is tried at most
public record SinkDefinition(
        String name,
        URI url,
        List<String> secrets,
        List<String> rules,
        List<TopicPattern> topics,
        Set<EventFamily> also,
        Map<String, String> headers,
        Duration timeout,
        int attempts,
        Duration giveUpAfter) {
    public static final int MOST_SECRETS = 3;
    public static final int MOST_TOPICS = 50;
    public static final int MOST_HEADERS = 16;
    public static final int MOST_HEADER_CHARS = 1_024;
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
    public static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(60);
    public static final int DEFAULT_ATTEMPTS = 300;
    public static final int MOST_ATTEMPTS = 10_000;
    public static final Duration DEFAULT_GIVE_UP = Duration.ofDays(1);
    public static final Duration LONGEST_GIVE_UP = Duration.ofDays(30);

    /// What a name must be, for the eyes of whom it is refused to.
    public static final String NAME_RULE = "a sink's name is 1 to 63 characters of a-z 0-9 -, not beginning with -";

    private static final int MOST_URL_CHARS = 2_048;

    /// The names after all that begin with `dm:` or `sys:`.
    private static final String AFTER_DIRECT = "dm;";

    private static final String AFTER_SYSTEM = "sys;";

    /// Fields that a post has of itself, or that belong to the connection.
    private static final Set<String> OWN = Set.of(
            "connection",
            "content-length",
            "content-type",
            "content-encoding",
            "date",
            "expect",
            "host",
            "keep-alive",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "user-agent",
            "via",
            "warning");

    /// @throws IllegalArgumentException with one sentence for who wrote it, where it is none
    public SinkDefinition {
        require(isName(name), NAME_RULE);
        String wrong = urlFault(url);
        require(wrong == null, "the url of a sink " + wrong);
        secrets = List.copyOf(secrets);
        require(!secrets.isEmpty() && secrets.size() <= MOST_SECRETS, "a sink has 1 to " + MOST_SECRETS + " secrets");
        for (String secret : secrets) {
            require(WebhookSecret.of(secret) != null, "a secret (hidden) is none; it is " + WebhookSecret.RULE);
        }
        rules = List.copyOf(rules);
        var _ = new EventRules(rules);
        topics = List.copyOf(topics);
        require(topics.size() <= MOST_TOPICS, "a sink has at most " + MOST_TOPICS + " patterns of topics");
        for (TopicPattern pattern : topics) {
            require(
                    !pattern.text().startsWith("sys:"),
                    "the topics of the system are no sink's; 'also' names its events");
        }
        also = Set.copyOf(also);
        require(!topics.isEmpty() || !also.isEmpty(), "a sink has topics, or says what else it wants with 'also'");
        TreeMap<String, String> checked = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        require(headers.size() <= MOST_HEADERS, "a sink has at most " + MOST_HEADERS + " headers");
        headers.forEach((field, value) -> {
            require(isField(field), "the header " + field + " is not one that a sink may have");
            require(isValue(value), "the header " + field + " has characters that no header has, or too many");
            require(checked.put(field, value) == null, "the header " + field + " stands twice");
        });
        headers = Map.copyOf(headers);
        require(isWithin(timeout, LONGEST_TIMEOUT), "the timeout of a sink is 1 ms to 60 s");
        require(attempts >= 1 && attempts <= MOST_ATTEMPTS, "the attempts of a sink are 1 to " + MOST_ATTEMPTS);
        require(isWithin(giveUpAfter, LONGEST_GIVE_UP), "a sink gives up after 1 ms to 30 days");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    private static boolean isWithin(Duration time, Duration most) {
        return time.toMillis() >= 1 && time.compareTo(most) <= 0;
    }

    /// Whether the text can be a sink's name.
    public static boolean isName(String text) {
        return text.matches("[a-z0-9][a-z0-9-]{0,62}");
    }

    /// The address that is written so.
    ///
    /// @throws IllegalArgumentException with one sentence for who wrote it
    public static URI url(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("the url of a sink is none: " + e.getReason(), e);
        }
    }

    private static @Nullable String urlFault(URI url) {
        String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            return "begins with http:// or https://";
        }
        if (url.getHost() == null || url.getHost().isEmpty()) {
            return "names no host";
        }
        if (url.getRawUserInfo() != null) {
            return "names somebody at a host; give what he needs as headers";
        }
        if (url.getRawFragment() != null) {
            return "has a fragment, which is never sent";
        }
        return url.toString().length() > MOST_URL_CHARS ? "has more than " + MOST_URL_CHARS + " characters" : null;
    }

    private static boolean isField(String field) {
        String lower = field.toLowerCase(Locale.ROOT);
        return field.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
                && !OWN.contains(lower)
                && !lower.startsWith("webhook-")
                && !lower.startsWith("topicstream-")
                && !lower.startsWith("proxy-");
    }

    private static boolean isValue(String value) {
        return value.length() <= MOST_HEADER_CHARS && value.chars().allMatch(c -> c >= ' ' && c < 0x7F);
    }

    /// Whether messages of the topic are events for it, by its patterns.
    public boolean wants(TopicName topic) {
        return topics.stream().anyMatch(pattern -> pattern.means(topic));
    }

    /// Whether events of the topic are for it: messages that it wants, or what else it is told.
    public boolean isFor(TopicName topic) {
        return wants(topic) || also.stream().anyMatch(family -> family.topic().equals(topic));
    }

    /// After which name a list of topics goes on, so that it does not go through reserved ones that the pattern does
    /// not mean.
    ///
    /// @param last the last name that was listed
    public static String beyondReserved(TopicPattern pattern, String last) {
        if (last.startsWith("sys:")) {
            return AFTER_SYSTEM;
        }
        return last.startsWith("dm:") && !pattern.text().startsWith("dm:") ? AFTER_DIRECT : last;
    }

    /// The topic of its dead letters.
    public TopicName deadLetters() {
        return SystemTopics.ofDeadLetters(name);
    }

    /// The same with a timeout that is no longer.
    public SinkDefinition within(Duration longest) {
        return timeout.compareTo(longest) <= 0
                ? this
                : new SinkDefinition(name, url, secrets, rules, topics, also, headers, longest, attempts, giveUpAfter);
    }

    List<WebhookSecret> keys() {
        List<WebhookSecret> keys = new ArrayList<>();
        for (String secret : secrets) {
            WebhookSecret key = WebhookSecret.of(secret);
            if (key != null) {
                keys.add(key);
            }
        }
        return keys;
    }

    /// Without its secrets.
    @Override
    public String toString() {
        return name + " at " + url;
    }
}
