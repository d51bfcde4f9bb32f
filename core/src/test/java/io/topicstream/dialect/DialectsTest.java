package io.topicstream.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.protocol.WireFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DialectsTest {
    @Test
    void everyFormatBelongsToOneDialect() {
        for (WireFormat format : WireFormat.values()) {
            assertThat(Dialects.Name.values())
                    .filteredOn(dialect -> dialect.format(false) == format || dialect.format(true) == format)
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
        Dialects dialects = new Dialects(NativeDialect.DEFAULT_MAX_PAYLOAD_BYTES, new Random(1));

        assertThat(dialects.of(WireFormat.NATIVE)).isInstanceOf(NativeDialect.class);
        assertThat(dialects.of(WireFormat.NATIVE_ARRAYS)).isSameAs(dialects.of(WireFormat.NATIVE));
        assertThat(dialects.of(WireFormat.TOPICS)).isInstanceOf(TopicsDialect.class);
    }
}
