package io.topicstream.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The oracle is content with a history that is right, and complains, by the name of the promise, about each way in
/// which one can be wrong.
class OracleTest {
    private static final String TOPIC = "t";
    private static final long EPOCH = 7;

    private final Oracle oracle = new Oracle();
    private final List<Oracle.Stored> store = new ArrayList<>();

    /// Ten messages of which all but the last two are acknowledged, and all are stored; two listeners have all.
    OracleTest() {
        for (int i = 1; i <= 10; i++) {
            oracle.sent("m-" + i, TOPIC, true);
            store.add(new Oracle.Stored(i, Texts.of("m-" + i)));
            if (i <= 8) {
                oracle.acked("c", "m-" + i, place(i));
            }
        }
    }

    private static Place place(long offset) {
        return new Place(TOPIC, EPOCH, offset);
    }

    private void listen() {
        for (Oracle.Stored each : store) {
            oracle.seen("ann", place(each.offset()), each.text());
            oracle.heard("bob", TOPIC, each.text());
        }
    }

    private void read() {
        oracle.read(TOPIC, EPOCH, 1, store);
    }

    private void complainsOf(String... promises) {
        assertThat(oracle.complaints()).isNotEmpty();
        for (String promise : promises) {
            assertThat(oracle.complaints())
                    .anySatisfy(
                            complaint -> assertThat(complaint.split(": ", 2)[0]).contains(promise));
        }
    }

    @Test
    void whatFitsTogetherIsNotComplainedAbout() {
        listen();
        read();
        oracle.repeated("m-9", place(9));
        oracle.repeated("m-1", place(1));
        read();

        assertThat(oracle.complaints()).isEmpty();
        assertThat(oracle.chains().get(TOPIC).get("ann"))
                .isEqualTo(oracle.chains().get(TOPIC).get("bob"));
    }

    @Test
    void unacknowledgedMessagesNeedNotBeThere() {
        store.removeLast();
        store.removeLast();
        read();

        assertThat(oracle.complaints()).isEmpty();
    }

    @Test
    void twoMessagesThatChangedPlacesAreNoticed() {
        Oracle.Stored third = store.get(2);
        Oracle.Stored fifth = store.get(4);
        store.set(2, new Oracle.Stored(3, fifth.text()));
        store.set(4, new Oracle.Stored(5, third.text()));
        read();

        complainsOf("P1");
    }

    @Test
    void twoUnacknowledgedMessagesThatChangedPlacesAreNoticedOnceSomebodyHasSeenThem() {
        listen();
        Collections.swap(store, 8, 9);
        store.set(8, new Oracle.Stored(9, store.get(8).text()));
        store.set(9, new Oracle.Stored(10, store.get(9).text()));
        read();

        complainsOf("P5");
    }

    @Test
    void aMessageThatIsMissingInTheMiddleIsNoticed() {
        store.remove(4);
        read();

        complainsOf("P4");
    }

    @Test
    void anAcknowledgedMessageThatIsMissingAtTheEndIsNoticed() {
        store.subList(7, 10).clear();
        read();

        complainsOf("P1");
    }

    @Test
    void aSeenMessageThatIsMissingAtTheEndIsNoticed() {
        listen();
        store.removeLast();
        read();

        assertThat(oracle.complaints())
                .contains("P5: seen and gone: m-10 at t@7:10", "P5: heard by bob in t and not there: m-10");
    }

    @Test
    void aMessageThatIsStoredTwiceIsNoticed() {
        store.add(new Oracle.Stored(11, Texts.of("m-9")));
        read();

        complainsOf("P11");
    }

    @Test
    void aMessageThatIsNotWholeIsNoticed() {
        String whole = store.get(8).text();
        store.set(8, new Oracle.Stored(9, whole.substring(0, whole.length() - 1)));
        read();

        complainsOf("P3");
    }

    @Test
    void aMessageThatNobodySentIsNoticed() {
        store.add(new Oracle.Stored(11, Texts.of("m-11")));
        read();

        complainsOf("P3");
    }

    @Test
    void anotherEpochIsNoticed() {
        oracle.read(TOPIC, EPOCH + 1, 1, store);

        complainsOf("P4");
    }

    @Test
    void aSubscriberThatMissesSeesTwiceOrOutOfOrderIsNoticed() {
        oracle.seen("misses", place(2), store.get(1).text());
        complainsOf("P6");

        Oracle second = new Oracle();
        second.seen("twice", place(1), store.get(0).text());
        second.seen("twice", place(1), store.get(0).text());
        assertThat(second.complaints()).anyMatch(complaint -> complaint.startsWith("P6"));
    }

    @Test
    void twoSubscribersThatSawDifferentMessagesAtOnePlaceAreNoticed() {
        oracle.seen("ann", place(1), store.get(0).text());
        oracle.seen("bob", place(1), store.get(1).text());

        complainsOf("P4");
    }

    @Test
    void aListenerWithoutOffsetsThatMissedOrSwappedSomethingIsNoticed() {
        oracle.heard("misses", TOPIC, store.get(3).text());
        oracle.heard("misses", TOPIC, store.get(5).text());
        read();
        assertThat(oracle.complaints()).containsExactly("P6: misses heard offset 6 of t after 4");

        oracle.heard("swaps", TOPIC, store.get(3).text());
        oracle.heard("swaps", TOPIC, store.get(2).text());
        read();
        assertThat(oracle.complaints()).hasSize(2).last().isEqualTo("P6: swaps heard offset 3 of t after 4");
    }

    @Test
    void answersThatOvertakeEachOtherAreNoticed() {
        oracle.sent("late-1", TOPIC, true);
        oracle.sent("late-2", TOPIC, true);
        oracle.acked("d", "late-1", place(12));
        oracle.acked("d", "late-2", place(11));

        complainsOf("P10");
    }

    @Test
    void aRepeatWithAnotherPlaceIsNoticed() {
        read();
        oracle.repeated("m-1", place(11));
        assertThat(oracle.complaints())
                .anyMatch(complaint -> complaint.startsWith("P11: m-1 was acknowledged at t@7:1"));

        oracle.repeated("m-9", place(12));
        assertThat(oracle.complaints()).anyMatch(complaint -> complaint.startsWith("P11: m-9 was stored at 9"));
    }

    @Test
    void whatIsStoredAndUnansweredIsNoticedWhereTheEndWasInOrder() {
        read();
        oracle.requireNothingStoredUnanswered();

        assertThat(oracle.complaints())
                .containsExactly(
                        "P17: m-9 was stored and not acknowledged", "P17: m-10 was stored and not acknowledged");
    }

    @Test
    void afterAKillEverythingUnansweredAndSomeOfTheRestIsSentAgain() {
        assertThat(oracle.resends(new Random(1)))
                .extracting(Oracle.Resend::id)
                .startsWith("m-9", "m-10")
                .doesNotHaveDuplicates();
    }
}
