package io.topicstream.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageRingTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void itIsAListThatIsShortenedAtItsEnds(long seed) {
        Random random = new Random(seed);
        MessageRing ring = new MessageRing();
        List<Message> list = new ArrayList<>();

        for (int step = 0; step < 5_000; step++) {
            int size = list.size();
            switch (random.nextInt(20)) {
                case 0 -> {
                    int to = random.nextInt(size + 1);
                    ring.subList(0, to).clear();
                    list.subList(0, to).clear();
                }
                case 1 -> {
                    int from = size - random.nextInt(Math.min(size, 5) + 1);
                    ring.subList(from, size).clear();
                    list.subList(from, size).clear();
                }
                case 2 -> {
                    if (size > 0) {
                        int at = random.nextInt(size);
                        Message other = message(step, random.nextInt(50));
                        assertThat(ring.set(at, other)).isSameAs(list.set(at, other));
                    }
                }
                default -> {
                    Message message = message(step, random.nextInt(50));
                    ring.add(message);
                    list.add(message);
                }
            }
            assertThat(ring.size()).isEqualTo(list.size());
            assertThat(ring.bytes())
                    .isEqualTo(list.stream().mapToLong(Message::sizeBytes).sum());
            if (step % 50 == 0) {
                assertThat(ring).isEqualTo(list);
            }
        }

        assertThat(ring).isEqualTo(list);
        assertThatThrownBy(() -> ring.get(ring.size())).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> ring.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static Message message(int offset, int bytes) {
        return new Message(offset + 1, 1, null, null, new byte[bytes], null);
    }
}
