package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `topicstream cost`, run in this process.
class CostCommandTest {
    private static final Pattern SUM = Pattern.compile("\"deployment\":\"(\\w+)\",\"total\":([0-9.]+)");
    private static final Pattern LINE = Pattern.compile("\"deployment\":\"(\\w+)\",\"line\":.*\"dollars\":([0-9.]+)");

    @TempDir
    private Path home;

    private Terminal.Run cost(String words) {
        List<String> all = new ArrayList<>(List.of("cost"));
        Stream.of(words.split(" ")).filter(word -> !word.isEmpty()).forEach(all::add);
        return new Terminal(Map.of(), home).run(all.toArray(String[]::new));
    }

    @Test
    void withoutNumbersItIsAMillionMessagesToTen() {
        Terminal.Run run = cost("");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.lines())
                .startsWith(
                        "1,000,000 messages of 900 bytes a month, each to 10 connections; 10 connections open",
                        "US dollars a month, list prices of us-east-1 as of 2026-11-21")
                .contains(
                        "serverless",
                        "  deliveries                                  10.00",
                        "cluster",
                        "  2 tasks of 2 vCPU and 4 GB                 115.34")
                .endsWith("What this rests on, and all prices: --assumptions");
        assertThat(run.lines())
                .hasSizeLessThan(45)
                .allSatisfy(line -> assertThat(line).hasSizeLessThan(110));
    }

    @Test
    void everyAssumptionIsToldWithItsReasonAndEveryPriceWithItsPage() {
        Terminal.Run run = cost("--assumptions");

        assertThat(run.lines())
                .contains(
                        "turn-writes = 2 writes: rows that say who delivers to a part: taken, and given back",
                        "write-units = $0.625 for a million write request units of 1 KB (Airbyte, DynamoDB pricing)")
                .contains("metered: $2.66 for a million messages, posted to a sink")
                .anyMatch(line -> line.matches(
                        "metered: \\$17\\.63 for a million messages, each to 10, estimated \\$17\\.[0-9]{2}"))
                .filteredOn(line -> line.matches("[a-z-]+ = .*"))
                .hasSizeGreaterThan(50)
                .doesNotHaveDuplicates();
    }

    @Test
    void theSumIsThatOfTheLines() {
        Terminal.Run run = cost("--json --messages 123456789 --fan-out 7 --connections 4321 --history 1000");

        assertThat(run.exitCode()).as(run.err()).isZero();
        for (String deployment : List.of("serverless", "cluster")) {
            BigDecimal lines = sum(LINE, deployment, run.lines());
            BigDecimal total = sum(SUM, deployment, run.lines());
            // Each line is rounded to a millionth.
            assertThat(lines.subtract(total).abs()).isLessThan(new BigDecimal("0.00002"));
            assertThat(total).isGreaterThan(new BigDecimal("100"));
        }
    }

    private static BigDecimal sum(Pattern pattern, String deployment, List<String> lines) {
        return lines.stream()
                .map(pattern::matcher)
                .filter(Matcher::find)
                .filter(found -> found.group(1).equals(deployment))
                .map(found -> new BigDecimal(found.group(2)))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    @Test
    void aLineOfJsonSaysHowOftenEachPriceIsBilled() {
        assertThat(cost("--json --messages 2000000 --fan-out 3 --connections 0").lines())
                .contains("{\"deployment\":\"serverless\",\"line\":\"deliveries\",\"dollars\":6,"
                        + "\"prices\":{\"websocket-messages\":6}}");
        assertThat(cost("--json --assumptions").lines())
                .contains(
                        "{\"assumption\":\"tasks\",\"value\":2,\"unit\":\"tasks\","
                                + "\"reason\":\"the fewest of a cluster, so that one may fail\"}",
                        "{\"price\":\"data-out\",\"dollars\":0.09,\"for\":\"a GB out to the internet\","
                                + "\"source\":\"API Evangelist, Amazon API Gateway, September 2026\"}");
    }

    @Test
    void aRateIsThatManyMessagesInTheBusyHours() {
        assertThat(cost("--rate 0.5 --hours 12").lines().getFirst()).startsWith("657,000 messages of 900 bytes");
    }

    @Test
    void aPriceOfYoursIsReckonedWith() {
        Terminal.Run run = cost("--price websocket-messages=0.8 --price=data-out=0 --assumptions");

        assertThat(run.lines())
                .contains(
                        "US dollars a month, with prices of yours, else list prices of us-east-1 as of 2026-11-21",
                        "  deliveries                                   8.00",
                        "  data of deliveries                           0.00")
                .anyMatch(line -> line.startsWith("websocket-messages = $0.8 for"));
    }

    @Test
    void whatThereIsNoneOfIsLeftOut() {
        Terminal.Run run = cost("--messages 0 --fan-out 0 --connections 0");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.lines())
                .containsSubsequence("serverless", "  total                                        0.00", "cluster")
                .noneMatch(line -> line.startsWith("  for a million"))
                .noneMatch(line -> line.startsWith("  deliveries"));
    }

    @Test
    void manyConnectionsCostLessInACluster() {
        assertThat(cost("--messages 0 --connections 20000").out())
                .contains("The cluster costs less, however few messages there are.");
        assertThat(cost("--price task-cpu=999999999").out())
                .contains("The cluster costs more, however many messages there are.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            --messages -1            | --messages is '-1'; allowed is a whole number from 0 to 100000000000
            --messages ten           | --messages is 'ten'; allowed is a whole number from 0 to 100000000000
            --messages 1.5           | --messages is '1.5'; allowed is a whole number from 0 to 100000000000
            --messages 1e30          | --messages is '1e30'; allowed is a whole number from 0 to 100000000000
            --messages 100000000001  | --messages is '100000000001'; allowed is a whole number from 0 to 100000000000
            --messages 99999999999999999999 | --messages is '99999999999999999999'; allowed is a whole number from 0 to 100000000000
            --messages ١٢            | --messages is '١٢'; allowed is a whole number from 0 to 100000000000
            --messages=              | --messages is ''; allowed is a whole number from 0 to 100000000000
            --bytes 122881           | --bytes is '122881'; allowed is a whole number from 0 to 122880
            --fan-out 1000001        | --fan-out is '1000001'; allowed is a whole number from 0 to 1000000
            --per-frame 0            | --per-frame is '0'; allowed is a whole number from 1 to 1000
            --connections -5         | --connections is '-5'; allowed is a whole number from 0 to 100000000
            --hours 0                | --hours is '0'; allowed is a whole number from 1 to 24
            --hours 25               | --hours is '25'; allowed is a whole number from 1 to 24
            --websocket-percent 101  | --websocket-percent is '101'; allowed is a whole number from 0 to 100
            --id-percent x           | --id-percent is 'x'; allowed is a whole number from 0 to 100
            --history -1             | --history is '-1'; allowed is a whole number from 0 to 10000000000
            --retention-days 0       | --retention-days is '0'; allowed is a whole number from 1 to 3650
            --rate NaN               | --rate is 'NaN'; allowed is a number from 0 to 999999999, with up to 12 decimals
            --rate -0.5              | --rate is '-0.5'; allowed is a number from 0 to 999999999, with up to 12 decimals
            --rate 999999999         | 999999999 messages a second are more than 100000000000 a month, and those are not estimated
            --rate 1 --messages 1    | --messages and --rate say the same; give one of them
            --messages 100000000000 --fan-out 101 | 100000000000 messages for 101 connections each are more than 10000000000000 deliveries a month, and those are not estimated
            --per-frame 128          | a frame of 128 messages of 900 bytes is larger than the 131072 bytes that API Gateway takes
            --price data-out=-1      | --price data-out is '-1'; allowed is a number from 0 to 999999999, with up to 12 decimals
            --price data-out=        | --price data-out is ''; allowed is a number from 0 to 999999999, with up to 12 decimals
            --price write-unit=1     | --price write-unit is unknown; did you mean write-units?
            """)
    void nonsenseIsRefused(String words, String told) {
        Terminal.Run run = cost(words);

        assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).isEqualTo("topicstream: " + told + "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--price data-out", "--messages", "12", "--mesages 1", "--json=2"})
    void whatCannotBeReadIsRefused(String words) {
        Terminal.Run run = cost(words);

        assertThat(run.exitCode()).isEqualTo(ExitCodes.USAGE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("topicstream: ").endsWith("(see topicstream cost --help)\n");
        assertThat(run.err().lines()).hasSize(1);
    }

    /// All limits at once: nothing on the way is too large to count.
    @Test
    void theLargestIsEstimated() {
        Terminal.Run run = cost("--messages 10000000 --fan-out 1000000 --bytes 122880 --connections 100000000"
                + " --history 10000000000 --retention-days 3650 --assumptions");

        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.lines()).anyMatch(line -> line.matches(" {2}deliveries +40,000,000\\.00"));
    }
}
