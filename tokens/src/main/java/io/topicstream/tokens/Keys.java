package io.topicstream.tokens;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The keys of an issuer, as far as they are known. Nothing here blocks. Thread-safe.
sealed interface Keys permits Keys.Fixed, FetchedKeys {
    /// Those that are known now; null if none ever were. The same object for as long as they are the same keys.
    @Nullable
    KeySet current();

    /// Has them looked after again where it is time to; the caller does not wait.
    void touch(long nowMs);

    /// Whether a caller should rather wait for [#ask] than use them.
    boolean isOld(long nowMs);

    /// Asks for them again, because one is missing or all of them are old.
    ///
    /// @return completes, and never fails, with whether they are now as the issuer has them; null if it is too
    ///     soon to ask, or there is nobody to ask
    @Nullable
    CompletionStage<Boolean> ask(long nowMs);

    /// Whether the last time that they were asked for they did not come.
    boolean isOutOfReach();

    /// Keys that do not change.
    record Fixed(KeySet current) implements Keys {
        @Override
        public void touch(long nowMs) {}

        @Override
        public boolean isOld(long nowMs) {
            return false;
        }

        @Override
        public @Nullable CompletionStage<Boolean> ask(long nowMs) {
            return null;
        }

        @Override
        public boolean isOutOfReach() {
            return false;
        }
    }
}
