package io.topicstream.aws.cost;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.cost.Units.Consistency;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What a meter has counted, and how it says so.
class MeterTest {
    private final Meter meter = new Meter();

    @Test
    void eachCallIsRoundedByItself() {
        meter.fromClient(1);
        meter.fromClient(32_769);
        meter.toClient(100);
        meter.connection(Duration.ofSeconds(61));
        meter.httpRequest(524_288, 1);
        meter.functionCall("door", 1_024, Duration.ofMillis(20));
        meter.functionCall("door", 1_024, Duration.ofNanos(1));
        meter.event(65_537);
        meter.transitions(5);

        assertThat(meter.units())
                .isEqualTo(Units.of(Billable.WEBSOCKET_MESSAGES, 4)
                        .plus(Units.of(Billable.BYTES_OUT, 101))
                        .plus(Units.of(Billable.CONNECTION_MINUTES, 2))
                        .plus(Units.of(Billable.HTTP_REQUESTS, 2))
                        .plus(Units.of(Billable.FUNCTION_CALLS, 2))
                        .plus(Units.of(Billable.FUNCTION_TIME, 21 * 1_024))
                        .plus(Units.of(Billable.EVENTS, 2))
                        .plus(Units.of(Billable.TRANSITIONS, 5)));
    }

    @Test
    void theBillHasALineForEachThing() {
        meter.count("rows", Units.write(1_025));
        meter.count("rows", Units.write(1));
        meter.count("pages", Units.read(4_097, Consistency.STRONG));
        meter.count("nothing", Units.NONE);

        Bill bill = meter.priced(Prices.list());

        assertThat(bill.lines()).extracting(Bill.Line::what).containsExactly("pages", "rows");
        assertThat(bill.lines())
                .extracting(Bill.Line::units)
                .containsExactly(Units.of(Billable.READ_HALVES, 4), Units.of(Billable.WRITE_UNITS, 3));
        // 3 * 0.625 + 2 * 0.125, a millionth of it
        assertThat(bill.total()).isEqualByComparingTo("0.000002125");
        assertThat(bill.perMillion(2).orElseThrow()).isEqualByComparingTo("1.0625");
    }

    @Test
    void itIsToldInUnitsThatPeopleKnow() {
        meter.count("asking", Units.read(1, Consistency.EVENTUAL));
        meter.functionCall("door", 1_024, Duration.ofMillis(20));
        meter.toClient(1_234);

        assertThat(meter.report(Prices.list()))
                .containsExactly(
                        "asking                              0.000000063  0.5 read-units",
                        "function door                       0.000000467  1 function-calls, 0.020000 GB-seconds",
                        "messages to clients                 0.000001103  1 websocket-messages, 1,234 bytes out",
                        "total                               0.000001633");
    }

    @Test
    void itCountsFromNothingAgain() {
        meter.event(1);
        meter.restart();
        meter.event(1);

        assertThat(meter.units()).isEqualTo(Units.of(Billable.EVENTS, 1));
    }

    @Test
    void manyThreadsLoseNothing() {
        IntStream.range(0, 20_000).parallel().forEach(i -> meter.fromClient(i % 2 == 0 ? 1 : 40_000));

        assertThat(meter.units()).isEqualTo(Units.of(Billable.WEBSOCKET_MESSAGES, 30_000));
    }
}
