package io.topicstream.signal;

import io.topicstream.log.Admission;
import io.topicstream.log.Backoff;
import io.topicstream.log.Signals;
import io.topicstream.log.Timers;
import io.topicstream.log.TopicName;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/// Signals that speak of a record which has changed, so that all nodes look it up again. One that is refused
/// because too many wait is said again a little later, until it is taken: nobody else would say it.
///
/// Thread-safe, as what it is made with must be.
public final class InsistentSignals implements Signals {
    /// How many may wait to be said again; more are refused.
    private static final int MAX_WAITING = 10_000;

    /// After about a quarter of an hour the engine is taken to have ended.
    private static final int MAX_REFUSALS = 1_000;

    private final Signals signals;
    private final Timers timers;
    private final RandomGenerator random;
    private final AtomicInteger waiting = new AtomicInteger();

    /// @param timers run the task on any thread
    public InsistentSignals(Signals signals, Timers timers, RandomGenerator random) {
        this.signals = signals;
        this.timers = timers;
        this.random = random;
    }

    @Override
    public Admission signal(TopicName topic, byte[] signal) {
        Admission admission = signals.signal(topic, signal);
        if (admission != Admission.REFUSED) {
            return admission;
        }
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            return Admission.REFUSED;
        }
        later(topic, signal, 1);
        return Admission.ACCEPTED_SLOW_DOWN;
    }

    private void later(TopicName topic, byte[] signal, int refusals) {
        timers.schedule(
                () -> {
                    if (signals.signal(topic, signal) == Admission.REFUSED && refusals < MAX_REFUSALS) {
                        later(topic, signal, refusals + 1);
                    } else {
                        waiting.decrementAndGet();
                    }
                },
                Backoff.delayMs(refusals, random));
    }
}
