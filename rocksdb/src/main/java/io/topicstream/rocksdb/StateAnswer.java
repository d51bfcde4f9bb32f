package io.topicstream.rocksdb;

import org.jspecify.annotations.Nullable;

/// A reader's answer about a state record.
///
/// @param row null where there is no such record
/// @param failure why it could not be read; null where it was
record StateAnswer(
        StateQuestion question,
        @Nullable StateRow row,
        @Nullable Throwable failure) implements Found {
    @Override
    public Life life() {
        return question.life();
    }
}
