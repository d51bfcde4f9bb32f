package io.topicstream.aws.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a month is estimated to cost.
class EstimateTest {
    private static final Prices PRICES = Prices.list();

    /// Messages of 900 bytes with ids, over WebSockets, all day, kept for 30 days.
    static Workload load(long messages, long fanOut, long perFrame, long connections) {
        return new Workload(messages, 900, fanOut, perFrame, connections, 24, 100, 100, 0, 30);
    }

    private static Estimate estimate(Workload load) {
        return Estimate.of(load, PRICES);
    }

    private static Units line(Bill bill, String what) {
        return bill.lines().stream()
                .filter(line -> line.what().equals(what))
                .map(Bill.Line::units)
                .findFirst()
                .orElse(Units.NONE);
    }

    @Test
    void aSmallMessageIsOneFrameOneCallAndSevenWriteUnits() {
        Bill bill = estimate(load(2, 1, 1, 0)).serverless();

        assertThat(bill.units().count(Billable.WRITE_UNITS))
                .as("its row, its id, two for the turn of who delivers, and its row when it is archived")
                .isEqualTo(2 * 7);
        assertThat(line(bill, "frames from publishers")).isEqualTo(Units.of(Billable.WEBSOCKET_MESSAGES, 2));
        assertThat(line(bill, "deliveries")).isEqualTo(Units.of(Billable.WEBSOCKET_MESSAGES, 2));
        assertThat(line(bill, "functions that publish").count(Billable.FUNCTION_CALLS))
                .isEqualTo(2);
        assertThat(line(bill, "functions that deliver").count(Billable.FUNCTION_CALLS))
                .isZero();
        assertThat(line(bill, "reads of a frame")).isEqualTo(Units.of(Billable.READ_HALVES, 2 * 14));
        assertThat(line(bill, "turns of delivery")).isEqualTo(Units.of(Billable.WRITE_UNITS, 4));
        assertThat(line(bill, "asking who listens")).isEqualTo(Units.of(Billable.READ_HALVES, 4));
    }

    @ParameterizedTest
    @CsvSource({"851, 1", "852, 2", "1875, 2", "1876, 3", "9043, 9"})
    void aRowOfTheLogIsRoundedUpWithWhatItHasBesideTheMessage(long bytes, long units) {
        Workload load = new Workload(1, bytes, 0, 1, 0, 24, 100, 0, 0, 1);

        assertThat(line(estimate(load).serverless(), "rows of the log"))
                .isEqualTo(Units.of(Billable.WRITE_UNITS, units));
    }

    @Test
    void aLargeRowIsOneObjectAndARowThatPointsToIt() {
        Workload load = new Workload(1, 9_047, 0, 1, 0, 24, 100, 0, 0, 1);

        assertThat(line(estimate(load).serverless(), "rows of the log"))
                .isEqualTo(Units.of(Billable.OBJECT_PUTS, 1).plus(Units.of(Billable.WRITE_UNITS, 1)));
    }

    @ParameterizedTest
    @CsvSource({"0, 2", "1, 2", "30, 2", "31, 4", "200, 14", "201, 16", "1000, 70", "1001, 72"})
    void whoListensIsAskedForPartByPart(long fanOut, long halves) {
        assertThat(line(estimate(load(1, fanOut, 1, 0)).serverless(), "asking who listens"))
                .isEqualTo(Units.of(Billable.READ_HALVES, halves));
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "200, 0", "201, 2", "400, 2", "401, 3", "1000, 5"})
    void manyAreDeliveredToByFurtherCalls(long fanOut, long calls) {
        Units units = line(estimate(load(1, fanOut, 1, 0)).serverless(), "functions that deliver");

        assertThat(units.count(Billable.FUNCTION_CALLS)).isEqualTo(calls);
        assertThat(units.count(Billable.FUNCTION_TIME)).isEqualTo(1_024 * (20 * calls + fanOut));
    }

    @Test
    void messagesInOneFrameAreDeliveredInTwo() {
        Bill bill = estimate(load(1_000_000, 1_000, 10, 0)).serverless();

        assertThat(line(bill, "deliveries")).isEqualTo(Units.of(Billable.WEBSOCKET_MESSAGES, 200_000_000));
        assertThat(line(bill, "turns of delivery")).isEqualTo(Units.of(Billable.WRITE_UNITS, 2_000_000));
        assertThat(line(bill, "rows of message ids")).isEqualTo(Units.of(Billable.WRITE_UNITS, 1_000_000));
    }

    @Test
    void whatIsPublishedByHttpIsARequestAndNoFrame() {
        Workload load = new Workload(10, 900, 0, 1, 0, 24, 30, 0, 0, 1);
        Bill bill = estimate(load).serverless();

        assertThat(line(bill, "frames from publishers")).isEqualTo(Units.of(Billable.WEBSOCKET_MESSAGES, 3));
        assertThat(line(bill, "replies to them").count(Billable.WEBSOCKET_MESSAGES))
                .isEqualTo(3);
        assertThat(line(bill, "publishes by HTTP").count(Billable.HTTP_REQUESTS))
                .isEqualTo(7);
        assertThat(line(bill, "rows of message ids")).isEqualTo(Units.NONE);
    }

    @Test
    void aConnectionPaysForEachMinuteAndForBeginningAnew() {
        Bill bill = estimate(load(0, 1, 1, 10_000)).serverless();

        assertThat(bill.lines())
                .extracting(Bill.Line::what)
                .containsExactly("connection minutes", "keepalives", "connections that begin anew");
        assertThat(bill.lines().getFirst().dollars()).isEqualByComparingTo("109.50");
        assertThat(line(bill, "keepalives"))
                .isEqualTo(Units.of(Billable.WEBSOCKET_MESSAGES, 2 * 87_600_000)
                        .plus(Units.functionCall(1_024, Duration.ofMillis(20)).times(87_600_000))
                        .plus(Units.of(Billable.READ_HALVES, 2 * 87_600_000)));
        assertThat(line(bill, "connections that begin anew").count(Billable.WRITE_UNITS))
                .isEqualTo(13 * 3_650_000);
    }

    @Test
    void anHourADayIsATwentyFourthOfTheMinutes() {
        Workload load = new Workload(0, 0, 0, 1, 24, 1, 0, 0, 0, 1);

        assertThat(line(estimate(load).serverless(), "connection minutes"))
                .isEqualTo(Units.of(Billable.CONNECTION_MINUTES, 43_800));
    }

    @Test
    void aPageOfHistoryIsReadFromTheTail() {
        Workload load = new Workload(0, 900, 0, 1, 0, 24, 100, 100, 1, 30);
        Units page = line(estimate(load).serverless(), "pages of history");

        assertThat(page.count(Billable.HTTP_REQUESTS)).isEqualTo(1);
        assertThat(page.count(Billable.FUNCTION_CALLS)).isEqualTo(1);
        // 100 rows of 1,070 bytes are 27 steps of 4 KB.
        assertThat(page.count(Billable.READ_HALVES)).isEqualTo(54);
        assertThat(page.count(Billable.BYTES_OUT)).isEqualTo(103_000);
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 0", "2, 0, 0", "3, 1, 24"})
    void onlyWhatIsKeptLongerThanTheTailIsArchived(long days, long objects, long hours) {
        Workload load = new Workload(1_000, 1_048_576 / 1_000 - 60, 0, 1, 0, 24, 100, 0, 0, days);
        Bill bill = estimate(load).serverless();

        assertThat(line(bill, "archive").count(Billable.OBJECT_PUTS)).isEqualTo(objects);
        // Each row of 1,161 bytes is written anew, and 100 of them are read twice.
        assertThat(line(bill, "archive").count(Billable.WRITE_UNITS)).isEqualTo(objects * 2_000);
        assertThat(line(bill, "archive").count(Billable.READ_HALVES)).isEqualTo(objects * 2 * 10 * 2 * 29);
        assertThat(line(bill, "storage").count(Billable.OBJECT_STORAGE)).isEqualTo(hours);
        assertThat(line(bill, "storage").count(Billable.TABLE_STORAGE)).isEqualTo(Math.min(48, days * 24));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 2",
        "1000000, 0, 2",
        // 20,000 in and 20,000 out a second, all month
        "52560000000, 0, 2",
        "52560000001, 0, 3",
        "0, 100000, 2",
        "0, 100001, 3"
    })
    void aClusterHasTheTasksThatItsBusySecondsNeed(long messages, long connections, long tasks) {
        assertThat(Cluster.tasks(load(messages, 1, 1, connections))).isEqualTo(tasks);
    }

    @Test
    void theLeastOfAClusterIsPaidForAlways() {
        Bill bill = estimate(load(0, 0, 1, 0)).cluster();

        // Two tasks of 2 vCPU and 4 GB, 1 GB of Valkey, and the balancer, for 730 hours.
        assertThat(bill.total())
                .isEqualByComparingTo(new BigDecimal("0.03238")
                        .multiply(BigDecimal.valueOf(4))
                        .add(new BigDecimal("0.00356").multiply(BigDecimal.valueOf(8)))
                        .add(new BigDecimal("0.084"))
                        .add(new BigDecimal("0.0225"))
                        .multiply(BigDecimal.valueOf(730)));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 0", "10, 1, 100", "1000, 1, 1000", "10, 10, 100", "0, 1, 0"})
    void atTheBreakEvenTheClusterBeginsToCostLess(long fanOut, long perFrame, long connections) {
        Workload there =
                estimate(load(5, fanOut, perFrame, connections)).breakEven().orElseThrow();
        Estimate at = estimate(there);
        Estimate before = estimate(there.withMessages(there.messages() - 1));

        assertThat(at.cluster().total()).isLessThan(at.serverless().total());
        assertThat(before.cluster().total())
                .isGreaterThanOrEqualTo(before.serverless().total());
    }

    @Test
    void manyIdleConnectionsCostLessInAClusterWithoutAMessage() {
        assertThat(estimate(load(5, 1, 1, 20_000)).breakEven().orElseThrow().messages())
                .isZero();
    }

    @Test
    void aClusterMayNeverCostLess() {
        Prices dear = PRICES.with(Billable.TASK_CPU_HOURS, new BigDecimal("100000000"));

        assertThat(Estimate.of(load(5, 1, 1, 0), dear).breakEven()).isEmpty();
    }

    @Test
    void whatThereIsNoneOfHasNoPrice() {
        Estimate nothing = estimate(load(0, 10, 1, 0));
        Estimate unheard = estimate(load(1, 0, 1, 0));

        assertThat(nothing.perMillionMessages(nothing.cluster())).isEmpty();
        assertThat(unheard.perMillionDeliveries(unheard.cluster())).isEmpty();
        assertThat(unheard.perMillionMessages(unheard.cluster())).isPresent();
    }

    /// All limits at once, so that no product on the way is too large to count.
    @ParameterizedTest
    @CsvSource({"100000000000, 100, 1", "10000000, 1000000, 1", "100000000000, 0, 1", "1, 1000000, 1000"})
    void theLargestIsCounted(long messages, long fanOut, long perFrame) {
        long bytes = perFrame == 1 ? Workload.MAX_MESSAGE_BYTES : 1;
        Workload load = new Workload(
                messages,
                bytes,
                fanOut,
                perFrame,
                Workload.MAX_CONNECTIONS,
                24,
                50,
                100,
                Workload.MAX_HISTORY_PAGES,
                Workload.MAX_RETENTION_DAYS);
        Estimate estimate = estimate(load);

        assertThat(estimate.serverless().total()).isGreaterThan(new BigDecimal("1000000"));
        assertThat(estimate.cluster().total()).isGreaterThan(new BigDecimal("100000"));
        assertThat(estimate.serverless().units()).isNotEqualTo(Units.NONE);
    }

    @Test
    void nonsenseIsRefusedWithASentence() {
        assertRefused(() -> load(-1, 1, 1, 0), "messages: -1; allowed is a whole number from 0 to 100000000000");
        assertRefused(() -> load(Long.MAX_VALUE, 1, 1, 0), "messages: 9223372036854775807; allowed");
        assertRefused(() -> load(1, -1, 1, 0), "fan-out: -1;");
        assertRefused(() -> load(1, 1, 0, 0), "per frame: 0;");
        assertRefused(() -> load(1, 1, 1, -1), "connections: -1;");
        assertRefused(() -> load(10_000_001, 1_000_000, 1, 0), "10000001 messages for 1000000 connections each");
        assertRefused(() -> load(1, 1, 128, 0), "a frame of 128 messages of 900 bytes is larger than the 131072");
        assertRefused(() -> Workload.messagesOf(new BigDecimal("999999999"), 24), "999999999 messages a second");
    }

    private static void assertRefused(Runnable workload, String sentence) {
        assertThatThrownBy(workload::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(sentence);
    }

    @ParameterizedTest
    @CsvSource({"1, 24, 2628000", "0.5, 24, 1314000", "1, 1, 109500", "0.000001, 1, 0", "0, 24, 0"})
    void aRateIsMessagesOfTheBusyHours(BigDecimal rate, long hours, long messages) {
        assertThat(Workload.messagesOf(rate, hours)).isEqualTo(messages);
    }
}
