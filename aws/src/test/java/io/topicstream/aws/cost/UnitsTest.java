package io.topicstream.aws.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.aws.cost.Units.Consistency;
import java.math.BigDecimal;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// What AWS counts, at the edges of its steps.
class UnitsTest {
    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "32767, 1", "32768, 1", "32769, 2", "65536, 2", "65537, 3", "131072, 4"})
    void aWebSocketMessageCountsPer32Kb(long bytes, long messages) {
        assertThat(Units.webSocketMessage(bytes)).isEqualTo(Units.of(Billable.WEBSOCKET_MESSAGES, messages));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "60000, 1", "60001, 2", "7200000, 120"})
    void aConnectionCountsPerMinute(long ms, long minutes) {
        assertThat(Units.connection(Duration.ofMillis(ms))).isEqualTo(Units.of(Billable.CONNECTION_MINUTES, minutes));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 1",
        "1, 0, 1",
        "524288, 0, 1",
        "524289, 0, 2",
        "0, 524288, 1",
        "1, 524288, 2",
        "524288, 524288, 2",
        "10485760, 0, 20"
    })
    void aRequestCountsPer512KbWithItsAnswer(long request, long answer, long requests) {
        assertThat(Units.httpRequest(request, answer)).isEqualTo(Units.of(Billable.HTTP_REQUESTS, requests));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "1024, 1", "1025, 2", "2048, 2", "409599, 400", "409600, 400"})
    void aWriteCountsPerKb(long bytes, long units) {
        assertThat(Units.write(bytes)).isEqualTo(Units.of(Billable.WRITE_UNITS, units));
        assertThat(Units.refusedWrite(bytes)).isEqualTo(Units.of(Billable.WRITE_UNITS, units));
        assertThat(Units.transactionWrite(bytes)).isEqualTo(Units.of(Billable.WRITE_UNITS, 2 * units));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "4096, 1", "4097, 2", "409600, 100", "1048576, 256"})
    void aReadCountsPer4KbAndByHowSureItIs(long bytes, long halves) {
        assertThat(Units.read(bytes, Consistency.EVENTUAL)).isEqualTo(Units.of(Billable.READ_HALVES, halves));
        assertThat(Units.read(bytes, Consistency.STRONG)).isEqualTo(Units.of(Billable.READ_HALVES, 2 * halves));
        assertThat(Units.read(bytes, Consistency.TRANSACTION)).isEqualTo(Units.of(Billable.READ_HALVES, 4 * halves));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "999999, 1", "1000000, 1", "1000001, 2", "20000000, 20"})
    void aCallOfAFunctionCountsPerMillisecond(long nanos, long ms) {
        assertThat(Units.functionCall(512, Duration.ofNanos(nanos)))
                .isEqualTo(Units.of(Billable.FUNCTION_CALLS, 1).plus(Units.of(Billable.FUNCTION_TIME, 512 * ms)));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 6400", "64, 100, 6400", "65, 100, 12800", "64, 101, 12800", "65, 101, 25600"})
    void anExpressWorkflowCountsPer64MbAnd100Milliseconds(long mb, long ms, long mbMs) {
        assertThat(Units.workflow(mb, Duration.ofMillis(ms)))
                .isEqualTo(Units.of(Billable.WORKFLOWS, 1).plus(Units.of(Billable.WORKFLOW_TIME, mbMs)));
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "65536, 1", "65537, 2", "262144, 4"})
    void anEventCountsPer64Kb(long bytes, long events) {
        assertThat(Units.event(bytes)).isEqualTo(Units.of(Billable.EVENTS, events));
    }

    @Test
    void whatAwsDoesNotTakeIsRefused() {
        assertThatThrownBy(() -> Units.webSocketMessage(131_073))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("131073 bytes are more than the 131072 that AWS takes");
        assertThatThrownBy(() -> Units.write(409_601)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Units.transactionWrite(409_601)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nothingIsBelowNothing() {
        assertThatThrownBy(() -> Units.write(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Units.read(-1, Consistency.STRONG)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Units.httpRequest(-1, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Units.functionCall(1_024, Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Units.of(Billable.EVENTS, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Units.write(1).times(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void unitsAddAndMultiplyWithoutChangingWhatTheyWere() {
        Units write = Units.write(1_025);
        Units both = write.plus(Units.read(1, Consistency.STRONG));

        assertThat(both.times(3)).hasToString("[write-units 6, read-units 6]");
        assertThat(both.times(0)).isEqualTo(Units.NONE);
        assertThat(both.plus(Units.NONE)).isEqualTo(both).hasSameHashCodeAs(both);
        assertThat(write).hasToString("[write-units 2]");
        assertThat(Units.NONE).hasToString("[]");
    }

    @Test
    void whatCannotBeCountedIsRefusedAndNotWrapped() {
        Units most = Units.of(Billable.BYTES_OUT, Long.MAX_VALUE);

        assertThatThrownBy(() -> most.plus(Units.of(Billable.BYTES_OUT, 1))).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> most.times(2)).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> Units.httpRequest(Long.MAX_VALUE, 1)).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> Units.functionCall(Long.MAX_VALUE, Duration.ofMillis(2)))
                .isInstanceOf(ArithmeticException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "WEBSOCKET_MESSAGES, 1000000, 1.00",
        "WEBSOCKET_MESSAGES, 1, 0.000001",
        "CONNECTION_MINUTES, 438000000, 109.50",
        "HTTP_REQUESTS, 3000000, 3.00",
        "FUNCTION_CALLS, 5, 0.000001",
        "FUNCTION_TIME, 1024000, 0.0000133334",
        "WRITE_UNITS, 8, 0.000005",
        "READ_HALVES, 1, 0.0000000625",
        "TABLE_STORAGE, 747520, 0.25",
        "OBJECT_PUTS, 1, 0.000005",
        "OBJECT_GETS, 1, 0.0000004",
        "OBJECT_STORAGE, 747520, 0.023",
        "EVENTS, 1, 0.000001",
        "WORKFLOWS, 1, 0.000001",
        "WORKFLOW_TIME, 1024000, 0.00001667",
        "TRANSITIONS, 2, 0.00005",
        "BYTES_OUT, 1073741824, 0.09",
        "TASK_CPU_HOURS, 1, 0.03238",
        "TASK_MEMORY_HOURS, 1, 0.00356",
        "CACHE_UNITS, 1000000, 0.0023",
        "CACHE_MEMORY, 1024, 0.084",
        "BALANCER_HOURS, 1, 0.0225",
        "BALANCER_BYTES, 1073741824, 0.006"
    })
    void eachHasItsListPrice(Billable what, long count, BigDecimal dollars) {
        assertThat(Prices.list().cost(Units.of(what, count))).isEqualByComparingTo(dollars);
    }

    @ParameterizedTest
    @EnumSource(Billable.class)
    void eachMayHaveAnotherPriceAndIsFoundByItsName(Billable what) {
        Units units = Units.of(what, what.perPrice() * 3);

        assertThat(Billable.of(what.key())).contains(what);
        assertThat(Prices.list().with(what, new BigDecimal("0.7")).cost(units)).isEqualByComparingTo("2.1");
        assertThat(Prices.list().with(what, BigDecimal.ZERO).cost(units)).isEqualByComparingTo("0");
        assertThat(units.priced(what)).isEqualByComparingTo("3");
        assertThatThrownBy(() -> Prices.list().with(what, new BigDecimal("-0.01")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /// As no sum of doubles has it.
    @Test
    void manySmallSumsAreOneLargeOne() {
        Units one = Units.of(Billable.FUNCTION_TIME, 1).plus(Units.of(Billable.READ_HALVES, 1));
        BigDecimal sum = BigDecimal.ZERO;
        for (int i = 0; i < 1_024; i++) {
            sum = sum.add(Prices.list().cost(one));
        }

        assertThat(sum).isEqualByComparingTo(Prices.list().cost(one.times(1_024)));
    }
}
