package io.topicstream.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import org.junit.jupiter.api.Test;

/// The check itself: what it takes away here it does not report afterwards.
class BufferLeakCheckTest {
    @Test
    void aDroppedBufferIsFoundAndAReleasedOneIsNot() {
        assertThat(BufferLeakCheck.leaks()).as("of classes before this one").isEmpty();

        PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
        assertThat(BufferLeakCheck.leaks()).isEmpty();

        drop();
        assertThat(BufferLeakCheck.leaks()).hasSize(1).first().asString().contains("ByteBuf");
    }

    private static void drop() {
        PooledByteBufAllocator.DEFAULT.directBuffer(16).writeByte(1);
    }
}
