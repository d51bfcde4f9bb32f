package io.topicstream.http;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/// Whether requests can be served now: conditions that must all hold. `/health/ready` names those that do not, and
/// `/metrics` has a series for each.
///
/// @param conditions in the order in which they are told
public record Readiness(List<Condition> conditions) {
    /// Something that must hold.
    ///
    /// @param name in lower case with underscores, as `store_takes_writes`
    /// @param otherwise what is the matter when it does not hold, in plain words
    /// @param holds asked on a thread of a door at each look, so it answers at once and waits for nobody;
    ///     if it throws, the condition does not hold
    public record Condition(String name, String otherwise, BooleanSupplier holds) {
        public Condition {
            if (!name.matches("[a-z][a-z_]*")) {
                throw new IllegalArgumentException("not a name of a condition: " + name);
            }
        }

        /// Whether it holds now.
        public boolean isMet() {
            try {
                return holds.getAsBoolean();
            } catch (RuntimeException e) {
                return false;
            }
        }
    }

    public Readiness {
        conditions = List.copyOf(conditions);
    }

    /// The conditions that do not hold now; none if the server is ready.
    public List<Condition> unmet() {
        List<Condition> unmet = new ArrayList<>(0);
        for (Condition condition : conditions) {
            if (!condition.isMet()) {
                unmet.add(condition);
            }
        }
        return unmet;
    }
}
