package io.topicstream.state;

import java.util.List;

/// One page of the records of a partition ([StateStore#scan]).
///
/// @param records by key; none only where the page is the last one
/// @param isLast whether nothing stood behind them. Only this says so: a page may be short because it is full
public record StatePage(List<StateRecord> records, boolean isLast) {
    public StatePage {
        records = List.copyOf(records);
        if (records.isEmpty() && !isLast) {
            throw new IllegalArgumentException("a page without records is the last one");
        }
    }

    /// After which key the next page begins. Not asked of the last one.
    public String after() {
        return records.getLast().key();
    }
}
