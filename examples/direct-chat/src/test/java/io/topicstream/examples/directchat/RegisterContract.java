package io.topicstream.examples.directchat;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.examples.directchat.Register.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/// What every register promises.
abstract class RegisterContract {
    /// An empty one, the same throughout a test.
    abstract Register register();

    /// Opens it anew, as another process would.
    abstract Register reopened();

    @Test
    void aConnectionHasNoNameUntilItClaimsOne() {
        register().connect("c1");

        assertThat(register().all()).containsExactly(new Entry("c1", ""));
        assertThat(register().usernameOf("c1")).isNull();

        assertThat(register().claim("c1", "ada")).isTrue();

        assertThat(register().all()).containsExactly(new Entry("c1", "ada"));
        assertThat(register().usernameOf("c1")).isEqualTo("ada");
        assertThat(register().connectionOf("ada")).isEqualTo("c1");
    }

    @Test
    void aNameIsTakenForAllEvenForItsHolder() {
        register().claim("c1", "ada");

        assertThat(register().claim("c2", "ada")).isFalse();
        assertThat(register().claim("c1", "ada")).isFalse();

        assertThat(register().connectionOf("ada")).isEqualTo("c1");
        assertThat(register().usernameOf("c2")).isNull();
    }

    @Test
    void namesDifferByEveryCharacter() {
        assertThat(register().claim("c1", "ada")).isTrue();
        assertThat(register().claim("c2", "Ada")).isTrue();
        assertThat(register().claim("c3", "ada ")).isTrue();
        assertThat(register().claim("c4", "username:ada")).isTrue();

        assertThat(register().connectionOf("Ada")).isEqualTo("c2");
        assertThat(register().connectionOf("ADA")).isNull();
    }

    @Test
    void anotherNameFreesTheOneBefore() {
        register().claim("c1", "ada");

        assertThat(register().claim("c1", "countess")).isTrue();

        assertThat(register().connectionOf("ada")).isNull();
        assertThat(register().claim("c2", "ada")).isTrue();
        assertThat(register().all()).containsExactlyInAnyOrder(new Entry("c1", "countess"), new Entry("c2", "ada"));
    }

    @Test
    void whoConnectsAgainKeepsHisName() {
        register().claim("c1", "ada");

        register().connect("c1");

        assertThat(register().usernameOf("c1")).isEqualTo("ada");
    }

    @Test
    void whoLeavesFreesHisName() {
        register().connect("c1");
        register().claim("c1", "ada");
        register().connect("c2");

        register().disconnect("c1");
        register().disconnect("c2");
        register().disconnect("c3");

        assertThat(register().all()).isEmpty();
        assertThat(register().connectionOf("ada")).isNull();
        assertThat(register().claim("c4", "ada")).isTrue();
    }

    @Test
    void ofManyClaimsAtOnceOneWins() throws Exception {
        int most = 50;

        List<Boolean> won = atOnce(most, i -> register().claim("c" + i, "queen"));

        assertThat(won).filteredOn(Boolean::booleanValue).hasSize(1);
        assertThat(register().connectionOf("queen")).isEqualTo("c" + won.indexOf(true));
        assertThat(register().all()).containsExactly(new Entry("c" + won.indexOf(true), "queen"));
    }

    @Test
    void ofManyNamesThatOneClaimsAtOnceHeHasOne() throws Exception {
        int most = 8;

        List<Boolean> won = atOnce(most, i -> register().claim("c1", "name" + i));

        assertThat(won).contains(true);
        String name = register().usernameOf("c1");
        for (int i = 0; i < most; i++) {
            assertThat(register().connectionOf("name" + i)).isEqualTo(("name" + i).equals(name) ? "c1" : null);
        }
    }

    /// What is done for a number.
    private interface Step {
        boolean with(int number);
    }

    private static List<Boolean> atOnce(int count, Step step) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Boolean>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                all.add(() -> step.with(number));
            }
            List<Boolean> answers = new ArrayList<>();
            for (Future<Boolean> answer : threads.invokeAll(all)) {
                answers.add(answer.get());
            }
            return answers;
        }
    }

    @Test
    void whatWasAnsweredIsThereWhenItIsOpenedAnew() {
        register().connect("c1");
        register().claim("c1", "ada");
        register().connect("c2");

        Register again = reopened();

        assertThat(again.all()).containsExactlyInAnyOrder(new Entry("c1", "ada"), new Entry("c2", ""));
        assertThat(again.connectionOf("ada")).isEqualTo("c1");
        assertThat(again.claim("c2", "ada")).isFalse();
    }

    @Test
    void theListHasAllOfThem() {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < listed(); i++) {
            String id = "c" + i;
            register().connect(id);
            entries.add(new Entry(id, ""));
        }

        assertThat(register().all()).containsExactlyInAnyOrderElementsOf(entries);
    }

    /// How many connections take more than one page of the store.
    abstract int listed();
}
