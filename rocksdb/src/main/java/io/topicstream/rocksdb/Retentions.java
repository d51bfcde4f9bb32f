package io.topicstream.rocksdb;

import io.topicstream.log.Retention;
import io.topicstream.log.RetentionRules;
import io.topicstream.log.TopicName;
import org.jspecify.annotations.Nullable;

/// What is kept of which topic in this store: what the rules say, and the store's own default where they say nothing.
///
/// @param rules null where the store is opened to be left alone
/// @param byDefault where the rules say nothing
record Retentions(@Nullable RetentionRules rules, Retention byDefault) {
    static Retentions of(@Nullable RetentionRules rules, boolean isMadeWith) {
        return new Retentions(rules, isMadeWith ? Retention.DEFAULT : Retention.FOREVER);
    }

    /// Whether anything is ever ended.
    boolean isOn() {
        return rules != null;
    }

    Retention of(TopicName topic) {
        if (rules == null) {
            return Retention.FOREVER;
        }
        Retention said = rules.of(topic);
        return said == null ? byDefault : said;
    }

    /// Another where anything in it is; never 0.
    long fingerprint() {
        if (rules == null) {
            return 0;
        }
        long print = rules.fingerprint() * 31 + byDefault.ageMs();
        return print == 0 ? 1 : print;
    }
}
