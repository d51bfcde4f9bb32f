package io.topicstream.examples.chatworkflow;

import io.topicstream.examples.backend.Backoff;
import io.topicstream.examples.backend.Callbacks;
import io.topicstream.examples.backend.Journal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/// The distribution of an event: query the connections page by page, map them ten at a time, choose what is sent by the
/// type, filter who hears it, send with retry and catch. Thread-safe.
///
/// Done means that everybody on the list has it, or that it was given up for him. An event of which something is not
/// known is not done, and comes again: then those who have it already are left out.
final class Workflow implements AutoCloseable {
    static final int AT_ONCE = 10;
    static final Backoff TRIES = new Backoff(5, Duration.ofMillis(100));

    /// As long as `$connect` may take (`timeout_ms` in gateway.yaml), and some more. So long a connection may be
    /// noted and not be open yet: the gateway says that it is gone, and it is not. Then it is tried again until
    /// that time is over.
    static final Duration OPENING = Duration.ofSeconds(6);

    private static final int EVENTS_KEPT = 1000;

    private final MemberList members;
    private final Callbacks callbacks;
    private final String url;
    private final InstantSource clock;
    private final Counts counts;
    private final Deliveries deliveries = new Deliveries(EVENTS_KEPT);
    private final ExecutorService posts =
            Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory());

    /// @param url where connections are reached, with the stage
    Workflow(MemberList members, Callbacks callbacks, String url, InstantSource clock, Counts counts) {
        this.members = members;
        this.callbacks = callbacks;
        this.url = url;
        this.clock = clock;
        this.counts = counts;
    }

    /// Distributes an event.
    ///
    /// @param eventId the same in every repeat
    /// @throws MemberList.Unknown where nobody says who is connected, or the worker is ending
    void distribute(String eventId, ChatEvent event) throws MemberList.Unknown {
        Deliveries.Delivery delivery = deliveries.of(eventId);
        delivery.lock();
        try {
            if (delivery.isDone()) {
                counts.repeats.increment();
                return;
            }
            String after = "";
            Connected.Page page;
            do {
                page = members.page(after);
                map(page, event, delivery);
                after = Objects.requireNonNullElse(page.next(), "");
            } while (!after.isEmpty());
            delivery.done();
            counts.events.increment();
        } finally {
            delivery.unlock();
        }
    }

    private void map(Connected.Page page, ChatEvent event, Deliveries.Delivery delivery) throws MemberList.Unknown {
        String frame = event.frame();
        List<Callable<Boolean>> mapped = page.connections().stream()
                .filter(event::isFor)
                .filter(connected -> !delivery.has(connected.id()))
                .<Callable<Boolean>>map(connected -> () -> {
                    if (send(connected, frame)) {
                        delivery.add(connected.id());
                        counts.sent.increment();
                    }
                    return true;
                })
                .toList();
        try {
            for (Future<Boolean> sent : posts.invokeAll(mapped)) {
                sent.get();
            }
        } catch (InterruptedException | RejectedExecutionException e) {
            throw new MemberList.Unknown("the worker is ending");
        } catch (ExecutionException e) {
            throw new MemberList.Unknown("a post broke: " + e.getCause());
        }
    }

    /// Sends to one connection: with retry, and with catch, so that one of them does not keep it from others.
    ///
    /// @return whether it has it
    private boolean send(Connected connected, String frame) throws InterruptedException {
        Callbacks.Outcome outcome = callbacks.post(url, connected.id(), frame);
        for (int tries = 1; isTriedAgain(outcome, connected, tries); tries++) {
            TRIES.sleepAfter(tries);
            counts.triedAgain.increment();
            outcome = callbacks.post(url, connected.id(), frame);
        }
        if (outcome == Callbacks.Outcome.SENT) {
            return true;
        }
        if (outcome == Callbacks.Outcome.GONE) {
            remove(connected);
        } else {
            counts.failed.increment();
            Journal.warn("given up for the connection " + connected.id() + ": " + outcome);
        }
        return false;
    }

    private boolean isTriedAgain(Callbacks.Outcome outcome, Connected connected, int tries) {
        return switch (outcome) {
            case TRY_AGAIN -> tries < TRIES.most();
            case GONE -> clock.millis() - connected.createdAtMs() < OPENING.toMillis();
            case SENT, REFUSED -> false;
        };
    }

    private void remove(Connected connected) {
        counts.gone.increment();
        try {
            members.remove(connected.id());
        } catch (MemberList.Unknown e) {
            // The next event finds it gone as well.
            Journal.warn(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void close() {
        posts.shutdownNow();
    }
}
