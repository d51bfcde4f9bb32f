package io.topicstream.aws.cost;

import java.math.BigDecimal;
import java.util.Optional;
import java.util.Set;

/// What parts of the serverless edition cost at list prices, as they were metered on one machine: as the documents say,
/// which tests hold to what is metered now.
public enum MeteredPrice {
    TO_ONE("a million messages, each to 1", "7.72", 1_000_000, 1, 1, 0, Part.MESSAGES),
    TO_TEN("a million messages, each to 10", "17.63", 1_000_000, 10, 1, 0, Part.MESSAGES),
    TO_A_THOUSAND("a million messages, each to 1,000", "1125.38", 1_000_000, 1_000, 1, 0, Part.MESSAGES),
    FRAMED("the same to 10, ten messages a frame", "5.50", 1_000_000, 10, 10, 0, Part.MESSAGES),
    IN_TURN("the same to 1, three environments in turn", "13.05", 1_000_000, 1, 1, 0, Part.NONE),
    ON_A_BUS("a million events on the bus", "1.73", 1_000_000, 1, 1, 0, Part.NONE),
    TO_A_SINK("a million messages, posted to a sink", "2.66", 1_000_000, 1, 1, 0, Part.NONE),
    ARCHIVED("a million messages, archived", "1.39", 1_000_000, 1, 1, 0, Part.ARCHIVE),
    KEEPALIVES("a million keepalives", "2.67", 1_000_000, 1, 1, 0, Part.NONE),
    CONNECTIONS("a million connections, begun and ended", "17.00", 1_000_000, 1, 1, 0, Part.NONE),
    IDLE("10,000 idle connections, a month", "405.00", 0, 1, 1, 10_000, Part.CONNECTIONS);

    private static final Set<String> KEPT = Set.of(Serverless.ARCHIVE, Serverless.STORAGE);

    private final String what;
    private final BigDecimal dollars;
    private final long messages;
    private final long fanOut;
    private final long perFrame;
    private final long connections;
    private final Part part;

    /// Which lines of an estimate are for the same.
    private enum Part {
        /// None: it does not know of it.
        NONE,
        MESSAGES,
        ARCHIVE,
        CONNECTIONS
    }

    MeteredPrice(String what, String dollars, long messages, long fanOut, long perFrame, long connections, Part part) {
        this.what = what;
        this.dollars = new BigDecimal(dollars);
        this.messages = messages;
        this.fanOut = fanOut;
        this.perFrame = perFrame;
        this.connections = connections;
        this.part = part;
    }

    private Workload load() {
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
                : Optional.of(Serverless.bill(load(), Prices.list()).lines().stream()
                        .filter(line -> switch (part) {
                            case MESSAGES -> !KEPT.contains(line.what());
                            case ARCHIVE -> line.what().equals(Serverless.ARCHIVE);
                            case CONNECTIONS, NONE -> true;
                        })
                        .map(Bill.Line::dollars)
                        .reduce(BigDecimal.ZERO, BigDecimal::add));
    }
}
