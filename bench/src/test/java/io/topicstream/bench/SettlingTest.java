package io.topicstream.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SettlingTest {
    @Test
    void thereAreRoundsUntilTwoInARowBringNothing() {
        assertThat(roundsOf(100, 60, 40, 30, 29, 28.8, 10)).isEqualTo(6);
    }

    @Test
    void oneDisturbedRoundIsNoRest() {
        assertThat(roundsOf(100, 60, 90, 40, 39, 41, 10)).isEqualTo(6);
    }

    @Test
    void smallStepsAddUp() {
        assertThat(roundsOf(100, 96, 94, 92, 91, 90)).isEqualTo(5);
    }

    @Test
    void thereAreThreeRoundsInAnyCase() {
        assertThat(roundsOf(10, 10, 10, 10)).isEqualTo(3);
    }

    @Test
    void thereAreNoMoreThanTenRounds() {
        assertThat(roundsOf(2048, 1024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1)).isEqualTo(10);
    }

    @Test
    void whereTheCostCannotBeToldThreeRoundsMustDo() {
        assertThat(roundsOf(0, 0, 0, 0, 0)).isEqualTo(3);
    }

    @Test
    void anEmptyRangeIsRefused() {
        assertThatThrownBy(() -> new Settling(0, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Settling(4, 3)).isInstanceOf(IllegalArgumentException.class);
    }

    private static int roundsOf(double... costs) {
        Settling settling = new Settling(3, 10);
        for (double cost : costs) {
            if (!settling.goesOnAfter(cost)) {
                break;
            }
        }
        return settling.rounds();
    }
}
