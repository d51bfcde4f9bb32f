package io.topicstream.aws.local;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

/// The way to the stand-in for S3, on which its objects are replaced one after the other. S3 itself compares and
/// replaces at once; the stand-in lets another put in between, so that of two replacers both may win.
public final class OnePutAtATime implements SdkHttpClient {
    private static final ReentrantLock PUTS = new ReentrantLock();

    private final SdkHttpClient real = UrlConnectionHttpClient.create();

    @Override
    public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
        ExecutableHttpRequest sent = real.prepareRequest(request);
        if (request.httpRequest().method() != SdkHttpMethod.PUT
                || request.httpRequest().firstMatchingHeader("If-Match").isEmpty()) {
            return sent;
        }
        return new ExecutableHttpRequest() {
            @Override
            public HttpExecuteResponse call() throws IOException {
                PUTS.lock();
                try {
                    return sent.call();
                } finally {
                    PUTS.unlock();
                }
            }

            @Override
            public void abort() {
                sent.abort();
            }
        };
    }

    @Override
    public void close() {
        real.close();
    }
}
