package io.topicstream.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.bench.SequenceCheck.Verdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SequenceCheckTest {
    @Test
    void anUnbrokenSequenceIsClean() {
        SequenceCheck check = new SequenceCheck(2);

        for (int number = 0; number < 1_000; number++) {
            assertThat(check.onArrival(1, number)).isEqualTo(Verdict.NEW);
        }

        assertThat(check.lost(1, 1_000)).isZero();
        assertThat(check.lost(0, 5)).isEqualTo(5);
        assertThat(check.duplicated()).isZero();
        assertThat(check.outOfOrder()).isZero();
    }

    @Test
    void aGapIsALossUntilItFillsAndThenOutOfOrder() {
        SequenceCheck check = new SequenceCheck(1);
        check.onArrival(0, 0);
        check.onArrival(0, 2);
        assertThat(check.lost(0, 3)).isEqualTo(1);

        Verdict late = check.onArrival(0, 1);

        assertThat(late).isEqualTo(Verdict.OUT_OF_ORDER);
        assertThat(check.lost(0, 3)).isZero();
        assertThat(check.outOfOrder()).isEqualTo(1);
        assertThat(check.duplicated()).isZero();
    }

    @Test
    void whatComesAgainIsADuplicateHoweverLate() {
        SequenceCheck check = new SequenceCheck(1);
        for (int number = 0; number < 500; number++) {
            check.onArrival(0, number);
        }

        assertThat(check.onArrival(0, 499)).isEqualTo(Verdict.DUPLICATE);
        assertThat(check.onArrival(0, 450)).isEqualTo(Verdict.DUPLICATE);
        assertThat(check.onArrival(0, 3)).isEqualTo(Verdict.DUPLICATE);

        assertThat(check.duplicated()).isEqualTo(3);
        assertThat(check.lost(0, 500)).isZero();
    }

    @Test
    void oneThatIsVeryLateFillsItsGap() {
        SequenceCheck check = new SequenceCheck(1);
        for (int number = 1; number < 500; number++) {
            check.onArrival(0, number);
        }

        assertThat(check.onArrival(0, 0)).isEqualTo(Verdict.OUT_OF_ORDER);

        assertThat(check.lost(0, 500)).isZero();
        assertThat(check.onArrival(0, 0)).isEqualTo(Verdict.DUPLICATE);
    }

    @Test
    void aDuplicateDoesNotHideALoss() {
        SequenceCheck check = new SequenceCheck(1);
        check.onArrival(0, 0);
        check.onArrival(0, 0);
        check.onArrival(0, 2);

        assertThat(check.lost(0, 3)).isEqualTo(1);
        assertThat(check.duplicated()).isEqualTo(1);
    }

    @Test
    void shuffledWithinItsWindowNothingIsLostOrTwice() {
        Random random = new Random(7);
        SequenceCheck check = new SequenceCheck(1);
        for (int block = 0; block < 100; block++) {
            List<Integer> numbers = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                numbers.add(block * 32 + i);
            }
            Collections.shuffle(numbers, random);
            numbers.forEach(number -> check.onArrival(0, number));
        }

        assertThat(check.lost(0, 3_200)).isZero();
        assertThat(check.duplicated()).isZero();
        assertThat(check.outOfOrder()).isPositive();
    }
}
