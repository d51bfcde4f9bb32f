package io.topicstream.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.testkit.Faults;
import io.topicstream.testkit.Seeds;
import org.junit.jupiter.api.Test;

class DeliverySimulationTest {
    private static final int RUNS = Integer.getInteger("topicstream.runs", 300);
    private static final int STEPS = 400;

    @Test
    void everyListenerSeesEveryMessageOnceAndInOrderWhateverGoesWrong() {
        long first = Seeds.next("delivery");
        int longPages = 0;
        int resets = 0;
        for (int run = 0; run < RUNS; run++) {
            long seed = first + run;
            Faults faults = run % 3 == 0 ? Faults.NONE : Faults.SOME;
            DeliverySimulation simulation = new DeliverySimulation(seed, faults);
            try {
                simulation.run(STEPS);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("with seed " + seed + ": " + e.getMessage(), e);
            }
            longPages += simulation.longPages();
            resets += simulation.resets();
        }
        assertThat(longPages).as("pages of the log that were read to catch up").isPositive();
        assertThat(resets).as("listeners that were told of another life").isPositive();
    }

    @Test
    void oneSeedIsOneRun() {
        long seed = Seeds.next("delivery, twice");

        long once = new DeliverySimulation(seed, Faults.SOME).run(STEPS);
        long again = new DeliverySimulation(seed, Faults.SOME).run(STEPS);

        assertThat(again).isEqualTo(once);
    }
}
