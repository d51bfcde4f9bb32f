package io.topicstream.settings.section;

import io.topicstream.log.Retention;
import io.topicstream.settings.ConfigNode;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Nearest;
import io.topicstream.settings.Problems;
import java.time.Duration;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// How long messages are kept: `forever`, or limits, of which whichever comes first ends a message. It says all of it:
/// what is left out is not limited.
final class KeepKind extends Kind<Retention> {
    private static final String FOREVER = "forever";
    private static final Kind<Duration> AGE = Kind.time(Duration.ofSeconds(1), Duration.ofDays(36_500));
    private static final Kind<Integer> MESSAGES = Kind.number(1, Integer.MAX_VALUE);
    private static final Kind<Long> BYTES = Kind.size(1, 1L << 50);
    private static final Set<String> KEYS = Set.of("age", "messages", "bytes");

    KeepKind() {
        super("forever, or {age?, messages?, bytes?}");
    }

    @Override
    public @Nullable Retention read(ConfigNode written, String path, Place where, Problems problems) {
        if (written instanceof ConfigNode.Text text && text.text().equals(FOREVER)) {
            return Retention.FOREVER;
        }
        if (!(written instanceof ConfigNode.Mapping mapping)
                || mapping.entries().isEmpty()) {
            problems.add(where.at(written), path + " is " + describe(written) + "; allowed is " + allowed());
            return null;
        }
        boolean right = true;
        long ageMs = Retention.UNLIMITED;
        long messages = Retention.UNLIMITED;
        long bytes = Retention.UNLIMITED;
        for (ConfigNode.Entry entry : mapping.entries()) {
            String key = path + "." + entry.key();
            switch (entry.key()) {
                case "age" -> {
                    Duration age = AGE.read(entry.value(), key, where, problems);
                    right &= age != null;
                    ageMs = age == null ? ageMs : age.toMillis();
                }
                case "messages" -> {
                    Integer most = MESSAGES.read(entry.value(), key, where, problems);
                    right &= most != null;
                    messages = most == null ? messages : most;
                }
                case "bytes" -> {
                    Long most = BYTES.read(entry.value(), key, where, problems);
                    right &= most != null;
                    bytes = most == null ? bytes : most;
                }
                default -> {
                    right = false;
                    problems.add(where.at(entry.value()), key + " is unknown" + Nearest.didYouMean(entry.key(), KEYS));
                }
            }
        }
        return right ? new Retention(ageMs, messages, bytes) : null;
    }

    @Override
    public String show(Retention keep) {
        if (keep.equals(Retention.FOREVER)) {
            return FOREVER;
        }
        StringJoiner text = new StringJoiner(", ", "{", "}");
        if (keep.hasAge()) {
            text.add("age: " + AGE.show(Duration.ofMillis(keep.ageMs())));
        }
        if (keep.messages() != Retention.UNLIMITED) {
            text.add("messages: " + keep.messages());
        }
        if (keep.bytes() != Retention.UNLIMITED) {
            text.add("bytes: " + BYTES.show(keep.bytes()));
        }
        return text.toString();
    }
}
