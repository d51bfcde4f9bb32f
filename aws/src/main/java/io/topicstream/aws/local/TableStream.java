package io.topicstream.aws.local;

import static io.topicstream.json.JsonWriter.ascii;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.json.JsonWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;

/// What the stream of a table tells functions, made from the writes of this process's clients: a hook for them. It has
/// the rows that were put, in the order in which that was answered: to some followers the keys of new ones, to others
/// what each had before and has now. Rows that are changed by an update, or that end by themselves, are not told.
///
/// It stands in for the stream of the stand-in for DynamoDB, whose writes become the slower the more of them the
/// stream has. What another process has written, or this one before it was killed, is not told; so who follows finds
/// by itself what it was not told of. Thread-safe.
public final class TableStream implements ExecutionInterceptor, AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(TableStream.class.getName());

    /// How many records one call has at most.
    private static final int BATCH = 1_000;
    /// How many wait for a function that is slower than the writers; of those above it is not told.
    private static final int WAITING = 100_000;

    private static final int TRIES = 3;
    private static final Duration AGAIN = Duration.ofSeconds(1);
    private static final String KEY = "pk";
    private static final String SORT_KEY = "sk";

    private final AtomicLong numbers = new AtomicLong();
    private final List<Follower> followers = new CopyOnWriteArrayList<>();

    /// Which records a function is called with, as a mapping of an event source says it.
    ///
    /// @param keys with one of these the keys begin; none: every key
    /// @param events [#INSERT] or `MODIFY`; none: every event
    public record Filter(List<String> keys, Set<String> events) {
        public static final String INSERT = "INSERT";
        private static final String MODIFY = "MODIFY";

        public Filter {
            keys = List.copyOf(keys);
            events = Set.copyOf(events);
        }

        private boolean hasNewAlone() {
            return events.equals(Set.of(INSERT));
        }

        private boolean isFor(String key) {
            return keys.isEmpty() || keys.stream().anyMatch(key::startsWith);
        }

        private boolean isFor(Row row) {
            return isFor(row.text(KEY)) && (events.isEmpty() || events.contains(row.event()));
        }
    }

    /// A row that was put.
    ///
    /// @param before what it had; empty where it is new
    private record Row(long number, long atMs, Map<String, AttributeValue> before, Map<String, AttributeValue> after) {
        String event() {
            return before.isEmpty() ? Filter.INSERT : Filter.MODIFY;
        }

        String text(String attribute) {
            AttributeValue value = after.get(attribute);
            return value == null ? "" : String.valueOf(value.s());
        }

        @Override
        public String toString() {
            return text(KEY) + " " + text(SORT_KEY);
        }
    }

    /// Has a function called with the keys of new rows from now on, one call at a time. A call that fails, or that
    /// names records in `batchItemFailures`, is made again, from the first of those on.
    ///
    /// @param keys with what the keys begin of the rows that it is told of
    /// @param window how long a call waits for more records after its first
    /// @param function takes an event of a stream, and answers as Lambda wants it
    public void followKeys(String keys, Duration window, UnaryOperator<byte[]> function) {
        follow(List.of(new Filter(List.of(keys), Set.of(Filter.INSERT))), BATCH, window, function);
    }

    /// The same with what rows had before and have now, also of those that were replaced.
    ///
    /// @param keys with one of these the keys begin of the rows that it is told of
    public void followImages(List<String> keys, Duration window, UnaryOperator<byte[]> function) {
        follow(List.of(new Filter(keys, Set.of())), BATCH, window, function);
    }

    /// Has a function called as filters say: with the keys of new rows alone where none lets anything else through, and
    /// else with what rows had before and have now.
    ///
    /// @param filters a record passes that passes one of them; none lets all of them through
    /// @param batch how many records one call has at most
    public void follow(List<Filter> filters, int batch, Duration window, UnaryOperator<byte[]> function) {
        Follower follower = new Follower(
                filters.isEmpty() ? List.of(new Filter(List.of(), Set.of())) : List.copyOf(filters),
                batch,
                window,
                function);
        followers.add(follower);
        follower.thread.start();
    }

    /// Has the service say what stood there, where somebody wants to be told.
    @Override
    public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
        return context.request() instanceof PutItemRequest put
                        && followers.stream().anyMatch(follower -> follower.hasImages && follower.isFor(put))
                ? put.toBuilder().returnValues(ReturnValue.ALL_OLD).build()
                : context.request();
    }

    @Override
    public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
        if (context.request() instanceof PutItemRequest put && context.response() instanceof PutItemResponse done) {
            boolean isOldKnown = ReturnValue.ALL_OLD.equals(put.returnValues());
            boolean isNew = isOldKnown ? done.attributes().isEmpty() : isOfNewRow(put);
            if (isNew || isOldKnown) {
                Row row = new Row(
                        numbers.incrementAndGet(),
                        System.currentTimeMillis(),
                        isOldKnown ? done.attributes() : Map.of(),
                        put.item());
                followers.stream()
                        .filter(follower -> follower.isFor(row) && (isNew || follower.hasImages))
                        .forEach(follower -> follower.tell(row));
            }
        }
    }

    /// Whether the row is put where none is, or not at all.
    private static boolean isOfNewRow(PutItemRequest put) {
        String condition = put.conditionExpression();
        return condition != null && condition.startsWith("attribute_not_exists(" + KEY + ")");
    }

    /// Ends the calls; what was not told yet is not told any more.
    @Override
    public void close() {
        followers.forEach(follower -> follower.thread.interrupt());
        for (Follower follower : followers) {
            try {
                follower.thread.join(AGAIN.multipliedBy(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static final class Follower {
        private final List<Filter> filters;
        private final boolean hasImages;
        private final int batch;
        private final Duration window;
        private final UnaryOperator<byte[]> function;
        private final BlockingQueue<Row> waiting = new LinkedBlockingQueue<>(WAITING);
        private final Thread thread = Thread.ofVirtual().name("stream").unstarted(this::run);

        Follower(List<Filter> filters, int batch, Duration window, UnaryOperator<byte[]> function) {
            this.filters = filters;
            this.hasImages = !filters.stream().allMatch(Filter::hasNewAlone);
            this.batch = batch;
            this.window = window;
            this.function = function;
        }

        boolean isFor(PutItemRequest put) {
            AttributeValue key = put.item().get(KEY);
            String text = key == null ? null : key.s();
            return text != null && filters.stream().anyMatch(filter -> filter.isFor(text));
        }

        boolean isFor(Row row) {
            return filters.stream().anyMatch(filter -> filter.isFor(row));
        }

        void tell(Row row) {
            if (!waiting.offer(row)) {
                LOGGER.log(
                        System.Logger.Level.WARNING, "a function of the stream is too slow, and not told of {0}", row);
            }
        }

        private void run() {
            try {
                while (true) {
                    List<Row> rows = new ArrayList<>();
                    rows.add(waiting.take());
                    long untilNs = System.nanoTime() + window.toNanos();
                    while (rows.size() < batch) {
                        Row more = waiting.poll(untilNs - System.nanoTime(), TimeUnit.NANOSECONDS);
                        if (more == null) {
                            break;
                        }
                        rows.add(more);
                    }
                    handIn(rows);
                }
            } catch (InterruptedException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "the stream has ended", e);
            }
        }

        private void handIn(List<Row> rows) throws InterruptedException {
            List<Row> left = rows;
            for (int tries = 1; !left.isEmpty(); tries++) {
                left = handedIn(left);
                if (!left.isEmpty() && tries == TRIES) {
                    LOGGER.log(
                            System.Logger.Level.WARNING,
                            "a function of the stream has failed " + TRIES + " times, from " + left.getFirst() + " on");
                    return;
                }
                if (!left.isEmpty()) {
                    Thread.sleep(AGAIN);
                }
            }
        }

        /// @return what is to be handed in again
        private List<Row> handedIn(List<Row> rows) {
            String answer;
            try {
                answer = new String(function.apply(event(rows, hasImages)), UTF_8);
            } catch (RuntimeException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "a function of the stream has failed", e);
                return rows;
            }
            for (int i = 0; i < rows.size(); i++) {
                if (answer.contains("{\"itemIdentifier\":\"" + rows.get(i).number() + "\"}")) {
                    return rows.subList(i, rows.size());
                }
            }
            return List.of();
        }
    }

    /// As Lambda hands it to a function.
    private static byte[] event(List<Row> rows, boolean hasImages) {
        JsonWriter json = new JsonWriter();
        json.raw(ascii("{\"Records\":["));
        String comma = "";
        for (Row row : rows) {
            json.raw(ascii(comma)).raw(ascii("{\"eventID\":")).string(Long.toString(row.number()));
            json.raw(ascii(",\"eventName\":")).string(row.event());
            json.raw(ascii(",\"eventVersion\":\"1.1\",\"eventSource\":\"aws:dynamodb\",\"awsRegion\":\"us-east-1\","));
            json.raw(ascii("\"dynamodb\":{\"ApproximateCreationDateTime\":")).number(row.atMs() / 1_000);
            json.raw(ascii(",\"Keys\":"));
            image(
                    json,
                    Map.of(
                            KEY,
                            AttributeValue.fromS(row.text(KEY)),
                            SORT_KEY,
                            AttributeValue.fromS(row.text(SORT_KEY))));
            if (hasImages && !row.before().isEmpty()) {
                json.raw(ascii(",\"OldImage\":"));
                image(json, row.before());
            }
            if (hasImages) {
                json.raw(ascii(",\"NewImage\":"));
                image(json, row.after());
            }
            json.raw(ascii(",\"SequenceNumber\":")).string(Long.toString(row.number()));
            json.raw(ascii(",\"StreamViewType\":")).string(hasImages ? "NEW_AND_OLD_IMAGES" : "KEYS_ONLY");
            json.raw(ascii("}}"));
            comma = ",";
        }
        return json.raw(']').raw('}').toByteArray();
    }

    /// A row as a stream shows it. Ours have texts, numbers and bytes, and nothing else.
    private static void image(JsonWriter json, Map<String, AttributeValue> row) {
        String comma = "{";
        for (Map.Entry<String, AttributeValue> each : row.entrySet()) {
            AttributeValue value = each.getValue();
            json.raw(ascii(comma)).string(each.getKey()).raw(':').raw('{');
            if (value.s() != null) {
                json.string("S").raw(':').string(value.s());
            } else if (value.n() != null) {
                json.string("N").raw(':').string(value.n());
            } else {
                json.string("B")
                        .raw(':')
                        .string(Base64.getEncoder().encodeToString(value.b().asByteArray()));
            }
            json.raw('}');
            comma = ",";
        }
        json.raw('}');
    }
}
