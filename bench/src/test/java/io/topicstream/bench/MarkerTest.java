package io.topicstream.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MarkerTest {
    private final Marker marker = new Marker();

    @Test
    void aMarkerTakesExactlyItsSizeAndReadsBack() {
        byte[] bytes = new byte[200];

        int end = Marker.write(bytes, 10, 1_234_567_890_123L, 42, 987_654, 128);

        assertThat(end).isEqualTo(138);
        assertThat(marker.read(ByteBuffer.wrap(bytes), 0, 200)).isPositive();
        assertThat(marker.intendedNs()).isEqualTo(1_234_567_890_123L);
        assertThat(marker.publisher()).isEqualTo(42);
        assertThat(marker.number()).isEqualTo(987_654);
        assertThat(new String(bytes, 10, 128, StandardCharsets.US_ASCII)).startsWith("T#1234567890123,42,987654;xxx");
    }

    @Test
    void theLargestValuesFitTheLeastSize() {
        byte[] bytes = new byte[Marker.MAX_BYTES];

        int end = Marker.write(bytes, 0, Long.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE, Marker.MAX_BYTES);

        assertThat(end).isEqualTo(Marker.MAX_BYTES);
        assertThat(marker.read(ByteBuffer.wrap(bytes), 0, end)).isEqualTo(end);
        assertThat(marker.number()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void everyMarkerOfAnArrayIsFound() {
        ByteBuffer text = bytes("[{\"message\":{\"d\":\"T#1,2,3;xx\"}},{\"message\":{\"d\":\"T#4,5,6;xx\"}}]");

        int first = marker.read(text, 0, text.limit());
        assertThat(marker.number()).isEqualTo(3);
        int second = marker.read(text, first, text.limit());
        assertThat(marker.number()).isEqualTo(6);

        assertThat(marker.read(text, second, text.limit())).isEqualTo(-1);
    }

    @Test
    void whatOnlyLooksLikeAMarkerIsNone() {
        for (String text :
                new String[] {"", "#", "T#", "T#1", "T#1,2", "T#1,2,3", "T#a,2,3;", "T#1,,3;", "X#1,2,3;", "T#1,2,3,4;"
                }) {
            ByteBuffer buffer = bytes(text);
            assertThat(marker.read(buffer, 0, buffer.limit())).as(text).isEqualTo(-1);
        }
        ByteBuffer second = bytes("T#T#1,2,3;");
        assertThat(marker.read(second, 0, second.limit())).isEqualTo(10);
    }

    @Test
    void aMarkerIsFoundAtEveryAlignment() {
        for (int offset = 0; offset < 20; offset++) {
            ByteBuffer text = bytes("y".repeat(offset) + "T#7,8,9;" + "y".repeat(20 - offset));

            assertThat(marker.read(text, 0, text.limit())).isEqualTo(offset + 8);
            assertThat(marker.publisher()).isEqualTo(8);
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
