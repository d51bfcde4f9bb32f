package io.topicstream.aws.s3;

import io.topicstream.aws.local.LocalStorage;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/// An S3 of the tests' own: the open stand-in S3Proxy, in this process and in memory. One for all tests of
/// a process; each test has a bucket of its own.
public final class LocalS3 {
    private static final AtomicInteger BUCKETS = new AtomicInteger();

    private static LocalS3 running;

    private final LocalStorage storage = LocalStorage.start(null);
    private final S3Client client = storage.builder().build();

    private LocalS3() throws IOException {}

    /// The one that runs, or that is started now. It ends with the process.
    public static synchronized LocalS3 get() {
        try {
            if (running == null) {
                running = new LocalS3();
            }
            return running;
        } catch (IOException e) {
            throw new IllegalStateException("S3Proxy does not start", e);
        }
    }

    public URI endpoint() {
        return storage.endpoint();
    }

    S3Client client() {
        return client;
    }

    /// For a client of its own, which the caller closes.
    public S3ClientBuilder builder() {
        return storage.builder();
    }

    /// A client whose calls go through this one, which the caller closes.
    S3Client over(SdkHttpClient http) {
        return builder().httpClientBuilder(null).httpClient(http).build();
    }

    /// A new bucket, with nothing in it.
    public String bucket() {
        String bucket = "test-" + BUCKETS.incrementAndGet();
        client.createBucket(create -> create.bucket(bucket));
        return bucket;
    }

    /// A bucket as the engine has it.
    public Objects objects(String bucket) {
        return new Objects(client, bucket);
    }

    /// A new bucket as the engine has it.
    public Objects objects() {
        return new Objects(client, bucket());
    }
}
