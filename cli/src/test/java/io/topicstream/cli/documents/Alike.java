package io.topicstream.cli.documents;

import java.util.regex.Pattern;

/// When what a program said is what a page shows: the same text, but for what is new each time.
///
/// Times, epochs, ids of connections and requests, keys and their ids are compared by their form, so a page shows real
/// ones. Everything else is compared to the letter, the order of members included.
final class Alike {
    private record Rule(Pattern found, String instead) {}

    private static final Rule[] RULES = {
        rule(
                "\"(timestamp|server_time|created|created_at|connected_at|last_heard_at|blocked_at|signed_out_at|exported_at|started_at|done_at|since|epoch|pid)\":\\d+",
                "\"$1\":0"),
        rule("\"(connection_id|connectionId|requestId)\":\"[A-Za-z0-9_-]{19}=\"", "\"$1\":\"an id\""),
        rule("\"id\":\"[0-9A-Za-z]{27}\"", "\"id\":\"an id of a message\""),
        rule("\"messageId\":\"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\"", "\"messageId\":\"an id\""),
        rule("\\b[A-Z][a-z]+[A-Z][a-z]+\\d{1,3}\\b", "a made name"),
        rule("\\bts_[0-9A-Za-z]{40}\\b", "a key"),
        rule("\\bwhsec_[0-9A-Za-z+/]{43}=", "a secret"),
        rule("\\b(epoch|a new epoch begins in \\S+:) \\d{10}\\b", "$1 N"),
        rule("\\breplaced-\\d{8}T\\d{6}Z\\b", "replaced-at-a-time"),
        rule("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z", "a time"),
        rule("\\b[0-9a-f]{16}\\b", "an id of a key"),
        rule("\"hint\":\"[0-9A-Za-z]{4}\"", "\"hint\":\"\""),
        rule("an id of a key [0-9A-Za-z]{4} a time", "an id of a key, a hint, a time"),
    };

    private Alike() {}

    private static Rule rule(String regex, String instead) {
        return new Rule(Pattern.compile(regex), instead);
    }

    /// The text with one and the same word for everything of one form.
    static String form(String text) {
        String form = text.stripTrailing();
        for (Rule rule : RULES) {
            form = rule.found().matcher(form).replaceAll(rule.instead());
        }
        return form;
    }
}
