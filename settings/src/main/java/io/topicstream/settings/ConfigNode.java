package io.topicstream.settings;

import java.util.List;

/// A piece of a configuration as it was written, before anybody knows what it should be.
///
/// Numbers and truth values are text here: each setting reads its own text, so a value means the same in the file, in
/// the environment and as a flag.
public sealed interface ConfigNode {
    /// The line where it stands, from 1; 0 if it stands in no file.
    int line();

    /// A single value.
    record Text(String text, int line) implements ConfigNode {}

    /// Nothing where a value should be: `port:` and no more.
    record Nothing(int line) implements ConfigNode {}

    /// A list.
    record Sequence(List<ConfigNode> items, int line) implements ConfigNode {}

    /// Keys and their values, in the order in which they stand.
    record Mapping(List<Entry> entries, int line) implements ConfigNode {}

    /// A key and its value.
    record Entry(String key, int line, ConfigNode value) {}
}
