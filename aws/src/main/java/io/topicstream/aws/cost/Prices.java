package io.topicstream.aws.cost;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.EnumMap;
import java.util.Map;

/// What each [Billable] costs in US dollars. The list prices are those of us-east-1, of the first step where more
/// costs less, without a free tier.
///
/// Immutable. Sums are exact but for the thirty-fourth digit of a quotient.
public final class Prices {
    /// When they were last looked up.
    public static final String AS_OF = "2026-11-21";

    public static final String REGION = "us-east-1";

    private final Map<Billable, BigDecimal> changed;

    private Prices(Map<Billable, BigDecimal> changed) {
        this.changed = changed;
    }

    public static Prices list() {
        return new Prices(new EnumMap<>(Billable.class));
    }

    /// The same but for one.
    ///
    /// @param dollars for what [Billable#priced] says, 0 and more
    public Prices with(Billable what, BigDecimal dollars) {
        if (dollars.signum() < 0) {
            throw new IllegalArgumentException("a price of " + dollars + " is below nothing");
        }
        Map<Billable, BigDecimal> others = new EnumMap<>(Billable.class);
        others.putAll(changed);
        others.put(what, dollars);
        return new Prices(others);
    }

    /// The price for what [Billable#priced] says.
    public BigDecimal of(Billable what) {
        return changed.getOrDefault(what, what.listPrice());
    }

    /// What the units cost, in dollars.
    public BigDecimal cost(Units units) {
        BigDecimal sum = BigDecimal.ZERO;
        for (Billable what : Billable.values()) {
            if (units.count(what) > 0) {
                // The division last: it is the only step that may round.
                sum = sum.add(of(what).multiply(BigDecimal.valueOf(units.count(what)))
                        .divide(BigDecimal.valueOf(what.perPrice()), MathContext.DECIMAL128));
            }
        }
        return sum;
    }
}
