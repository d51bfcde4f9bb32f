package io.topicstream.signal;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Admission;
import io.topicstream.log.Signals;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InsistentSignalsTest {
    private static final TopicName TOPIC = new TopicName("sys:user:ann");

    private final SteppedExecutor timers = new SteppedExecutor(new ManualClock());
    private final List<Byte> said = new ArrayList<>();
    private boolean refuses;
    private final Signals signals = new InsistentSignals(
            (_, signal) -> {
                if (refuses) {
                    return Admission.REFUSED;
                }
                said.add(signal[0]);
                return Admission.ACCEPTED;
            },
            timers,
            new Random(1));

    @Test
    void whatIsTakenIsSaidOnce() {
        assertThat(signals.signal(TOPIC, new byte[] {1})).isEqualTo(Admission.ACCEPTED);

        assertThat(said).containsExactly((byte) 1);
        assertThat(timers.timerCount()).isZero();
    }

    @Test
    void whatIsRefusedIsSaidAgainUntilItIsTaken() {
        refuses = true;
        for (byte i = 1; i <= 3; i++) {
            assertThat(signals.signal(TOPIC, new byte[] {i})).isEqualTo(Admission.ACCEPTED_SLOW_DOWN);
        }
        timers.advance(Duration.ofSeconds(30));
        assertThat(said).isEmpty();

        refuses = false;
        timers.advance(Duration.ofSeconds(1));

        assertThat(said).containsExactlyInAnyOrder((byte) 1, (byte) 2, (byte) 3);
        assertThat(timers.timerCount()).isZero();
    }

    @Test
    void howManyMayWaitIsBounded() {
        refuses = true;
        int waiting = 0;
        while (signals.signal(TOPIC, new byte[] {1}) != Admission.REFUSED) {
            waiting++;
        }

        assertThat(waiting).isEqualTo(10_000);
        assertThat(timers.timerCount()).isEqualTo(waiting);
        refuses = false;
        timers.advance(Duration.ofSeconds(1));
        assertThat(signals.signal(TOPIC, new byte[] {1})).isEqualTo(Admission.ACCEPTED);
    }
}
