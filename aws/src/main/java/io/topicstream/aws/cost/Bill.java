package io.topicstream.aws.cost;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/// What a month costs, line by line.
///
/// @param lines those that cost nothing are left out
public record Bill(List<Line> lines) {
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
