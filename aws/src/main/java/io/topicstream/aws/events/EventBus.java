package io.topicstream.aws.events;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.EventBridgeException;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.eventbridge.model.PutEventsResultEntry;

/// A bus of EventBridge. Blocks; thread-safe.
public final class EventBus {
    /// What events say they are from, unless one says otherwise: what consumers of the chat's events look for.
    public static final String CHAT_SERVICE = "chat.service";

    /// How many events one request takes.
    static final int MOST_ENTRIES = 10;
    /// How large a request is made. One event that is larger goes alone.
    static final int MOST_BYTES = 256 << 10;
    /// What the service takes at most.
    static final int MOST_EVENT_BYTES = 1 << 20;

    private static final int TIME_BYTES = 14;
    private static final int TRIES = 4;
    private static final long FIRST_WAIT_MS = 50;
    /// What the service says of an entry that may be taken another time.
    private static final Set<String> MAY_HELP = Set.of("ThrottlingException", "InternalFailure", "InternalException");
    private static final int TOO_MANY_REQUESTS = 429;

    private final EventBridgeClient client;
    private final String name;
    private final String source;
    private final LongConsumer billed;

    /// An event that is not on the bus.
    ///
    /// @param mayHelp whether it may go well another time
    record Failure(BusEvent event, String reason, boolean mayHelp) {}

    /// @param client that takes its time-outs with it, and tries again what fails as a whole
    /// @param name of the bus, or its ARN
    /// @param source of the events
    /// @param billed told how large each event was that was taken, in bytes; such as a meter
    public EventBus(EventBridgeClient client, String name, String source, LongConsumer billed) {
        this.client = client;
        this.name = name;
        this.source = source;
        this.billed = billed;
    }

    /// Puts events on the bus, in their order as far as a bus has one. Those that the service did not take are put
    /// again, and no others. Where it cannot be had at all, what is behind is not tried.
    ///
    /// @return those that are not there in the end
    List<Failure> put(List<BusEvent> events) {
        List<Failure> failures = new ArrayList<>();
        String absent = null;
        for (List<BusEvent> batch : batches(events, failures)) {
            if (absent == null) {
                absent = putBatch(batch, failures);
            } else {
                fail(batch, absent, true, failures);
            }
        }
        return failures;
    }

    private static void fail(List<BusEvent> events, String reason, boolean mayHelp, List<Failure> failures) {
        events.forEach(event -> failures.add(new Failure(event, reason, mayHelp)));
    }

    private List<List<BusEvent>> batches(List<BusEvent> events, List<Failure> failures) {
        List<List<BusEvent>> batches = new ArrayList<>();
        List<BusEvent> last = new ArrayList<>();
        int bytes = 0;
        for (BusEvent event : events) {
            int size = size(event);
            if (size > MOST_EVENT_BYTES) {
                fail(List.of(event), "the event has " + size + " bytes, more than a bus takes", false, failures);
                continue;
            }
            if (last.isEmpty() || last.size() == MOST_ENTRIES || bytes + size > MOST_BYTES) {
                last = new ArrayList<>();
                batches.add(last);
                bytes = 0;
            }
            last.add(event);
            bytes += size;
        }
        return batches;
    }

    /// As the service counts it.
    private int size(BusEvent event) {
        return TIME_BYTES + source.getBytes(UTF_8).length + event.type().length() + event.detailBytes();
    }

    /// @return why the bus cannot be had, or null
    private @Nullable String putBatch(List<BusEvent> batch, List<Failure> failures) {
        List<BusEvent> left = batch;
        for (int attempt = 1; !left.isEmpty(); attempt++) {
            Map<BusEvent, Failure> failed;
            try {
                failed = putOnce(left);
            } catch (SdkException e) {
                return onRefused(left, e, failures);
            }
            left = failed.values().stream()
                    .filter(Failure::mayHelp)
                    .map(Failure::event)
                    .toList();
            boolean isLast = attempt == TRIES || (!left.isEmpty() && !pause(FIRST_WAIT_MS << attempt));
            failed.values().stream().filter(one -> isLast || !one.mayHelp()).forEach(failures::add);
            if (isLast) {
                return null;
            }
        }
        return null;
    }

    /// The request as a whole was not taken. Of several events one may be why: each is tried alone.
    private @Nullable String onRefused(List<BusEvent> events, SdkException refusal, List<Failure> failures) {
        String reason = String.valueOf(refusal.getMessage());
        if (!(refusal instanceof EventBridgeException refused) || mayHelp(refused)) {
            fail(events, reason, true, failures);
            return reason;
        }
        if (events.size() == 1) {
            fail(events, reason, false, failures);
            return null;
        }
        for (BusEvent event : events) {
            String absent = putBatch(List.of(event), failures);
            if (absent != null) {
                fail(events.subList(events.indexOf(event) + 1, events.size()), absent, true, failures);
                return absent;
            }
        }
        return null;
    }

    private static boolean pause(long ms) {
        try {
            Thread.sleep(ms);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Map<BusEvent, Failure> putOnce(List<BusEvent> events) {
        Map<BusEvent, Failure> failed = new LinkedHashMap<>();
        List<PutEventsResultEntry> results = client.putEvents(
                        put -> put.entries(events.stream().map(this::entry).toList()))
                .entries();
        for (int i = 0; i < events.size(); i++) {
            PutEventsResultEntry result = i < results.size() ? results.get(i) : null;
            Failure failure = failure(events.get(i), result);
            if (failure == null) {
                billed.accept(size(events.get(i)));
            } else {
                failed.put(events.get(i), failure);
            }
        }
        return failed;
    }

    private static @Nullable Failure failure(BusEvent event, @Nullable PutEventsResultEntry result) {
        if (result == null) {
            return new Failure(event, "the bus said nothing of it", true);
        }
        String code = result.errorCode();
        return code == null ? null : new Failure(event, code + ": " + result.errorMessage(), MAY_HELP.contains(code));
    }

    /// What was wrong with the request as such is wrong another time too: but for rights and the bus itself, which are
    /// mended where it is deployed.
    private static boolean mayHelp(EventBridgeException refused) {
        int status = refused.statusCode();
        String code = refused.awsErrorDetails() == null
                ? ""
                : refused.awsErrorDetails().errorCode();
        return status >= 500 || status == TOO_MANY_REQUESTS || !"ValidationException".equals(code);
    }

    private PutEventsRequestEntry entry(BusEvent event) {
        return PutEventsRequestEntry.builder()
                .eventBusName(name)
                .source(source)
                .detailType(event.type())
                .time(event.time())
                .detail(event.detail())
                .build();
    }
}
