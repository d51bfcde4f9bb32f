package io.topicstream.aws.cost;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.Set;

/// What parts of the serverless edition cost at list prices, as they were metered on one machine: as the documents say,
/// which tests hold to what is metered now.
public enum MeteredPrice {
    TO_ONE("a million messages, each to 1", "7.72", messages(1, 1), Part.MESSAGES),
    TO_TEN("a million messages, each to 10", "17.63", messages(10, 1), Part.MESSAGES),
    TO_A_THOUSAND("a million messages, each to 1,000", "1125.38", messages(1_000, 1), Part.MESSAGES),
    FRAMED("the same to 10, ten messages a frame", "5.50", messages(10, 10), Part.MESSAGES),
    IN_TURN("the same to 1, three environments in turn", "13.05", messages(1, 1), Part.NONE),
    ON_A_BUS("a million events on the bus", "1.73", messages(1, 1), Part.NONE),
    TO_A_SINK("a million messages, posted to a sink", "2.66", messages(1, 1), Part.NONE),
    ARCHIVED("a million messages, archived", "1.39", messages(1, 1), Part.ARCHIVE),
    KEEPALIVES("a million keepalives", "2.67", messages(1, 1), Part.NONE),
    CONNECTIONS("a million connections, begun and ended", "17.00", messages(1, 1), Part.NONE),
    IDLE("10,000 idle connections, a month", "405.00", load(0, 1, 1, 10_000), Part.CONNECTIONS);

    private static final Set<String> KEPT = Set.of(Serverless.ARCHIVE, Serverless.STORAGE);

    private final String what;
    private final BigDecimal dollars;
    private final Workload load;
    private final Part part;

    /// Which lines of an estimate are for the same.
    private enum Part {
        /// None: it does not know of it.
        NONE,
        MESSAGES,
        ARCHIVE,
        CONNECTIONS
    }

    MeteredPrice(String what, String dollars, Workload load, Part part) {
        this.what = what;
        this.dollars = new BigDecimal(dollars);
        this.load = load;
        this.part = part;
    }

    private static Workload messages(long fanOut, long perFrame) {
        return load(1_000_000, fanOut, perFrame, 0);
    }

    private static Workload load(long messages, long fanOut, long perFrame, long connections) {
        return new Workload(messages, 900, fanOut, perFrame, connections, 24, 100, 100, 0, 30);
    }

    /// What it is, in words.
    public String what() {
        return what;
    }

    public BigDecimal dollars() {
        return dollars;
    }

    /// What an estimate says for the same; empty where it knows nothing of it.
    public Optional<BigDecimal> estimated() {
        return part == Part.NONE
                ? Optional.empty()
                : Optional.of(Serverless.bill(load, Prices.list()).lines().stream()
                        .filter(line -> switch (part) {
                            case MESSAGES -> !KEPT.contains(line.what());
                            case ARCHIVE -> line.what().equals(Serverless.ARCHIVE);
                            case CONNECTIONS, NONE -> true;
                        })
                        .map(Bill.Line::dollars)
                        .reduce(BigDecimal.ZERO, BigDecimal::add));
    }
}
