package io.topicstream.cli;

import io.topicstream.aws.cost.Assumption;
import io.topicstream.aws.cost.Bill;
import io.topicstream.aws.cost.Billable;
import io.topicstream.aws.cost.Estimate;
import io.topicstream.aws.cost.MeteredPrice;
import io.topicstream.aws.cost.Prices;
import io.topicstream.aws.cost.Units;
import io.topicstream.aws.cost.Workload;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// How an estimate is told, as a table or as lines of JSON.
final class CostReport {
    /// Less than this is shown with four decimals instead of two.
    private static final BigDecimal FEW_CENTS = new BigDecimal("0.10");

    private CostReport() {}

    /// A table, a deployment below the other.
    ///
    /// @param isListed whether all prices are those of the list
    static List<String> text(Estimate estimate, boolean isListed) {
        Workload load = estimate.load();
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%,d messages of %,d bytes a month, each to %,d connections; %,d connections open",
                load.messages(),
                load.messageBytes(),
                load.fanOut(),
                load.connections()));
        lines.add("US dollars a month, " + (isListed ? "" : "with prices of yours, else ") + "list prices of "
                + Prices.REGION + " as of " + Prices.AS_OF);
        addTo(lines, "serverless", estimate, estimate.serverless());
        addTo(lines, "cluster", estimate, estimate.cluster());
        lines.add("");
        lines.add(breakEven(estimate.breakEven()));
        return lines;
    }

    private static void addTo(List<String> lines, String deployment, Estimate estimate, Bill bill) {
        lines.add("");
        lines.add(deployment);
        bill.lines().forEach(line -> lines.add(row(line.what(), line.dollars())));
        lines.add(row("total", bill.total()));
        estimate.perMillionMessages(bill).ifPresent(dollars -> lines.add(row("for a million messages", dollars)));
        estimate.perMillionDeliveries(bill).ifPresent(dollars -> lines.add(row("for a million deliveries", dollars)));
    }

    private static String row(String what, BigDecimal dollars) {
        return String.format(Locale.ROOT, "  %-30s %18s", what, dollars(dollars));
    }

    private static String breakEven(Optional<Workload> breakEven) {
        if (breakEven.isEmpty()) {
            return "The cluster costs more, however many messages there are.";
        }
        Workload there = breakEven.get();
        return there.messages() == 0
                ? "The cluster costs less, however few messages there are."
                : String.format(
                        Locale.ROOT,
                        "The cluster costs less from %,d messages a month on: %s messages, %s deliveries a second.",
                        there.messages(),
                        aSecond(there, there.messages()),
                        aSecond(there, there.deliveries()));
    }

    private static String aSecond(Workload load, long inAMonth) {
        return String.format(Locale.ROOT, "%,.2f", load.aBusySecond(inAMonth).setScale(2, RoundingMode.HALF_UP));
    }

    static String text(Assumption one) {
        return String.format(Locale.ROOT, "%s = %,d %s: %s", name(one), one.value(), one.unit(), one.reason());
    }

    /// What was metered, and beside it what is estimated for the same.
    static String text(MeteredPrice one) {
        return "metered: $" + dollars(one.dollars()) + " for " + one.what()
                + one.estimated()
                        .map(estimated -> ", estimated $" + dollars(estimated))
                        .orElse("");
    }

    static String text(Billable one, BigDecimal price) {
        return one.key() + " = $" + price.toPlainString() + " for " + one.priced() + " (" + one.source() + ")";
    }

    /// Dollars with two decimals, or four where they are a few cents.
    private static String dollars(BigDecimal exact) {
        boolean isFew = exact.signum() > 0 && exact.compareTo(FEW_CENTS) < 0;
        return String.format(
                Locale.ROOT, isFew ? "%,.4f" : "%,.2f", exact.setScale(isFew ? 4 : 2, RoundingMode.HALF_UP));
    }

    /// An object a line: the lines of the bills, their sums, and the break-even.
    static List<String> json(Estimate estimate) {
        List<String> lines = new ArrayList<>();
        addJsonTo(lines, "serverless", estimate, estimate.serverless());
        addJsonTo(lines, "cluster", estimate, estimate.cluster());
        Optional<Workload> there = estimate.breakEven();
        lines.add(new JsonLine()
                .raw(
                        "break_even_messages",
                        there.map(load -> "" + load.messages()).orElse("null"))
                .raw(
                        "break_even_deliveries_per_second",
                        there.map(load -> exact(load.aBusySecond(load.deliveries())))
                                .orElse("null"))
                .toString());
        return lines;
    }

    /// An object for each line of a bill, and one for its sum.
    static List<String> json(String deployment, Bill bill) {
        List<String> lines = new ArrayList<>();
        addLinesTo(lines, deployment, bill);
        lines.add(new JsonLine()
                .text("deployment", deployment)
                .raw("total", exact(bill.total()))
                .toString());
        return lines;
    }

    private static void addLinesTo(List<String> lines, String deployment, Bill bill) {
        for (Bill.Line line : bill.lines()) {
            lines.add(new JsonLine()
                    .text("deployment", deployment)
                    .text("line", line.what())
                    .raw("dollars", exact(line.dollars()))
                    .raw("prices", json(line.units()))
                    .toString());
        }
    }

    private static void addJsonTo(List<String> lines, String deployment, Estimate estimate, Bill bill) {
        addLinesTo(lines, deployment, bill);
        lines.add(new JsonLine()
                .text("deployment", deployment)
                .raw("total", exact(bill.total()))
                .raw(
                        "per_million_messages",
                        estimate.perMillionMessages(bill).map(CostReport::exact).orElse("null"))
                .raw(
                        "per_million_deliveries",
                        estimate.perMillionDeliveries(bill)
                                .map(CostReport::exact)
                                .orElse("null"))
                .toString());
    }

    /// How often each price is billed.
    private static String json(Units units) {
        JsonLine line = new JsonLine();
        for (Billable what : Billable.values()) {
            if (units.count(what) > 0) {
                line.raw(what.key(), exact(units.priced(what)));
            }
        }
        return line.toString();
    }

    static String json(Assumption one) {
        return new JsonLine()
                .text("assumption", name(one))
                .number("value", one.value())
                .text("unit", one.unit())
                .text("reason", one.reason())
                .toString();
    }

    static String json(MeteredPrice one) {
        return new JsonLine()
                .text("metered", one.what())
                .raw("dollars", exact(one.dollars()))
                .raw("estimated", one.estimated().map(CostReport::exact).orElse("null"))
                .toString();
    }

    static String json(Billable one, BigDecimal price) {
        return new JsonLine()
                .text("price", one.key())
                .raw("dollars", price.toPlainString())
                .text("for", one.priced())
                .text("source", one.source())
                .toString();
    }

    /// A number with at most six decimals.
    private static String exact(BigDecimal number) {
        BigDecimal six = number.setScale(6, RoundingMode.HALF_UP).stripTrailingZeros();
        return six.toPlainString();
    }

    private static String name(Assumption one) {
        return one.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
