package io.topicstream.aws.cost;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The tables of `docs/aws.md` are what is computed.
class DocumentedCostTest {
    private static final Path PAGE = Path.of("..", "docs", "aws.md");
    private static final long SECONDS_A_MONTH = 730 * 3_600;

    @Test
    void theTableOfFanOutsIsComputed() throws IOException {
        assertThat(table("| for |"))
                .containsExactly(
                        messages(1),
                        messages(10),
                        messages(1_000),
                        deliveries(1),
                        deliveries(10),
                        deliveries(1_000),
                        idle());
    }

    @Test
    void theTableOfPricesIsThatOfTheList() throws IOException {
        assertThat(table("| name |"))
                .containsExactlyElementsOf(Stream.of(Billable.values())
                        .map(what -> row(
                                "`" + what.key() + "`",
                                what.priced(),
                                Prices.list().of(what).toPlainString(),
                                what.source()))
                        .toList());
    }

    @Test
    void theTableOfWhatIsMeteredIsThatOfTheCommand() throws IOException {
        assertThat(table("| metered for |"))
                .containsExactlyElementsOf(Stream.of(MeteredPrice.values())
                        .map(one -> row(one.what(), dollars(one.dollars())))
                        .toList());
    }

    /// What is metered is what is estimated: two ways to the same number.
    @Test
    void whatIsEstimatedIsNearToWhatIsMetered() {
        for (MeteredPrice one : MeteredPrice.values()) {
            one.estimated()
                    .ifPresent(estimated -> assertThat(estimated)
                            .as("dollars for %s, of which %s are metered", one.what(), one.dollars())
                            .isBetween(
                                    one.dollars().multiply(new BigDecimal("0.85")),
                                    one.dollars().multiply(new BigDecimal("1.15"))));
        }
    }

    @Test
    void theTableOfBreakEvensIsComputed() throws IOException {
        assertThat(table("| each message goes to |")).containsExactly(breakEven(1), breakEven(10), breakEven(1_000));
    }

    private static String messages(long fanOut) {
        return priced("a million messages, each to " + number(fanOut), fanOut, Estimate::perMillionMessages);
    }

    private static String deliveries(long fanOut) {
        return priced(
                "a million deliveries, each message to " + number(fanOut), fanOut, Estimate::perMillionDeliveries);
    }

    private static String priced(String what, long fanOut, PerMillion price) {
        Estimate single = estimate(EstimateTest.load(1_000_000, fanOut, 1, 0));
        Estimate framed = estimate(EstimateTest.load(1_000_000, fanOut, 10, 0));
        Estimate slow = estimate(EstimateTest.load(100 * SECONDS_A_MONTH / fanOut, fanOut, 1, 0));
        Estimate fast = estimate(EstimateTest.load(1_000 * SECONDS_A_MONTH / fanOut, fanOut, 1, 0));
        return row(
                what,
                dollars(price.of(single, single.serverless()).orElseThrow()),
                dollars(price.of(framed, framed.serverless()).orElseThrow()),
                dollars(price.of(slow, slow.cluster()).orElseThrow()),
                dollars(price.of(fast, fast.cluster()).orElseThrow()));
    }

    private static String idle() {
        Estimate idle = estimate(EstimateTest.load(0, 1, 1, 10_000));
        String serverless = dollars(idle.serverless().total());
        String cluster = dollars(idle.cluster().total());
        return row("10,000 idle connections, a month", serverless, serverless, cluster, cluster);
    }

    private static String breakEven(long fanOut) {
        Workload single =
                estimate(EstimateTest.load(1, fanOut, 1, 0)).breakEven().orElseThrow();
        Workload framed =
                estimate(EstimateTest.load(1, fanOut, 10, 0)).breakEven().orElseThrow();
        return row(
                number(fanOut), number(single.messages()), aSecond(single), number(framed.messages()), aSecond(framed));
    }

    private static String aSecond(Workload load) {
        return load.aBusySecond(load.deliveries())
                .setScale(0, RoundingMode.HALF_UP)
                .toPlainString();
    }

    private interface PerMillion {
        Optional<BigDecimal> of(Estimate estimate, Bill bill);
    }

    private static Estimate estimate(Workload load) {
        return Estimate.of(load, Prices.list());
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String dollars(BigDecimal exact) {
        boolean isFew = exact.compareTo(new BigDecimal("0.10")) < 0;
        return String.format(
                Locale.ROOT, isFew ? "%,.4f" : "%,.2f", exact.setScale(isFew ? 4 : 2, RoundingMode.HALF_UP));
    }

    private static String row(String... cells) {
        return "| " + String.join(" | ", Arrays.asList(cells)) + " |";
    }

    /// The rows of the table that begins so.
    private static List<String> table(String head) throws IOException {
        return Files.readAllLines(PAGE).stream()
                .dropWhile(line -> !line.startsWith(head))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .toList();
    }
}
