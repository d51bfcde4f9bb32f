package io.topicstream.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.people.Names.Outcome;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.state.StateRecord;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.Seeds;
import io.topicstream.testkit.SteppedExecutor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamesTest {
    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor executor = new SteppedExecutor(clock);
    private final InMemoryStateStore store = new InMemoryStateStore(clock, executor);
    private final Set<String> gone = new HashSet<>();
    private final Names names = new Names(store, id -> CompletableFuture.completedFuture(!gone.contains(id)));

    private <T extends @Nullable Object> T join(CompletionStage<T> stage) {
        executor.runAll();
        return stage.toCompletableFuture().join();
    }

    private Outcome claim(String name, @Nullable String user, String connectionId) {
        return join(names.claim(name, user, connectionId));
    }

    private @Nullable StateRecord record(String key) {
        return join(store.get("names", key));
    }

    @Test
    void aNameBelongsToOneUntilThatOneEnds() {
        assertThat(claim("Ann", null, "c1")).isEqualTo(Outcome.CLAIMED);
        assertThat(claim("Ann", null, "c2")).isEqualTo(Outcome.TAKEN);
        assertThat(claim("Ann", "ann", "c3")).isEqualTo(Outcome.TAKEN);
        assertThat(claim("Ann", null, "c1")).isEqualTo(Outcome.CLAIMED);
        assertThat(claim("Bob", null, "c2")).isEqualTo(Outcome.CLAIMED);

        join(names.free("Ann", "c2"));
        assertThat(claim("Ann", null, "c2")).isEqualTo(Outcome.TAKEN);
        join(names.free("Ann", "c1"));

        assertThat(record("ann")).isNull();
        assertThat(claim("Ann", null, "c2")).isEqualTo(Outcome.CLAIMED);
    }

    @ParameterizedTest
    @CsvSource({
        "Ann, aNN, true",
        "Ann, ' Ann  ', true",
        "Ann Lee, 'ann  lee', true",
        "Ann Lee, AnnLee, false",
        "STRASSE, straße, true",
        "Änn, 'A\u0308nn', true",
        "Änn, Ann, false",
        "ΟΔΟΣ, οδος, true",
        "\uFF21nn, Ann, true",
        "Ann, 'An\u200Dn', true",
        "Ann, Ann1, false"
    })
    void namesThatLookAlikeButForCapitalsAndSpacesAreOne(String one, String other, boolean same) {
        assertThat(Names.compared(one).equals(Names.compared(other))).isEqualTo(same);
        assertThat(claim(one, null, "c1")).isEqualTo(Outcome.CLAIMED);
        assertThat(claim(other, null, "c2")).isEqualTo(same ? Outcome.TAKEN : Outcome.CLAIMED);
    }

    @Test
    void nothingIsLeftOfSpacesAlone() {
        assertThat(Names.compared(" \u00A0\u2003 ")).isEmpty();
    }

    @Test
    void allDevicesOfAUserMayHaveItAndTheLastOneThatEndsFreesIt() {
        assertThat(claim("Ann", "ann", "c1")).isEqualTo(Outcome.CLAIMED);
        assertThat(claim("ann", "ann", "c2")).isEqualTo(Outcome.CLAIMED);
        assertThat(claim("Ann", "ann", "c3")).isEqualTo(Outcome.CLAIMED);

        join(names.free("Ann", "c3"));
        join(names.free("Ann", "c1"));
        join(names.free("Ann", "c1"));
        assertThat(claim("Ann", "bob", "c4")).isEqualTo(Outcome.TAKEN);
        join(names.free("ANN", "c2"));

        assertThat(claim("Ann", "bob", "c4")).isEqualTo(Outcome.CLAIMED);
    }

    @Test
    void aUserClaimsItOnAHundredConnectionsAndNoMore() {
        for (int i = 1; i <= Names.MAX_CONNECTIONS; i++) {
            assertThat(claim("Ann", "ann", "c" + i)).isEqualTo(Outcome.CLAIMED);
        }
        assertThat(claim("Ann", "ann", "d")).isEqualTo(Outcome.TOO_OFTEN);
        assertThat(claim("Ann", "ann", "c7")).isEqualTo(Outcome.CLAIMED);

        join(names.free("Ann", "c7"));

        assertThat(claim("Ann", "ann", "d")).isEqualTo(Outcome.CLAIMED);
    }

    @Test
    void whatConnectionsHadThatAreGoneIsTakenOver() {
        assertThat(claim("Ann", "ann", "c1")).isEqualTo(Outcome.CLAIMED);
        assertThat(claim("Ann", "ann", "c2")).isEqualTo(Outcome.CLAIMED);
        gone.add("c1");
        assertThat(claim("Ann", "bob", "c3")).isEqualTo(Outcome.TAKEN);
        gone.add("c2");

        assertThat(claim("Ann", "bob", "c3")).isEqualTo(Outcome.CLAIMED);
        // One that was thought gone ends after all: that is not its name any more.
        join(names.free("Ann", "c2"));

        assertThat(claim("Ann", "ann", "c4")).isEqualTo(Outcome.TAKEN);
    }

    @Test
    void ofFiftyWhoWantItAtOnceOneHasIt() {
        for (int round = 0; round < 50; round++) {
            Random random = Seeds.random("names wanted at once");
            ManualClock time = new ManualClock();
            SteppedExecutor shuffled = new SteppedExecutor(time, random);
            InMemoryStateStore shared = new InMemoryStateStore(time, shuffled);
            Names contended = new Names(shared, _ -> CompletableFuture.completedFuture(true));
            List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                outcomes.add(contended
                        .claim(i % 2 == 0 ? "Ann" : "ANN", i % 3 == 0 ? null : "u" + i, "c" + i)
                        .toCompletableFuture());
            }

            shuffled.runAll();

            List<Outcome> all = outcomes.stream().map(CompletableFuture::join).toList();
            assertThat(Collections.frequency(all, Outcome.CLAIMED)).isEqualTo(1);
            assertThat(Collections.frequency(all, Outcome.TAKEN)).isEqualTo(49);
        }
    }

    @Test
    void whatDevicesOfOneUserClaimAndFreeAtOnceComesOutRight() {
        for (int round = 0; round < 30; round++) {
            Random random = Seeds.random("one user's devices");
            ManualClock time = new ManualClock();
            SteppedExecutor shuffled = new SteppedExecutor(time, random);
            InMemoryStateStore shared = new InMemoryStateStore(time, shuffled);
            Names contended = new Names(shared, _ -> CompletableFuture.completedFuture(true));
            List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
            List<CompletableFuture<?>> ends = new ArrayList<>();
            int devices = 50;
            for (int i = 0; i < devices; i++) {
                String id = "c" + i;
                CompletableFuture<Outcome> claim =
                        contended.claim("Ann", "ann", id).toCompletableFuture();
                outcomes.add(claim);
                if (random.nextBoolean()) {
                    ends.add(claim.thenCompose(_ -> contended.free("Ann", id)));
                } else {
                    ends.add(claim);
                }
            }
            shuffled.runAll();
            assertThat(outcomes)
                    .allSatisfy(outcome -> assertThat(outcome.join()).isEqualTo(Outcome.CLAIMED));
            assertThat(ends).allSatisfy(end -> assertThat(end).isDone());

            for (int i = 0; i < devices; i++) {
                var _ = contended.free("Ann", "c" + i);
            }
            shuffled.runAll();

            CompletionStage<@Nullable StateRecord> left = shared.get("names", "ann");
            shuffled.runAll();
            assertThat(left.toCompletableFuture().join()).isNull();
        }
    }
}
