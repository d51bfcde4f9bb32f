package io.topicstream.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.protocol.WireFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DialectsTest {
    @Test
    void everyFormatBelongsToOneStage() {
        for (WireFormat format : WireFormat.values()) {
            assertThat(Dialects.Stage.values())
                    .filteredOn(stage -> stage.format(false) == format || stage.format(true) == format)
                    .hasSize(1);
        }
    }

    @Test
    void aStageHasArraysOnlyForClientsThatTakeThem() {
        for (Dialects.Stage stage : Dialects.Stage.values()) {
            assertThat(stage.format(false).hasArrays()).isFalse();
        }
        assertThat(Dialects.Stage.NATIVE.format(true).hasArrays()).isTrue();
        assertThat(Dialects.Stage.LIVE.format(true)).isEqualTo(WireFormat.TOPICS);
    }

    @Test
    void aStageIsFoundByItsPath() {
        assertThat(Dialects.Stage.named("")).isEqualTo(Dialects.Stage.NATIVE);
        assertThat(Dialects.Stage.named("v1")).isEqualTo(Dialects.Stage.NATIVE);
        assertThat(Dialects.Stage.named("live")).isEqualTo(Dialects.Stage.LIVE);
        assertThat(Dialects.Stage.named("V1")).isNull();
    }

    @Test
    void aStageIsCalledByItsPath() {
        for (Dialects.Stage stage : Dialects.Stage.values()) {
            assertThat(Dialects.Stage.named(stage.path())).isEqualTo(stage);
        }
    }

    @Test
    void theFormatsOfOneDialectShareIt() {
        Dialects dialects = new Dialects(NativeDialect.DEFAULT_MAX_PAYLOAD_BYTES, new Random(1));

        assertThat(dialects.of(WireFormat.NATIVE)).isInstanceOf(NativeDialect.class);
        assertThat(dialects.of(WireFormat.NATIVE_ARRAYS)).isSameAs(dialects.of(WireFormat.NATIVE));
        assertThat(dialects.of(WireFormat.TOPICS)).isInstanceOf(TopicsDialect.class);
    }
}
