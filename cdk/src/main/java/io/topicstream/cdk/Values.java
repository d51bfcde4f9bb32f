package io.topicstream.cdk;

import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Aws;

/// Values that properties have.
final class Values {
    /// That a property is not there.
    static final String NONE = Aws.NO_VALUE;

    private Values() {}

    /// Names and values, by name, without those that are not there.
    static Map<String, Object> of(Object... namesAndValues) {
        Map<String, Object> values = new TreeMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (!NONE.equals(namesAndValues[i + 1])) {
                values.put((String) namesAndValues[i], namesAndValues[i + 1]);
            }
        }
        return values;
    }

    /// Those that are there, by name.
    static Map<String, Object> without(Map<String, Object> values) {
        Map<String, Object> rest = new TreeMap<>(values);
        rest.values().removeIf(NONE::equals);
        return rest;
    }
}
