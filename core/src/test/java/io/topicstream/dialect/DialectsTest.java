package io.topicstream.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.TopicName;
import io.topicstream.protocol.WireFormat;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DialectsTest {
    @Test
    void everyFormatBelongsToOneDialect() {
        for (WireFormat format : WireFormat.values()) {
            // Of a stage that names what is received.
            WireFormat named = format == WireFormat.CHAT_RECEIVED ? WireFormat.CHAT : format;
            assertThat(Dialects.Name.values())
                    .filteredOn(dialect -> dialect.format(false) == named || dialect.format(true) == named)
                    .hasSize(1);
        }
    }

    @Test
    void aDialectHasArraysOnlyForClientsThatTakeThem() {
        for (Dialects.Name dialect : Dialects.Name.values()) {
            assertThat(dialect.format(false).hasArrays()).isFalse();
        }
        assertThat(Dialects.Name.NATIVE.format(true).hasArrays()).isTrue();
        assertThat(Dialects.Name.TOPICS.format(true)).isEqualTo(WireFormat.TOPICS);
    }

    @Test
    void theFormatsOfOneDialectShareIt() {
        Dialects dialects =
                new Dialects(NativeDialect.DEFAULT_MAX_PAYLOAD_BYTES, new Random(1), InstantSource.system());

        assertThat(dialects.of(WireFormat.NATIVE)).isInstanceOf(NativeDialect.class);
        assertThat(dialects.of(WireFormat.NATIVE_ARRAYS)).isSameAs(dialects.of(WireFormat.NATIVE));
        assertThat(dialects.of(WireFormat.TOPICS)).isInstanceOf(TopicsDialect.class);
        assertThat(dialects.of(WireFormat.CHAT)).isInstanceOf(ChatDialect.class);
        assertThat(dialects.of(WireFormat.CHAT_RECEIVED))
                .isInstanceOf(ChatDialect.class)
                .isNotSameAs(dialects.of(WireFormat.CHAT));
        assertThat(dialects.of(WireFormat.ROOMS)).isInstanceOf(RoomsDialect.class);
    }

    @Test
    void aFormatJoinsWhatItHasWordsFor() {
        TopicName news = new TopicName("news");
        TopicName direct = new TopicName("dm:ann~bob");

        assertThat(WireFormat.values())
                .filteredOn(format -> format.joins(news))
                .doesNotContain(WireFormat.CHAT, WireFormat.CHAT_RECEIVED, WireFormat.ROOMS);
        assertThat(WireFormat.values())
                .filteredOn(format -> !format.joins(direct))
                .containsExactly(WireFormat.CHAT, WireFormat.CHAT_RECEIVED);
    }
}
