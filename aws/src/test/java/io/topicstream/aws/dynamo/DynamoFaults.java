package io.topicstream.aws.dynamo;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.protocols.jsoncore.JsonNode;

/// What can go wrong between a client and DynamoDB, in front of a real one: below the SDK, so that it reads each
/// refusal and retries by its own rules. Faults come by chance, from a seed, or one by one in a given order.
///
/// Each try of a call suffers one fault at most. Thread-safe.
final class DynamoFaults {
    /// What happens to a try of a call.
    enum Fault {
        /// It goes well.
        NONE,
        /// The table is used too much: not done, and the SDK tries again.
        THROTTLED_TABLE,
        /// The account is used too much: the same.
        THROTTLED_ACCOUNT,
        /// The service failed before it was done.
        FAILED,
        /// Another transaction has the item: not done, and the SDK does not try again. Other calls than writes of items
        /// are spared.
        CONFLICT,
        /// It never arrives, and the client waits too long.
        LOST_REQUEST,
        /// It is done, and the client never hears so.
        LOST_ANSWER,
        /// The client waits too long, and it arrives later, after the next tries.
        DELAYED,
        /// It is done, and arrives once more later.
        DUPLICATED,
        /// Some items of a batch are left to be done. Other calls are spared.
        UNPROCESSED
    }

    private static final Set<String> CONFLICTING = Set.of("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems");
    private static final String TYPES = "com.amazonaws.dynamodb.v20120810#";

    private final Random random;
    private final double rate;
    private final List<Fault> kinds;

    // All guarded by this.
    private final ArrayDeque<Planned> planned = new ArrayDeque<>();
    private final List<Late> late = new ArrayList<>();
    private final Map<Fault, Integer> happened = new EnumMap<>(Fault.class);
    private int tries;
    private boolean isCalm;

    private record Planned(Fault fault, Runnable then) {}

    private record Late(SdkHttpClient client, HttpExecuteRequest request) {}

    private DynamoFaults(Random random, double rate, Set<Fault> kinds) {
        this.random = random;
        this.rate = rate;
        this.kinds = List.copyOf(kinds);
    }

    /// None but those that are planned.
    static DynamoFaults planned() {
        return new DynamoFaults(new Random(0), 0, EnumSet.noneOf(Fault.class));
    }

    /// Some of these kinds, by chance.
    ///
    /// @param rate how many of the tries suffer one, from 0 to 1
    static DynamoFaults random(long seed, double rate, Set<Fault> kinds) {
        return new DynamoFaults(new Random(seed), rate, kinds);
    }

    /// The next tries suffer these, in this order.
    synchronized DynamoFaults next(Fault... faults) {
        for (Fault fault : faults) {
            planned.add(new Planned(fault, () -> {}));
        }
        return this;
    }

    /// The next try suffers this, and something happens before the one after it.
    synchronized DynamoFaults next(Fault fault, Runnable then) {
        planned.add(new Planned(fault, then));
        return this;
    }

    /// From now on nothing goes wrong.
    synchronized void calm() {
        isCalm = true;
        planned.clear();
    }

    /// What was delayed or sent twice arrives now.
    void deliverLate() {
        List<Late> now;
        synchronized (this) {
            now = List.copyOf(late);
            late.clear();
        }
        now.forEach(DynamoFaults::deliver);
    }

    /// How many tries of calls there were.
    synchronized int tries() {
        return tries;
    }

    synchronized int happened(Fault fault) {
        return happened.getOrDefault(fault, 0);
    }

    synchronized boolean isPlanEmpty() {
        return planned.isEmpty();
    }

    /// The same client, with these faults in front of the service.
    SdkHttpClient around(SdkHttpClient client) {
        return new SdkHttpClient() {
            @Override
            public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
                return new ExecutableHttpRequest() {
                    @Override
                    public HttpExecuteResponse call() throws IOException {
                        return suffer(client, request);
                    }

                    @Override
                    public void abort() {
                        // Nothing is under way that waits long.
                    }
                };
            }

            @Override
            public String clientName() {
                return client.clientName();
            }

            @Override
            public void close() {
                client.close();
            }
        };
    }

    private HttpExecuteResponse suffer(SdkHttpClient client, HttpExecuteRequest request) throws IOException {
        String call = request.httpRequest()
                .firstMatchingHeader("X-Amz-Target")
                .map(target -> target.substring(target.indexOf('.') + 1))
                .orElse("");
        byte[] body = body(request);
        HttpExecuteRequest again = HttpExecuteRequest.builder()
                .request(request.httpRequest())
                .contentStreamProvider(ContentStreamProvider.fromByteArray(body))
                .build();
        deliverOneByChance();
        Planned next = take(call);
        try {
            return switch (next.fault()) {
                case NONE, UNPROCESSED -> client.prepareRequest(again).call();
                case THROTTLED_TABLE -> refusal(400, TYPES + "ProvisionedThroughputExceededException", "");
                case THROTTLED_ACCOUNT -> refusal(400, "com.amazon.coral.availability#ThrottlingException", "");
                case FAILED -> refusal(500, TYPES + "InternalServerError", "");
                case CONFLICT -> conflict(call, body);
                case LOST_REQUEST -> throw new SocketTimeoutException("the request was lost");
                case LOST_ANSWER -> {
                    deliver(new Late(client, again));
                    throw new SocketTimeoutException("the answer was lost");
                }
                case DELAYED -> {
                    keep(new Late(client, again));
                    throw new SocketTimeoutException("the request is late");
                }
                case DUPLICATED -> {
                    HttpExecuteResponse answer = client.prepareRequest(again).call();
                    keep(new Late(client, again));
                    yield answer;
                }
            };
        } finally {
            next.then().run();
        }
    }

    private static byte[] body(HttpExecuteRequest request) throws IOException {
        ContentStreamProvider content = request.contentStreamProvider().orElse(null);
        if (content == null) {
            return new byte[0];
        }
        try (InputStream stream = content.newStream()) {
            return stream.readAllBytes();
        }
    }

    private synchronized Planned take(String call) {
        tries++;
        Planned next = planned.poll();
        if (next == null) {
            next = new Planned(byChance(call), () -> {});
        }
        count(next.fault());
        return next;
    }

    private Fault byChance(String call) {
        if (isCalm || kinds.isEmpty() || random.nextDouble() >= rate) {
            return Fault.NONE;
        }
        Fault fault = kinds.get(random.nextInt(kinds.size()));
        boolean isSpared = switch (fault) {
            case CONFLICT -> !CONFLICTING.contains(call);
            case UNPROCESSED -> true;
            case NONE, THROTTLED_TABLE, THROTTLED_ACCOUNT, FAILED, LOST_REQUEST, LOST_ANSWER, DELAYED, DUPLICATED ->
                false;
        };
        return isSpared ? Fault.NONE : fault;
    }

    private void count(Fault fault) {
        happened.merge(fault, 1, Integer::sum);
    }

    private synchronized void keep(Late request) {
        late.add(request);
    }

    private void deliverOneByChance() {
        Late first;
        synchronized (this) {
            if (rate == 0 || late.isEmpty() || random.nextInt(3) == 0) {
                return;
            }
            first = late.remove(random.nextInt(late.size()));
        }
        deliver(first);
    }

    private static void deliver(Late late) {
        try {
            HttpExecuteResponse response =
                    late.client().prepareRequest(late.request()).call();
            AbortableInputStream body = response.responseBody().orElse(null);
            if (body != null) {
                try (body) {
                    body.readAllBytes();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HttpExecuteResponse conflict(String call, byte[] body) {
        if (!call.equals("TransactWriteItems")) {
            return refusal(400, TYPES + "TransactionConflictException", "");
        }
        int items = JsonNode.parser()
                .parse(new ByteArrayInputStream(body))
                .field("TransactItems")
                .orElseThrow()
                .asArray()
                .size();
        List<String> reasons = new ArrayList<>(Collections.nCopies(items, "{\"Code\":\"None\"}"));
        reasons.set(0, "{\"Code\":\"TransactionConflict\",\"Message\":\"Transaction is ongoing for the item\"}");
        return refusal(
                400,
                TYPES + "TransactionCanceledException",
                ",\"CancellationReasons\":[" + String.join(",", reasons) + "]");
    }

    private static HttpExecuteResponse refusal(int status, String type, String more) {
        byte[] body = ("{\"__type\":\"" + type + "\",\"message\":\"made by a test\"" + more + "}")
                .getBytes(StandardCharsets.UTF_8);
        return HttpExecuteResponse.builder()
                .response(SdkHttpFullResponse.builder()
                        .statusCode(status)
                        .putHeader("Content-Type", "application/x-amz-json-1.0")
                        .putHeader("Content-Length", Integer.toString(body.length))
                        .putHeader("x-amzn-RequestId", "made-by-a-test")
                        .build())
                .responseBody(AbortableInputStream.create(new ByteArrayInputStream(body)))
                .build();
    }

    /// How many items of a batch are done, of so many; null where nothing goes wrong.
    synchronized @Nullable Integer cutBatch(int items) {
        Planned next = planned.peek();
        boolean isPlanned = next != null && next.fault() == Fault.UNPROCESSED;
        if (isPlanned) {
            planned.remove();
        }
        boolean isCut = isPlanned || (!isCalm && kinds.contains(Fault.UNPROCESSED) && random.nextDouble() < rate);
        if (!isCut || items < 2) {
            return null;
        }
        count(Fault.UNPROCESSED);
        return 1 + random.nextInt(items - 1);
    }
}
