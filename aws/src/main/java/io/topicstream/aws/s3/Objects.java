package io.topicstream.aws.s3;

import io.topicstream.log.Backoff;
import io.topicstream.log.LogUnavailableException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// A bucket, as the engine needs it: an object is put once, and changed only by who knows what stands there.
///
/// Every method blocks until the service has answered; where it cannot be had, or refuses, it throws a
/// [LogUnavailableException] that names the object. The client repeats what may be repeated. Who may not
/// list the bucket is told that an object which is not there is forbidden, and that is a refusal too.
///
/// Thread-safe. Of all callers together, at most [#AT_ONCE] calls are under way.
public final class Objects {
    /// How many calls are under way at once.
    static final int AT_ONCE = 64;
    /// How many objects [#getAll] asks for at once, for one caller.
    static final int GETS_AT_ONCE = 10;
    /// How many names one call lists, and how many objects one call deletes, at most.
    static final int MOST_PER_CALL = 1_000;

    private static final int PUT_ATTEMPTS = 6;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int PRECONDITION_FAILED = 412;

    private final S3Client client;
    private final String bucket;
    private final Semaphore turns = new Semaphore(AT_ONCE);

    /// What came of putting an object.
    public enum Put {
        /// It is there now.
        STORED,
        /// The same stood there: of an earlier run, of somebody else with the same in hand, or of this
        /// call, whose first answer was lost.
        SAME,
        /// Something else stands there, and stays.
        OTHER
    }

    /// An object.
    ///
    /// @param bytes owned by who asked for it
    /// @param metadata what is said about it beside its bytes, by names in lower case
    public record Stored(byte[] bytes, Map<String, String> metadata) {
        private boolean isSame(byte[] otherBytes, Map<String, String> otherMetadata) {
            return Arrays.equals(bytes, otherBytes) && metadata.equals(otherMetadata);
        }
    }

    /// An object as it was found.
    ///
    /// @param etag by which it is known again; another content has another one
    public record Found(Stored stored, String etag) {}

    /// The name of an object, and how long it is.
    public record Listed(String key, long bytes) {}

    /// @param client takes its time-outs and retries with it; its owner closes it
    /// @param bucket which exists
    public Objects(S3Client client, String bucket) {
        this.client = client;
        this.bucket = bucket;
    }

    /// A client as the engine wants it, to which region and credentials are still to be said.
    ///
    /// Bodies are in memory here, so they go as they are, and their checksum in a header before them. In
    /// chunks, with the checksum behind, a server may have all of the object and close the connection while
    /// the rest is still being written: the object is put then, and the client believes that it is not.
    ///
    /// @param namesBucketInPath as most stand-ins for S3 want it, which have one host for all buckets
    public static S3ClientBuilder client(boolean namesBucketInPath) {
        return S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .serviceConfiguration(s3 -> s3.chunkedEncodingEnabled(false))
                .forcePathStyle(namesBucketInPath);
    }

    /// Puts an object where none is.
    ///
    /// The condition alone does not tell who won: an attempt whose answer was lost is made again by the
    /// client, and then finds what it put itself. So what stands there is compared with what was to be put.
    ///
    /// @param metadata by names in lower case
    public Put putIfAbsent(String key, byte[] bytes, String contentType, Map<String, String> metadata) {
        for (int attempt = 1; attempt <= PUT_ATTEMPTS; attempt++) {
            int status = tryPut(key, bytes, contentType, metadata, put -> put.ifNoneMatch("*"));
            if (status < 300) {
                return Put.STORED;
            }
            Stored there = get(key);
            if (there != null) {
                return there.isSame(bytes, metadata) ? Put.SAME : Put.OTHER;
            }
            // Another put is under way (409), or what stood there was deleted meanwhile.
            pause(key, attempt);
        }
        throw new LogUnavailableException("the object " + key + " cannot be put: others put or delete it all the time");
    }

    /// Puts an object in the place of the one that was found.
    ///
    /// @param etag of that one
    /// @return false where it is not there any more: it was changed or deleted meanwhile, and stays as it is
    public boolean replace(String key, String etag, byte[] bytes, String contentType, Map<String, String> metadata) {
        for (int attempt = 1; attempt <= PUT_ATTEMPTS; attempt++) {
            int status = tryPut(key, bytes, contentType, metadata, put -> put.ifMatch(etag));
            if (status < 300) {
                return true;
            }
            Found there = find(key);
            if (there != null && there.stored().isSame(bytes, metadata)) {
                // Ours, whose first answer was lost; or somebody else's with the same in hand.
                return true;
            }
            if (there == null || !there.etag().equals(etag)) {
                return false;
            }
            pause(key, attempt);
        }
        throw new LogUnavailableException("the object " + key + " cannot be replaced: others put it all the time");
    }

    private int tryPut(
            String key,
            byte[] bytes,
            String contentType,
            Map<String, String> metadata,
            Consumer<PutObjectRequest.Builder> condition) {
        return call("the object " + key + " cannot be put", () -> {
            try {
                client.putObject(
                        put -> condition.accept(put.bucket(bucket)
                                .key(key)
                                .contentType(contentType)
                                .metadata(metadata)),
                        RequestBody.fromBytes(bytes));
                return 200;
            } catch (S3Exception e) {
                int status = e.statusCode();
                boolean hadNothingToReplace = status == NOT_FOUND && e instanceof NoSuchKeyException;
                if (status == PRECONDITION_FAILED || status == CONFLICT || hadNothingToReplace) {
                    return status;
                }
                throw e;
            }
        });
    }

    private static void pause(String key, int failures) {
        try {
            Thread.sleep(Backoff.delayMs(failures, ThreadLocalRandom.current()));
        } catch (InterruptedException e) {
            throw interrupted(key, e);
        }
    }

    /// The object, or null if it does not exist.
    public @Nullable Stored get(String key) {
        Found found = find(key);
        return found == null ? null : found.stored();
    }

    /// The object and what it is known by, or null if it does not exist.
    public @Nullable Found find(String key) {
        return call("the object " + key + " cannot be read", () -> {
            try {
                ResponseBytes<GetObjectResponse> found =
                        client.getObjectAsBytes(get -> get.bucket(bucket).key(key));
                GetObjectResponse response = found.response();
                return new Found(new Stored(found.asByteArrayUnsafe(), response.metadata()), response.eTag());
            } catch (NoSuchKeyException e) {
                return null;
            }
        });
    }

    /// The objects in the order of the keys, null for each that is not there; [#GETS_AT_ONCE] are asked for
    /// at once.
    List<@Nullable Stored> getAll(List<String> keys) {
        if (keys.size() == 1) {
            return Arrays.asList(get(keys.getFirst()));
        }
        Semaphore own = new Semaphore(GETS_AT_ONCE);
        List<@Nullable Stored> all = new ArrayList<>(keys.size());
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<@Nullable Stored>> asked = new ArrayList<>(keys.size());
            for (String key : keys) {
                asked.add(threads.submit(() -> {
                    own.acquire();
                    try {
                        return get(key);
                    } finally {
                        own.release();
                    }
                }));
            }
            try {
                for (Future<@Nullable Stored> one : asked) {
                    all.add(one.get());
                }
            } catch (ExecutionException e) {
                threads.shutdownNow();
                throw e.getCause() instanceof LogUnavailableException unavailable
                        ? new LogUnavailableException(String.valueOf(unavailable.getMessage()), unavailable)
                        : new IllegalStateException(e.getCause());
            } catch (InterruptedException e) {
                threads.shutdownNow();
                throw interrupted(keys.getFirst(), e);
            }
        }
        return all;
    }

    /// Names that begin with the prefix, in the order of their bytes.
    ///
    /// @param startAfter names come strictly after this one; empty to begin at the front
    /// @param limit at least 1; fewer are all that there are. One call for each [#MOST_PER_CALL]
    public List<Listed> list(String prefix, String startAfter, int limit) {
        List<Listed> names = new ArrayList<>();
        String token = null;
        do {
            int most = Math.min(MOST_PER_CALL, limit - names.size());
            String goOn = token;
            ListObjectsV2Response page = call(
                    "the objects at " + prefix + " cannot be listed",
                    () -> client.listObjectsV2(list -> list.bucket(bucket)
                            .prefix(prefix)
                            .startAfter(goOn == null && !startAfter.isEmpty() ? startAfter : null)
                            .continuationToken(goOn)
                            .maxKeys(most)));
            page.contents().forEach(found -> names.add(new Listed(found.key(), found.size())));
            // A page may be short and not the last.
            token = Boolean.TRUE.equals(page.isTruncated()) ? page.nextContinuationToken() : null;
        } while (token != null && names.size() < limit);
        return names;
    }

    /// Deletes objects; one that is not there is no error. Where it fails, some may be deleted: asking
    /// again does no harm.
    public void delete(List<String> keys) {
        for (int from = 0; from < keys.size(); from += MOST_PER_CALL) {
            List<ObjectIdentifier> some = keys.subList(from, Math.min(keys.size(), from + MOST_PER_CALL)).stream()
                    .map(key -> ObjectIdentifier.builder().key(key).build())
                    .toList();
            String about = "the object " + some.getFirst().key() + " cannot be deleted";
            DeleteObjectsResponse answer = call(
                    about,
                    () -> client.deleteObjects(delete ->
                            delete.bucket(bucket).delete(all -> all.quiet(true).objects(some))));
            // The call as a whole succeeds where some of it does not.
            answer.errors().stream().findFirst().ifPresent(error -> {
                throw new LogUnavailableException(
                        "the object " + error.key() + " cannot be deleted: " + error.code() + " " + error.message());
            });
        }
    }

    private <T extends @Nullable Object> T call(String failure, Supplier<T> request) {
        turns.acquireUninterruptibly();
        try {
            return request.get();
        } catch (SdkException e) {
            throw new LogUnavailableException(failure + ": " + e.getMessage(), e);
        } finally {
            turns.release();
        }
    }

    private static LogUnavailableException interrupted(String key, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new LogUnavailableException("the wait for the object " + key + " was interrupted", e);
    }
}
