package io.topicstream.gateway.model;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.temporal.TemporalAdjusters;

/// How much a usage plan lets each of its keys do in a period.
///
/// @param limit how many events, from 0
/// @param period of which length; all begin at midnight, UTC
/// @param offset on which day a period begins: of a week 0 for Sunday to 6, of a month 0 for the first to 27
public record Quota(int limit, Period period, int offset) {
    /// How long a period is.
    public enum Period {
        DAY(0),
        WEEK(6),
        MONTH(27);

        private final int greatestOffset;

        Period(int greatestOffset) {
            this.greatestOffset = greatestOffset;
        }

        /// The greatest offset that there may be.
        public int greatestOffset() {
            return greatestOffset;
        }
    }

    public Quota {
        if (limit < 0 || offset < 0 || offset > period.greatestOffset) {
            throw new IllegalArgumentException("there is no such quota: " + limit + ", " + period + ", " + offset);
        }
    }

    /// The first day of the period that a day is in.
    public LocalDate beginning(LocalDate day) {
        return switch (period) {
            case DAY -> day;
            case WEEK -> day.with(TemporalAdjusters.previousOrSame(DayOfWeek.SUNDAY.plus(offset)));
            case MONTH -> {
                LocalDate inThisMonth = day.withDayOfMonth(offset + 1);
                yield inThisMonth.isAfter(day) ? inThisMonth.minusMonths(1) : inThisMonth;
            }
        };
    }
}
