package io.topicstream.aws.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.aws.s3.FaultyHttp.Fault;
import io.topicstream.aws.s3.Objects.Listed;
import io.topicstream.aws.s3.Objects.Put;
import io.topicstream.log.LogUnavailableException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;

class ObjectsTest {
    private static final Fault SLOW_DOWN = Fault.Answer.error(503, "SlowDown");
    private static final Fault CONFLICT = Fault.Answer.error(409, "ConditionalRequestConflict");
    private static final Map<String, String> NOTHING = Map.of();

    private final FaultyHttp http = new FaultyHttp();
    private final String bucket = LocalS3.get().bucket();
    private final S3Client client = LocalS3.get().over(http);
    private final Objects objects = new Objects(client, bucket);

    @AfterEach
    void close() {
        client.close();
        http.close();
    }

    @Test
    void anObjectIsPutOnceAndStays() {
        assertThat(put("a", "one")).isEqualTo(Put.STORED);

        assertThat(put("a", "one")).isEqualTo(Put.SAME);
        assertThat(put("a", "two")).isEqualTo(Put.OTHER);
        assertThat(text("a")).isEqualTo("one");
        assertThat(objects.get("b")).isNull();
    }

    @Test
    void whatIsSaidBesideTheBytesIsPartOfTheObject() {
        Map<String, String> epoch = Map.of("topicstream-epoch", "7");
        assertThat(objects.putIfAbsent("a", bytes("one"), "application/json", epoch))
                .isEqualTo(Put.STORED);

        assertThat(objects.get("a").metadata()).isEqualTo(epoch);
        assertThat(objects.putIfAbsent("a", bytes("one"), "application/json", epoch))
                .isEqualTo(Put.SAME);
        assertThat(put("a", "one")).isEqualTo(Put.OTHER);
    }

    @Test
    void ofRacingCreatorsOneWins() throws Exception {
        for (int round = 0; round < 20; round++) {
            String key = "raced/" + round;

            List<Put> outcomes = race(16, creator -> put(key, "by " + creator));

            // The client may have lost the winner's first answer to the race, and then the winner has found its own.
            assertThat(outcomes).filteredOn(outcome -> outcome != Put.OTHER).hasSize(1);
            int winner = outcomes.indexOf(Put.STORED) + outcomes.indexOf(Put.SAME) + 1;
            assertThat(text(key)).isEqualTo("by " + winner);
        }
    }

    @Test
    void racingCreatorsOfTheSameAllHaveIt() throws Exception {
        List<Put> outcomes = race(16, _ -> put("a", "one"));

        assertThat(outcomes).hasSize(16).doesNotContain(Put.OTHER);
        assertThat(outcomes).filteredOn(Put.STORED::equals).hasSizeLessThan(2);
    }

    @Test
    void aSuccessWhoseAnswerWasLostIsNotTakenForSomebodyElses() {
        http.next(SdkHttpMethod.PUT, new Fault.LostAnswer());

        assertThat(put("a", "one")).isEqualTo(Put.SAME);
        assertThat(http.puts()).isEqualTo(2);
    }

    @Test
    void whoDoesNotHearWhetherItIsThereMayPutItAgain() {
        http.next(SdkHttpMethod.PUT, new Fault.LostAnswer());
        try (S3Client once = LocalS3.get()
                .builder()
                .httpClientBuilder(null)
                .httpClient(http)
                .overrideConfiguration(calls -> calls.retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .build()) {
            Objects impatient = new Objects(once, bucket);

            assertThatThrownBy(() -> impatient.putIfAbsent("a", bytes("one"), "text/plain", NOTHING))
                    .isInstanceOf(LogUnavailableException.class)
                    .hasMessageContaining("the object a cannot be put");
            assertThat(impatient.putIfAbsent("a", bytes("one"), "text/plain", NOTHING))
                    .isEqualTo(Put.SAME);
        }
    }

    @Test
    void whatAnotherPutBetweenTwoAttemptsStays() {
        Objects other = new Objects(LocalS3.get().client(), bucket);
        other.putIfAbsent("a", bytes("theirs"), "text/plain", NOTHING);
        http.next(SdkHttpMethod.PUT, SLOW_DOWN);

        assertThat(put("a", "ours")).isEqualTo(Put.OTHER);
        assertThat(text("a")).isEqualTo("theirs");
    }

    // ---- in the place of another one

    private boolean replace(String key, String etag, String text) {
        return objects.replace(key, etag, bytes(text), "text/plain", NOTHING);
    }

    @Test
    void anObjectIsReplacedByWhoKnowsIt() {
        put("a", "one");
        String one = objects.find("a").etag();

        assertThat(replace("a", one, "two")).isTrue();
        assertThat(replace("a", one, "three")).as("it is not what it was").isFalse();
        assertThat(text("a")).isEqualTo("two");
        objects.delete(List.of("a"));
        assertThat(replace("a", one, "four")).as("it is gone").isFalse();
        assertThat(objects.get("a")).isNull();
    }

    @Test
    void ofRacingReplacersOneWinsEachTime() throws Exception {
        put("sum", "0 by nobody");

        race(8, writer -> {
            for (int i = 0; i < 10; i++) {
                boolean isAdded = false;
                while (!isAdded) {
                    Objects.Found found = objects.find("sum");
                    int sum = sum(new String(found.stored().bytes(), UTF_8));
                    isAdded = replace("sum", found.etag(), (sum + 1) + " by " + writer);
                }
            }
            return Put.STORED;
        });

        assertThat(sum(text("sum"))).isEqualTo(80);
    }

    private static int sum(String text) {
        return Integer.parseInt(text.substring(0, text.indexOf(' ')));
    }

    @Test
    void aReplacementWhoseAnswerWasLostIsKnownAgain() {
        put("a", "one");
        String one = objects.find("a").etag();
        http.next(SdkHttpMethod.PUT, new Fault.LostAnswer());

        assertThat(replace("a", one, "two")).isTrue();
        assertThat(text("a")).isEqualTo("two");
    }

    @Test
    void aServiceThatWantsLessIsAskedAgain() {
        http.next(SdkHttpMethod.PUT, SLOW_DOWN);
        http.next(SdkHttpMethod.GET, SLOW_DOWN, SLOW_DOWN);

        assertThat(put("a", "one")).isEqualTo(Put.STORED);
        assertThat(text("a")).isEqualTo("one");
        assertThat(http.gets()).isEqualTo(3);
    }

    @Test
    void aServiceThatCannotBeHadIsNoMissingObject() {
        Fault[] faults = new Fault[8];
        Arrays.fill(faults, Fault.Answer.error(503, "ServiceUnavailable"));
        http.next(SdkHttpMethod.GET, faults);

        assertThatThrownBy(() -> objects.get("a"))
                .isInstanceOf(LogUnavailableException.class)
                .hasMessageContaining("the object a cannot be read");
    }

    @Test
    void aBucketThatIsNotThereIsNoMissingObject() {
        Objects nowhere = new Objects(client, "no-such-bucket");

        assertThatThrownBy(() -> nowhere.get("a")).isInstanceOf(LogUnavailableException.class);
        assertThatThrownBy(() -> nowhere.list("", "", 1)).isInstanceOf(LogUnavailableException.class);
        assertThatThrownBy(() -> nowhere.putIfAbsent("a", bytes("one"), "text/plain", NOTHING))
                .isInstanceOf(LogUnavailableException.class);
    }

    @Test
    void aPutThatMeetsAnotherIsMadeAgain() {
        http.next(SdkHttpMethod.PUT, CONFLICT, CONFLICT);

        assertThat(put("a", "one")).isEqualTo(Put.STORED);
        assertThat(http.puts()).isEqualTo(3);
    }

    @Test
    void aPutThatAlwaysMeetsAnotherIsGivenUp() {
        Fault[] faults = new Fault[100];
        Arrays.fill(faults, CONFLICT);
        http.next(SdkHttpMethod.PUT, faults);

        assertThatThrownBy(() -> put("a", "one"))
                .isInstanceOf(LogUnavailableException.class)
                .hasMessageContaining("the object a cannot be put");
    }

    @Test
    void objectsAreHadTogetherInTheirOrder() {
        List<String> keys =
                IntStream.range(0, 30).mapToObj(number -> "n" + number).toList();
        for (int number = 0; number < 30; number += 2) {
            put("n" + number, "value " + number);
        }

        List<Objects.Stored> all = objects.getAll(keys);

        assertThat(all).hasSize(30);
        for (int number = 0; number < 30; number++) {
            if (number % 2 == 0) {
                assertThat(new String(all.get(number).bytes(), UTF_8)).isEqualTo("value " + number);
            } else {
                assertThat(all.get(number)).isNull();
            }
        }
    }

    @Test
    void oneThatCannotBeHadIsNotLeftOut() {
        put("a", "one");
        put("b", "two");
        Fault[] faults = new Fault[4];
        Arrays.fill(faults, Fault.Answer.error(403, "AccessDenied"));
        http.next(SdkHttpMethod.GET, faults);

        assertThatThrownBy(() -> objects.getAll(List.of("a", "b", "a")))
                .isInstanceOf(LogUnavailableException.class)
                .hasMessageContaining("cannot be read");
    }

    @Test
    void namesAreListedInTheirOrderOverSeveralPages() throws Exception {
        int count = Objects.MOST_PER_CALL + 5;
        race(16, part -> {
            for (int number = part; number < count; number += 16) {
                put(name(number), "x");
            }
            return null;
        });
        put("o", "behind them");

        List<Listed> all = objects.list("n/", "", count + 100);

        assertThat(all)
                .containsExactlyElementsOf(IntStream.range(0, count)
                        .mapToObj(number -> new Listed(name(number), 1))
                        .toList());
        assertThat(http.lists()).isEqualTo(2);
        assertThat(objects.list("n/", name(7), 2)).extracting(Listed::key).containsExactly(name(8), name(9));
        assertThat(objects.list("n/", name(count - 1), 10)).isEmpty();

        objects.delete(all.stream().map(Listed::key).toList());

        assertThat(objects.list("", "", 10)).extracting(Listed::key).containsExactly("o");
    }

    @Test
    void deletingWhatIsNotThereIsNoError() {
        put("a", "one");

        objects.delete(List.of("a", "b"));
        objects.delete(List.of("a"));
        objects.delete(List.of());

        assertThat(objects.get("a")).isNull();
    }

    @Test
    void whatIsNotDeletedIsSaid() {
        http.next(
                SdkHttpMethod.POST,
                new Fault.Answer(
                        200,
                        "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>no</Message></Error>"
                                + "</DeleteResult>"));

        assertThatThrownBy(() -> objects.delete(List.of("a", "b")))
                .isInstanceOf(LogUnavailableException.class)
                .hasMessageContaining("the object b cannot be deleted: AccessDenied");
    }

    private Put put(String key, String text) {
        return objects.putIfAbsent(key, bytes(text), "text/plain", NOTHING);
    }

    private String text(String key) {
        return new String(objects.get(key).bytes(), UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static String name(int number) {
        return "n/%05d".formatted(number);
    }

    private interface Racer<T> {
        T run(int number);
    }

    /// What so many threads answered that began together.
    private static <T> List<T> race(int threads, Racer<T> racer) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        List<T> answers = new ArrayList<>();
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int number = i;
                running.add(pool.submit(() -> {
                    start.await();
                    return racer.run(number);
                }));
            }
            start.countDown();
            for (Future<T> one : running) {
                answers.add(one.get());
            }
        }
        return answers;
    }
}
