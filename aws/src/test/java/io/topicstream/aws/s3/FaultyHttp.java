package io.topicstream.aws.s3;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.aws.local.OnePutAtATime;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;

/// The way to S3, with faults: answers that are lost after the service did what was asked, and answers that
/// it gives where it does nothing. It counts what is asked.
final class FaultyHttp implements SdkHttpClient {
    private final SdkHttpClient real = new OnePutAtATime();
    private final Map<SdkHttpMethod, Queue<Fault>> faults = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> counts = new ConcurrentHashMap<>();

    /// What happens to one call.
    sealed interface Fault {
        /// None.
        record None() implements Fault {}

        /// The service does it, and nobody hears of it.
        record LostAnswer() implements Fault {}

        /// The service says this, and does nothing.
        record Answer(int status, String body) implements Fault {
            static Answer error(int status, String code) {
                return new Answer(status, "<Error><Code>" + code + "</Code><Message>not now</Message></Error>");
            }
        }
    }

    /// What happens to the next calls of this method, one each.
    void next(SdkHttpMethod method, Fault... some) {
        queue(method).addAll(List.of(some));
    }

    private Queue<Fault> queue(SdkHttpMethod method) {
        return faults.computeIfAbsent(method, _ -> new ConcurrentLinkedQueue<>());
    }

    int puts() {
        return count("PUT");
    }

    int gets() {
        return count("GET");
    }

    int lists() {
        return count("LIST");
    }

    void forget() {
        counts.clear();
    }

    private int count(String what) {
        AtomicInteger count = counts.get(what);
        return count == null ? 0 : count.get();
    }

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        SdkHttpRequest http = request.httpRequest();
        String what = http.rawQueryParameters().containsKey("list-type")
                ? "LIST"
                : http.method().name();
        counts.computeIfAbsent(what, _ -> new AtomicInteger()).incrementAndGet();
        Fault next = queue(http.method()).poll();
        Fault fault = next == null ? new Fault.None() : next;
        ExecutableHttpRequest sent = real.prepareRequest(request);
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                return switch (fault) {
                    case Fault.None _ -> sent.call();
                    case Fault.Answer said -> answer(said);
                    case Fault.LostAnswer _ -> {
                        sent.call();
                        throw new IOException("the connection was closed before the answer came");
                    }
                };
            }

            @Override
            public void abort() {
                sent.abort();
            }
        };
    }

    private static HttpExecuteResponse answer(Fault.Answer said) {
        byte[] body = said.body().getBytes(UTF_8);
        return HttpExecuteResponse.builder()
                .response(SdkHttpFullResponse.builder()
                        .statusCode(said.status())
                        .putHeader("Content-Type", "application/xml")
                        .putHeader("Content-Length", Integer.toString(body.length))
                        .build())
                .responseBody(AbortableInputStream.create(new ByteArrayInputStream(body)))
                .build();
    }

    @Override
    public void close() {
        real.close();
    }
}
