package io.topicstream.aws.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.s3.Objects.Listed;
import io.topicstream.aws.s3.Objects.Put;
import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SegmentKeyTest {
    private static final TopicName NEWS = new TopicName("news");

    @Test
    void aPlainNameStandsInTheKeyAsItIs() {
        assertThat(SegmentKey.of(NEWS, 42)).isEqualTo("topics/news/00000000000000000042.json");
        assertThat(SegmentKey.of(NEWS, Long.MAX_VALUE)).isEqualTo("topics/news/09223372036854775807.json");
        assertThat(SegmentKey.firstOffset(NEWS, "topics/news/00000000000000000042.json"))
                .isEqualTo(42);
        assertThat(SegmentKey.firstOffset(NEWS, "topics/news/09223372036854775807.json"))
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theKeyOfSomethingElseIsNone() {
        for (String name : List.of(
                "",
                "42.json",
                "00000000000000000000.json",
                "0000000000000000004x.json",
                "00000000000000000042.jsom",
                "00000000000000000042.json.bak",
                "00000000000000000042/x.json",
                "09223372036854775808.json",
                "99999999999999999999.json",
                "-0000000000000000042.json")) {
            assertThat(SegmentKey.firstOffset(NEWS, "topics/news/" + name))
                    .as(name)
                    .isEqualTo(-1);
        }
    }

    /// Names with which keys could go wrong: each character that a name may have, names that are beginnings
    /// of others or look like parts of a path, and the longest.
    @Test
    void noTwoTopicsMeet() {
        List<TopicName> topics = new ArrayList<>();
        for (char c = 0; c < 128; c++) {
            if (TopicName.isValid("a" + c)) {
                topics.add(new TopicName("a" + c));
            }
        }
        for (String name :
                List.of("a", "a.", "a..", "a..b", "a.json", "a+b", "a-b", "a~2Fb", "00000000000000000001.json")) {
            topics.add(new TopicName(name));
        }
        topics.add(new TopicName("@".repeat(TopicName.MAX_LENGTH)));
        topics.add(new TopicName("@".repeat(TopicName.MAX_LENGTH - 1) + "+"));
        Objects objects = new Objects(LocalS3.get().client(), LocalS3.get().bucket());
        Set<String> keys = new HashSet<>();

        for (TopicName topic : new HashSet<>(topics)) {
            String key = SegmentKey.of(topic, 1);
            assertThat(key.getBytes(UTF_8)).hasSizeLessThanOrEqualTo(1024);
            assertThat(keys.add(key)).isTrue();
            assertThat(objects.putIfAbsent(key, topic.value().getBytes(UTF_8), "text/plain", Map.of()))
                    .isNotEqualTo(Put.OTHER);
        }

        assertThat(objects.list("topics/", "", 1000)).extracting(Listed::key).containsExactlyInAnyOrderElementsOf(keys);
        for (TopicName topic : topics) {
            String key = SegmentKey.of(topic, 1);
            assertThat(keys)
                    .filteredOn(other -> other.startsWith(SegmentKey.prefix(topic)))
                    .containsExactly(key);
            assertThat(new String(objects.get(key).bytes(), UTF_8)).isEqualTo(topic.value());
            assertThat(SegmentKey.firstOffset(topic, key)).isEqualTo(1);
        }
        TopicName begins = new TopicName("a");
        assertThat(objects.list(SegmentKey.prefix(begins), "", 10))
                .extracting(Listed::key)
                .containsExactly(SegmentKey.of(begins, 1));
    }
}
