package io.topicstream.aws.local;

import io.topicstream.aws.cost.Meter;
import io.topicstream.aws.metering.S3Metering;
import io.topicstream.aws.s3.Objects;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;

/// An S3 on this machine, which asks for no real credentials: one that somebody runs, or S3Proxy, an open stand-in, in
/// this process on the loopback. Thread-safe.
///
/// The stand-in keeps an object as a file, which is there whole or not at all, however the process ends. What is said
/// about it beside its bytes it keeps in attributes of the file.
public final class LocalStorage implements AutoCloseable {
    private static final String ATTRIBUTES = "user";

    /// It tells how it is made up; held here, for its level is forgotten with it.
    private static final Logger TALKATIVE = Logger.getLogger("org.gaul");

    /// Null where somebody else runs it.
    private final @Nullable S3Proxy proxy;

    private final URI endpoint;
    private final List<S3Client> clients = new CopyOnWriteArrayList<>();

    private LocalStorage(@Nullable S3Proxy proxy, URI endpoint) {
        this.proxy = proxy;
        this.endpoint = endpoint;
    }

    /// One that runs already.
    public static LocalStorage at(URI endpoint) {
        return new LocalStorage(null, endpoint);
    }

    /// Starts the stand-in.
    ///
    /// @param folder in which it keeps everything, or null: in memory
    /// @throws IOException if it does not start, or the folder is of no use for it
    public static LocalStorage start(@Nullable Path folder) throws IOException {
        TALKATIVE.setLevel(Level.WARNING);
        BlobStore store = folder == null ? new TransientNio2BlobStore() : files(folder);
        try {
            S3Proxy proxy = S3Proxy.builder()
                    .blobStore(store)
                    .endpoint(URI.create("http://127.0.0.1:0"))
                    .build();
            proxy.start();
            return new LocalStorage(proxy, URI.create("http://127.0.0.1:" + proxy.getPort()));
        } catch (Exception e) {
            throw new IOException("S3Proxy does not start: " + e.getMessage(), e);
        }
    }

    private static BlobStore files(Path folder) throws IOException {
        Files.createDirectories(folder);
        if (!Files.getFileStore(folder).supportsFileAttributeView(ATTRIBUTES)) {
            throw new IOException("files in " + folder + " can have no attributes of users there, which S3Proxy needs");
        }
        return new FilesystemNio2BlobStore(folder.toAbsolutePath().toString());
    }

    /// For a client of its own, which the caller closes.
    public S3ClientBuilder builder() {
        return Objects.client(true)
                .httpClientBuilder(null)
                .httpClient(new OnePutAtATime())
                .region(Region.US_EAST_1)
                .endpointOverride(endpoint)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("local", "local")));
    }

    /// A bucket of it, which is made where it is missing, by a client that ends with this.
    ///
    /// @param meter counts what its calls are billed for
    /// @throws IOException if it cannot be used
    public Objects bucket(String name, Meter meter) throws IOException {
        S3Client client = builder()
                .overrideConfiguration(configuration -> configuration.addExecutionInterceptor(new S3Metering(meter)))
                .build();
        clients.add(client);
        try {
            if (isMissing(client, name)) {
                client.createBucket(create -> create.bucket(name));
            }
            return new Objects(client, name);
        } catch (SdkException e) {
            throw new IOException("the bucket " + name + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static boolean isMissing(S3Client client, String name) {
        try {
            client.headBucket(head -> head.bucket(name));
            return false;
        } catch (NoSuchBucketException e) {
            return true;
        }
    }

    /// Where it is.
    public URI endpoint() {
        return endpoint;
    }

    @Override
    public void close() {
        clients.forEach(S3Client::close);
        if (proxy != null) {
            try {
                proxy.stop();
            } catch (Exception e) {
                System.getLogger(LocalStorage.class.getName())
                        .log(System.Logger.Level.WARNING, "S3Proxy was not stopped in order", e);
            }
        }
    }
}
