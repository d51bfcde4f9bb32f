package io.topicstream.aws.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpResponse;

/// Answers for a DynamoDB that has no rows, takes every write and keeps none of them: what is put there costs nothing
/// and leaves nothing. Thread-safe.
final class EmptyService implements SdkHttpClient {
    /// No row, and what the log asks for when it is opened: its first epoch.
    private static final byte[] NOTHING = "{\"Attributes\":{\"e\":{\"N\":\"1\"}}}".getBytes(UTF_8);

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        return new Call();
    }

    private static final class Call implements ExecutableHttpRequest {
        @Override
        public HttpExecuteResponse call() {
            return HttpExecuteResponse.builder()
                    .response(SdkHttpResponse.builder()
                            .statusCode(200)
                            .putHeader("Content-Type", "application/x-amz-json-1.0")
                            .putHeader("Content-Length", Integer.toString(NOTHING.length))
                            .build())
                    .responseBody(AbortableInputStream.create(new ByteArrayInputStream(NOTHING)))
                    .build();
        }

        @Override
        public void abort() {
            // It has ended already.
        }
    }

    @Override
    public String clientName() {
        return "empty";
    }

    @Override
    public void close() {
        // It has nothing open.
    }
}
