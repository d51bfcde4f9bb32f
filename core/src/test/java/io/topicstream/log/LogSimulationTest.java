package io.topicstream.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.testkit.EvidenceCollector;
import io.topicstream.testkit.Faults;
import io.topicstream.testkit.FaultyLog.Fault;
import io.topicstream.testkit.Seeds;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Runs of the log in memory from seeds, with faults and without.
final class LogSimulationTest {
    @RegisterExtension
    final EvidenceCollector evidence = new EvidenceCollector();

    @Test
    void nothingAcknowledgedIsLostAndNothingIsHeardTwiceWhateverFails() {
        Random seeds = Seeds.random("runs with faults");
        Map<Fault, Integer> met = new EnumMap<>(Fault.class);

        for (int run = 0; run < 20; run++) {
            long seed = seeds.nextLong();
            evidence.note("run " + run + " has the seed " + seed);
            LogSimulation simulation = new LogSimulation(seed, Faults.SOME);
            simulation.play();
            simulation.check();
            for (Fault fault : Fault.values()) {
                met.merge(fault, simulation.faulty().count(fault), Integer::sum);
            }
        }

        assertThat(met).as("faults that were met").hasSize(Fault.values().length);
        assertThat(met.values()).allMatch(count -> count > 0);
    }

    @Test
    void nothingGoesWrongWithoutFaults() {
        LogSimulation simulation = new LogSimulation(Seeds.next("a run without faults"), Faults.NONE);

        simulation.play();

        simulation.check();
        for (Fault fault : Fault.values()) {
            assertThat(simulation.faulty().count(fault)).isZero();
        }
    }

    @Test
    void oneSeedIsOneRun() {
        long seed = Seeds.next("the run that is played twice");

        String first = new LogSimulation(seed, Faults.SOME).play();
        String again = new LogSimulation(seed, Faults.SOME).play();
        String other = new LogSimulation(seed + 1, Faults.SOME).play();

        assertThat(again).isEqualTo(first);
        assertThat(other).isNotEqualTo(first);
    }
}
