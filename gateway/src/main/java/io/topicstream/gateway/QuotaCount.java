package io.topicstream.gateway;

import io.topicstream.gateway.model.Quota;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/// What one key of a usage plan has done in the period of its quota. Thread-safe; in memory alone, so that a restart
/// begins anew.
///
/// A clock that jumps back gives nothing: the later period goes on.
final class QuotaCount {
    private final InstantSource clock;
    private @Nullable LocalDate beginning;
    private long used;

    QuotaCount(InstantSource clock) {
        this.clock = clock;
    }

    /// Whether one more is within the quota; if so it is counted.
    synchronized boolean take(Quota quota) {
        LocalDate now = quota.beginning(LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
        if (beginning == null || now.isAfter(beginning)) {
            beginning = now;
            used = 0;
        }
        if (used >= quota.limit()) {
            return false;
        }
        used++;
        return true;
    }
}
