package io.topicstream.aws.local;

import static io.topicstream.json.JsonWriter.ascii;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.json.JsonWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;

/// What the stream of a table tells functions, made from the writes of this process's clients: a hook for them. It has
/// the new rows with their keys, in the order in which their puts were answered.
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

    private final Duration window;
    private final AtomicLong numbers = new AtomicLong();
    private final List<Follower> followers = new CopyOnWriteArrayList<>();

    private record Row(long number, String key, String sortKey) {}

    /// @param window how long a call waits for more records after its first
    public TableStream(Duration window) {
        this.window = window;
    }

    /// Has a function called with what comes from now on, one call at a time. A call that fails, or that names
    /// records in `batchItemFailures`, is made again, from the first of those on.
    ///
    /// @param keys with what the keys begin of the rows that it is told of
    /// @param function takes an event of a stream, and answers as Lambda wants it
    public void follow(String keys, UnaryOperator<byte[]> function) {
        Follower follower = new Follower(keys, function);
        followers.add(follower);
        follower.thread.start();
    }

    @Override
    public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
        if (context.request() instanceof PutItemRequest put && isOfNewRow(put)) {
            AttributeValue key = put.item().get(KEY);
            AttributeValue sortKey = put.item().get(SORT_KEY);
            if (key != null && sortKey != null) {
                Row row = new Row(numbers.incrementAndGet(), key.s(), sortKey.s());
                followers.forEach(follower -> follower.tell(row));
            }
        }
    }

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

    private final class Follower {
        private final String keys;
        private final UnaryOperator<byte[]> function;
        private final BlockingQueue<Row> waiting = new LinkedBlockingQueue<>(WAITING);
        private final Thread thread = Thread.ofVirtual().name("stream").unstarted(this::run);

        Follower(String keys, UnaryOperator<byte[]> function) {
            this.keys = keys;
            this.function = function;
        }

        void tell(Row row) {
            if (row.key().startsWith(keys) && !waiting.offer(row)) {
                LOGGER.log(
                        System.Logger.Level.WARNING, "a function of the stream is too slow, and not told of {0}", row);
            }
        }

        private void run() {
            try {
                while (true) {
                    List<Row> batch = new ArrayList<>();
                    batch.add(waiting.take());
                    long untilNs = System.nanoTime() + window.toNanos();
                    while (batch.size() < BATCH) {
                        Row more = waiting.poll(untilNs - System.nanoTime(), TimeUnit.NANOSECONDS);
                        if (more == null) {
                            break;
                        }
                        batch.add(more);
                    }
                    handIn(batch);
                }
            } catch (InterruptedException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "the stream has ended", e);
            }
        }

        private void handIn(List<Row> batch) throws InterruptedException {
            List<Row> left = batch;
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
                answer = new String(function.apply(event(rows)), UTF_8);
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

    /// As Lambda hands it to a function; keys only.
    private static byte[] event(List<Row> rows) {
        JsonWriter json = new JsonWriter();
        json.raw(ascii("{\"Records\":["));
        String comma = "";
        for (Row row : rows) {
            json.raw(ascii(comma)).raw(ascii("{\"eventID\":")).string(Long.toString(row.number()));
            json.raw(ascii(",\"eventName\":\"INSERT\",\"eventVersion\":\"1.1\",\"eventSource\":\"aws:dynamodb\","));
            json.raw(ascii("\"awsRegion\":\"us-east-1\",\"dynamodb\":{\"Keys\":{\"" + KEY + "\":{\"S\":"))
                    .string(row.key());
            json.raw(ascii("},\"" + SORT_KEY + "\":{\"S\":")).string(row.sortKey());
            json.raw(ascii("}},\"SequenceNumber\":")).string(Long.toString(row.number()));
            json.raw(ascii(",\"StreamViewType\":\"KEYS_ONLY\"}}"));
            comma = ",";
        }
        return json.raw(']').raw('}').toByteArray();
    }
}
