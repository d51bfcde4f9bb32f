package io.topicstream.aws.cost;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a month costs, line by line.
///
/// @param lines those that cost nothing are left out
public record Bill(List<Line> lines) {
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

    /// One line.
    ///
    /// @param dollars exact, not rounded to cents
    public record Line(String what, Units units, BigDecimal dollars) {}

    public Bill {
        lines = List.copyOf(lines);
    }

    /// The sum of the lines, in dollars.
    public BigDecimal total() {
        return lines.stream().map(Line::dollars).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /// What it is for each million of so many things; empty without any.
    public Optional<BigDecimal> perMillion(long things) {
        return things == 0
                ? Optional.empty()
                : Optional.of(total().multiply(MILLION).divide(BigDecimal.valueOf(things), MathContext.DECIMAL128));
    }

    /// Everything that is billed.
    public Units units() {
        return lines.stream().map(Line::units).reduce(Units.NONE, Units::plus);
    }

    /// Writes a bill.
    static final class Writer {
        private final Prices prices;
        private final List<Line> lines = new ArrayList<>();

        Writer(Prices prices) {
            this.prices = prices;
        }

        Writer line(String what, Units units) {
            if (!units.equals(Units.NONE)) {
                lines.add(new Line(what, units, prices.cost(units)));
            }
            return this;
        }

        Bill bill() {
            return new Bill(lines);
        }
    }
}
