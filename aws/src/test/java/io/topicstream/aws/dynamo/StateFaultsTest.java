package io.topicstream.aws.dynamo;

import static io.topicstream.state.StateStore.ABSENT;
import static io.topicstream.state.StateStore.ANY_VERSION;
import static io.topicstream.state.StateStore.NEVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.aws.dynamo.DynamoFaults.Fault;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.state.NotANumberException;
import io.topicstream.state.StateNumber;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.Seeds;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a caller is told when answers are lost, when requests come late or twice, and when clocks differ.
@Timeout(120)
class StateFaultsTest {
    private final ManualClock clock = new ManualClock();
    private final Calls calls = new Calls();
    private DynamoFaults faults = DynamoFaults.planned();
    private DynamoTable table = Dynoxide.get().table(faults);
    private DynamoStateStore store = DynamoStateStore.durable(table, clock, calls);
    /// Another node, for which all goes well.
    private final DynamoStateStore other = otherBy(clock);

    @AfterEach
    void close() {
        calls.close();
        table.client().close();
    }

    private DynamoStateStore otherBy(ManualClock theirs) {
        return DynamoStateStore.durable(new DynamoTable(Dynoxide.get().client(), table.name()), theirs, calls);
    }

    private void suffer(DynamoFaults others) {
        table.client().close();
        faults = others;
        table = new DynamoTable(Dynoxide.get().newClient(faults), table.name());
        store = DynamoStateStore.durable(table, clock, calls);
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private static long put(StateStore store, String value, long ifVersion) {
        return get(store.put("p", "k", bytes(value), ifVersion, NEVER));
    }

    private static boolean delete(StateStore store, long ifVersion) {
        return get(store.delete("p", "k", ifVersion));
    }

    private @Nullable StateRecord read() {
        return get(other.get("p", "k"));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void assertRecord(String value, long version) {
        assertThat(read()).isEqualTo(new StateRecord("k", bytes(value), version, NEVER));
        assertThat(faults.isPlanEmpty()).as("every fault has come").isTrue();
    }

    private static void assertUnavailable(CompletionStage<?> stage, String reason) {
        assertThatThrownBy(() -> get(stage))
                .cause()
                .isInstanceOf(LogUnavailableException.class)
                .hasMessageContaining(reason);
    }

    // ---- an answer is lost

    @ParameterizedTest
    @EnumSource(names = {"LOST_ANSWER", "LOST_REQUEST", "FAILED", "DELAYED", "THROTTLED_TABLE", "THROTTLED_ACCOUNT"})
    void aChangeIsMadeOnceAndItsCallerToldSoWhateverBecameOfItsFirstRequest(Fault fault) {
        faults.next(fault);
        long first = put(store, "1", ABSENT);
        assertThat(first).isPositive();
        assertRecord("1", first);

        faults.next(fault);
        long second = put(store, "2", first);
        assertThat(second).isGreaterThan(first);
        assertRecord("2", second);

        faults.next(fault);
        long third = put(store, "3", ANY_VERSION);
        assertThat(third).isGreaterThan(second);
        assertRecord("3", third);

        faults.next(fault);
        assertThat(delete(store, third)).isTrue();
        assertThat(read()).isNull();

        put(store, "4", ABSENT);
        faults.next(fault);
        assertThat(delete(store, ANY_VERSION)).isTrue();
        assertThat(read()).isNull();

        faults.next(fault);
        assertThat(get(store.advance("p", "k", 5))).isEqualTo(5);
        faults.next(fault);
        assertThat(get(store.advance("p", "k", 7))).isEqualTo(7);
        long version = read().version();

        faults.deliverLate();
        assertThat(read()).isEqualTo(new StateRecord("k", StateNumber.bytes(7), version, NEVER));
        assertThat(faults.happened(fault)).isEqualTo(7);
    }

    @ParameterizedTest
    @EnumSource(names = {"LOST_ANSWER", "LOST_REQUEST", "THROTTLED_TABLE"})
    void aConditionThatNeverHeldIsStillSaidNotToHold(Fault fault) {
        faults.next(fault);
        assertThat(delete(store, ANY_VERSION)).isFalse();
        faults.next(fault);
        assertThat(put(store, "1", 17)).isZero();

        long version = put(other, "theirs", ABSENT);
        tick();
        faults.next(fault);
        assertThat(put(store, "1", ABSENT)).isZero();
        faults.next(fault);
        assertThat(put(store, "1", version - 1)).isZero();
        faults.next(fault);
        assertThat(delete(store, version - 1)).isFalse();
        faults.next(fault);
        assertThatThrownBy(() -> get(store.advance("p", "k", 1))).cause().isInstanceOf(NotANumberException.class);

        assertRecord("theirs", version);
    }

    @Test
    void whereOthersChangedItBeforeTheNextTryNobodyCanSay() {
        long version = put(store, "0", ABSENT);
        faults.next(Fault.LOST_ANSWER, later(() -> put(other, "theirs", ANY_VERSION)));
        assertUnavailable(store.put("p", "k", bytes("1"), version, NEVER), "nobody can say");

        tick();
        faults.next(Fault.LOST_ANSWER, later(() -> put(other, "theirs", ANY_VERSION)));
        assertUnavailable(store.put("p", "k", bytes("2"), ANY_VERSION, NEVER), "nobody can say");

        tick();
        faults.next(Fault.LOST_ANSWER, later(() -> put(other, "theirs", ABSENT)));
        assertUnavailable(store.delete("p", "k", ANY_VERSION), "nobody can say");

        assertThat(read().value()).as("what came later stays").isEqualTo(bytes("theirs"));
        assertThat(faults.isPlanEmpty()).isTrue();
    }

    @Test
    void whereTheFirstRequestWasRefusedThereIsNoDoubt() {
        long version = put(store, "0", ABSENT);
        faults.next(Fault.THROTTLED_TABLE, later(() -> put(other, "theirs", ANY_VERSION)));
        assertThat(put(store, "1", version)).isZero();

        faults.next(Fault.THROTTLED_ACCOUNT, later(() -> delete(other, ANY_VERSION)));
        assertThat(delete(store, ANY_VERSION)).isFalse();
    }

    @Test
    void aNumberThatOthersRaisedFurtherIsNotInDoubt() {
        faults.next(Fault.LOST_ANSWER, later(() -> get(other.advance("p", "k", 9))));
        assertThat(get(store.advance("p", "k", 5))).isEqualTo(9);

        tick();
        byte[] one = StateNumber.bytes(1);
        faults.next(Fault.LOST_ANSWER, later(() -> get(other.put("p", "k", one, ANY_VERSION, NEVER))));
        assertUnavailable(store.advance("p", "k", 10), "nobody can say");
        assertThat(get(other.advance("p", "k", 0))).as("it was put lower").isEqualTo(1);
    }

    /// What another node does a moment later, with a higher version.
    private Runnable later(Runnable change) {
        return () -> {
            tick();
            change.run();
        };
    }

    private void tick() {
        clock.advance(Duration.ofMillis(1));
    }

    @Test
    void aNumberThatHasExpiredIsReplacedOnceThoughTheAnswerIsLost() {
        get(store.put("p", "k", StateNumber.bytes(9), ABSENT, clock.millis() + 10));
        clock.advance(Duration.ofMillis(10));

        faults.next(Fault.NONE, Fault.LOST_ANSWER);
        assertThat(get(store.advance("p", "k", 5))).isEqualTo(5);

        assertThat(read().expiresAtMs()).isEqualTo(NEVER);
        assertThat(faults.isPlanEmpty()).isTrue();
    }

    // ---- a request is late

    @Test
    void aRequestThatComesLateChangesNothing() {
        faults.next(Fault.DELAYED);
        long version = put(store, "1", ABSENT);
        assertThat(delete(store, version)).isTrue();
        faults.deliverLate();
        assertThat(read()).as("it does not come back").isNull();

        faults.next(Fault.DUPLICATED);
        put(store, "2", ANY_VERSION);
        long third = put(other, "3", ANY_VERSION);
        faults.deliverLate();
        assertRecord("3", third);

        tick();
        faults.next(Fault.DUPLICATED);
        delete(store, ANY_VERSION);
        long fourth = put(store, "4", ABSENT);
        faults.deliverLate();
        assertRecord("4", fourth);

        delete(store, ANY_VERSION);
        get(store.advance("p", "k", 1));
        faults.next(Fault.DUPLICATED);
        get(store.advance("p", "k", 9));
        get(store.put("p", "k", StateNumber.bytes(2), ANY_VERSION, NEVER));
        faults.deliverLate();
        assertThat(read().value()).isEqualTo(StateNumber.bytes(2));
    }

    // ---- the service is in trouble

    @Test
    void troubleThatOutlastsTheTriesIsSaid() {
        long version = put(store, "1", ABSENT);
        List<Supplier<CompletionStage<?>>> all = List.of(
                () -> store.get("p", "k"),
                () -> store.put("p", "k", bytes("2"), version, NEVER),
                () -> store.delete("p", "k", ANY_VERSION),
                () -> store.advance("p", "n", 1),
                () -> store.scan("p", "", "", 10));
        for (Supplier<CompletionStage<?>> call : all) {
            Fault[] tries = new Fault[Dynoxide.TRIES];
            Arrays.fill(tries, Fault.THROTTLED_TABLE);
            faults.next(tries);
            assertUnavailable(call.get(), "cannot be had");
            assertThat(faults.isPlanEmpty()).isTrue();
        }
        faults.next(Fault.CONFLICT);
        assertUnavailable(store.put("p", "k", bytes("2"), version, NEVER), "cannot be had");

        assertRecord("1", version);
        assertThat(get(store.scan("p", "", "", 10)).records()).hasSize(1);
    }

    // ---- clocks

    @Test
    void versionsRiseThoughTheClockOfAnotherNodeIsBehind() {
        ManualClock behind = new ManualClock();
        DynamoStateStore late = otherBy(behind);
        clock.advance(Duration.ofDays(1));
        put(store, "0", ANY_VERSION);
        long version = put(store, "1", ANY_VERSION);

        long second = put(late, "2", ANY_VERSION);
        assertThat(second).isGreaterThan(version);
        long third = put(late, "3", second);
        assertThat(third).isGreaterThan(second);
        assertThat(delete(late, ANY_VERSION)).isTrue();
        DynamoStateStore restarted = otherBy(behind);
        long again = put(restarted, "4", ABSENT);
        assertThat(again).as("made again").isGreaterThan(third);
        assertThat(put(store, "stale", third)).isZero();

        assertThat(delete(restarted, ANY_VERSION)).isTrue();
        assertThat(get(otherBy(behind).advance("p", "k", 3))).isEqualTo(3);
        assertThat(get(otherBy(behind).advance("p", "k", 4))).isEqualTo(4);
        assertThat(read().version()).isGreaterThan(again);
        assertThat(delete(otherBy(behind), ANY_VERSION)).isTrue();
        assertThat(read()).isNull();
    }

    // ---- what it costs

    @Test
    void eachOperationIsOneCall() {
        Map<String, Integer> tries = new HashMap<>();
        count(tries, "put", store.put("p", "k", bytes("1"), ABSENT, NEVER));
        count(tries, "put of any", store.put("p", "k", bytes("1"), ANY_VERSION, NEVER));
        count(tries, "put that does not hold", store.put("p", "k", bytes("1"), ABSENT, NEVER));
        count(tries, "get", store.get("p", "k"));
        count(tries, "delete", store.delete("p", "k", ANY_VERSION));
        count(tries, "delete of nothing", store.delete("p", "k", ANY_VERSION));
        count(tries, "advance", store.advance("p", "n", 1));
        count(tries, "advance further", store.advance("p", "n", 2));
        count(tries, "advance not", store.advance("p", "n", 1));
        count(tries, "scan", store.scan("p", "", "", 10));
        count(tries, "scan of nothing", store.scan("p", "n", "x", 10));

        assertThat(tries.remove("scan of nothing")).isZero();
        assertThat(tries.values()).containsOnly(1);
    }

    private void count(Map<String, Integer> tries, String what, CompletionStage<?> call) {
        int before = tries.values().stream().mapToInt(Integer::intValue).sum();
        get(call);
        tries.put(what, faults.tries() - before);
    }

    @Test
    void aScanPassesByManyThatHaveExpiredInFewCalls() {
        for (int i = 0; i < 300; i++) {
            get(store.put("p", "gone-" + i, new byte[0], ABSENT, clock.millis() + 1));
        }
        get(store.put("p", "stays", new byte[0], ABSENT, NEVER));
        clock.advance(Duration.ofMillis(1));
        int before = faults.tries();

        assertThat(get(store.scan("p", "", "", 1)).records()).hasSize(1);

        assertThat(faults.tries() - before).isLessThanOrEqualTo(6);
    }

    // ---- what comes by chance

    @Test
    void oneWriterInAllTroubleIsToldWhatAStoreInMemoryWouldSay() {
        long seed = Seeds.next("a walk in trouble");
        suffer(DynamoFaults.random(seed, 0.2, EnumSet.complementOf(EnumSet.of(Fault.CONFLICT, Fault.NONE))));
        InMemoryStateStore model = new InMemoryStateStore(clock, Runnable::run);
        Random random = new Random(seed);
        Map<String, long[]> versions = new HashMap<>();
        for (int step = 0; step < 1500; step++) {
            String key = "k" + random.nextInt(4);
            long[] known = versions.computeIfAbsent(key, name -> new long[2]);
            int at = random.nextInt(4);
            boolean isAny = at == 0;
            long ours = isAny ? ANY_VERSION : at == 1 ? ABSENT : known[0];
            long theirs = isAny ? ANY_VERSION : at == 1 ? ABSENT : known[1];
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    byte[] value = random.nextBoolean() ? StateNumber.bytes(random.nextInt(50)) : bytes("v" + step);
                    long expiresAtMs = random.nextInt(3) == 0 ? clock.millis() + 5 : NEVER;
                    long mine = get(store.put("p", key, value.clone(), ours, expiresAtMs));
                    long its = get(model.put("p", key, value, theirs, expiresAtMs));
                    assertThat(mine == 0).as("put of step " + step).isEqualTo(its == 0);
                    if (mine != 0) {
                        assertThat(mine).as("version of step " + step).isGreaterThan(known[0]);
                        known[0] = mine;
                        known[1] = its;
                    }
                }
                case 2 ->
                    assertThat(get(store.delete("p", key, ours)))
                            .as("delete of step " + step)
                            .isEqualTo(get(model.delete("p", key, theirs)));
                case 3 -> {
                    long number = random.nextInt(50);
                    assertThat(outcome(store.advance("p", key, number)))
                            .as("advance of step " + step)
                            .isEqualTo(outcome(model.advance("p", key, number)));
                }
                case 4 ->
                    assertThat(content(get(store.scan("p", "", "", 3))))
                            .as("scan of step " + step)
                            .isEqualTo(content(get(model.scan("p", "", "", 3))));
                default -> clock.advance(Duration.ofMillis(1));
            }
        }

        faults.calm();
        faults.deliverLate();
        assertThat(content(get(store.scan("p", "", "", 10)))).isEqualTo(content(get(model.scan("p", "", "", 10))));
        for (Fault fault : List.of(Fault.LOST_ANSWER, Fault.LOST_REQUEST, Fault.DELAYED, Fault.DUPLICATED)) {
            assertThat(faults.happened(fault)).as("%s", fault).isPositive();
        }
    }

    private static String outcome(CompletionStage<Long> stage) {
        return stage.handle((number, failure) -> failure == null
                        ? Long.toString(number)
                        : (failure instanceof CompletionException ? failure.getCause() : failure).toString())
                .toCompletableFuture()
                .join();
    }

    /// A page without its versions.
    private static String content(StatePage page) {
        StringBuilder text = new StringBuilder();
        for (StateRecord record : page.records()) {
            text.append(record.key())
                    .append('=')
                    .append(Arrays.toString(record.value()))
                    .append(" until ")
                    .append(record.expiresAtMs())
                    .append('\n');
        }
        return text.append(page.isLast()).toString();
    }

    @Test
    void whoCountsInTroubleIsNeverToldAnUntruth() throws Exception {
        suffer(DynamoFaults.random(
                Seeds.next("counting in trouble"),
                0.2,
                EnumSet.of(Fault.LOST_ANSWER, Fault.LOST_REQUEST, Fault.DELAYED, Fault.THROTTLED_TABLE)));
        put(other, "0", ABSENT);
        AtomicInteger counted = new AtomicInteger();
        AtomicInteger unknown = new AtomicInteger();
        try (ExecutorService writers = Executors.newFixedThreadPool(4)) {
            List<Future<?>> all = new java.util.ArrayList<>();
            for (int writer = 0; writer < 4; writer++) {
                all.add(writers.submit(() -> count(counted, unknown)));
            }
            for (Future<?> one : all) {
                one.get();
            }
        }
        faults.calm();
        faults.deliverLate();

        int count = Integer.parseInt(new String(read().value(), StandardCharsets.UTF_8));
        assertThat(count).isBetween(counted.get(), counted.get() + unknown.get());
        assertThat(counted.get()).isPositive();
    }

    private void count(AtomicInteger counted, AtomicInteger unknown) {
        // A store each, as nodes have: changes of one store wait for each other.
        DynamoStateStore mine = DynamoStateStore.durable(table, clock, calls);
        for (int i = 0; i < 60; i++) {
            try {
                StateRecord before = get(mine.get("p", "k"));
                int next = Integer.parseInt(new String(before.value(), StandardCharsets.UTF_8)) + 1;
                if (put(mine, Integer.toString(next), before.version()) != 0) {
                    counted.incrementAndGet();
                }
            } catch (CompletionException e) {
                assertThat(e).cause().isInstanceOf(LogUnavailableException.class);
                unknown.incrementAndGet();
            }
        }
    }
}
