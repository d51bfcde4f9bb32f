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
import software.amazon.awssdk.services.eventbridge.model.PutEventsResponse;
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
    /// again, and no others.
    ///
    /// @return those that are not there in the end
    List<Failure> put(List<BusEvent> events) {
        List<Failure> failures = new ArrayList<>();
        List<BusEvent> batch = new ArrayList<>();
        int bytes = 0;
        for (BusEvent event : events) {
            int size = size(event);
            if (size > MOST_EVENT_BYTES) {
                failures.add(new Failure(event, "the event has " + size + " bytes, more than a bus takes", false));
                continue;
            }
            if (batch.size() == MOST_ENTRIES || (!batch.isEmpty() && bytes + size > MOST_BYTES)) {
                failures.addAll(putBatch(batch));
                batch.clear();
                bytes = 0;
            }
            batch.add(event);
            bytes += size;
        }
        failures.addAll(putBatch(batch));
        return failures;
    }

    /// As the service counts it.
    private int size(BusEvent event) {
        return TIME_BYTES
                + source.getBytes(UTF_8).length
                + event.type().length()
                + event.detailBytes();
    }

    private List<Failure> putBatch(List<BusEvent> batch) {
        List<Failure> lost = new ArrayList<>();
        List<BusEvent> left = List.copyOf(batch);
        for (int attempt = 1; !left.isEmpty(); attempt++) {
            Map<BusEvent, Failure> failed = putOnce(left);
            left = failed.values().stream()
                    .filter(Failure::mayHelp)
                    .map(Failure::event)
                    .toList();
            boolean isLast = attempt == TRIES || !pause(FIRST_WAIT_MS << attempt);
            failed.values().stream().filter(one -> isLast || !one.mayHelp()).forEach(lost::add);
            if (isLast) {
                break;
            }
        }
        return lost;
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
        List<PutEventsResultEntry> results;
        try {
            PutEventsResponse answer = client.putEvents(
                    put -> put.entries(events.stream().map(this::entry).toList()));
            results = answer.entries();
        } catch (SdkException e) {
            boolean mayHelp = !(e instanceof EventBridgeException refused) || mayHelp(refused);
            events.forEach(event -> failed.put(event, new Failure(event, String.valueOf(e.getMessage()), mayHelp)));
            return failed;
        }
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
        return code == null
                ? null
                : new Failure(event, code + ": " + result.errorMessage(), MAY_HELP.contains(code));
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
