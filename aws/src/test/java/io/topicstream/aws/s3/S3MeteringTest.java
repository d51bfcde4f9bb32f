package io.topicstream.aws.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.aws.cost.Billable;
import io.topicstream.aws.cost.Meter;
import io.topicstream.aws.cost.Units;
import io.topicstream.aws.metering.S3Metering;
import io.topicstream.aws.s3.FaultyHttp.Fault;
import io.topicstream.aws.s3.Objects.Put;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// Which requests of a bucket are metered.
@Timeout(120)
class S3MeteringTest {
    private static final String TYPE = "application/json";
    private static final byte[] BYTES = {1, 2, 3};

    private final Meter meter = new Meter();
    private final FaultyHttp http = new FaultyHttp();
    private final String bucket = LocalS3.get().bucket();
    private final S3Client client = LocalS3.get()
            .builder()
            .httpClientBuilder(null)
            .httpClient(http)
            .overrideConfiguration(options -> options.addExecutionInterceptor(new S3Metering(meter)))
            .build();
    private final Objects objects = new Objects(client, bucket);

    @AfterEach
    void close() {
        client.close();
        http.close();
    }

    private Units metered(Runnable step) {
        meter.restart();
        step.run();
        return meter.units();
    }

    private static Units puts(long count) {
        return Units.of(Billable.OBJECT_PUTS, count);
    }

    private static Units gets(long count) {
        return Units.of(Billable.OBJECT_GETS, count);
    }

    private void put(Put expected) {
        assertThat(objects.putIfAbsent("key", BYTES, TYPE, Map.of())).isEqualTo(expected);
    }

    @Test
    void aPutAListAndAGetAreOneEachAndADeleteIsFree() {
        assertThat(metered(() -> put(Put.STORED))).isEqualTo(puts(1));
        assertThat(metered(() -> objects.list("", "", 10))).isEqualTo(puts(1));
        assertThat(metered(() -> objects.get("key"))).isEqualTo(gets(1));
        assertThat(metered(() -> objects.delete(List.of("key")))).isEqualTo(Units.NONE);
    }

    @Test
    void whatIsRefusedIsBilled() {
        put(Put.STORED);

        assertThat(metered(() -> put(Put.SAME)))
                .as("a put that finds an object, which is then looked at")
                .isEqualTo(puts(1).plus(gets(1)));
        assertThat(metered(() -> objects.get("none"))).isEqualTo(gets(1));
    }

    @Test
    void eachAttemptCountsButThoseThatTheServiceFails() {
        http.next(SdkHttpMethod.PUT, new Fault.LostAnswer());
        assertThat(metered(() -> put(Put.SAME))).as("done, refused, looked at").isEqualTo(puts(2).plus(gets(1)));

        http.next(SdkHttpMethod.GET, Fault.Answer.error(503, "SlowDown"));
        assertThat(metered(() -> objects.get("key"))).isEqualTo(gets(1));

        http.next(SdkHttpMethod.GET, new Fault.LostAnswer());
        assertThat(metered(() -> objects.get("key"))).isEqualTo(gets(2));
    }

    @Test
    void whatFailsForGoodCountsAsOftenAsItWasTaken() {
        http.next(
                SdkHttpMethod.GET,
                new Fault.LostAnswer(),
                Fault.Answer.error(503, "SlowDown"),
                Fault.Answer.error(403, "AccessDenied"));

        assertThat(metered(() -> assertThatThrownBy(() -> client.getObjectAsBytes(
                                get -> get.bucket(bucket).key("key")))
                        .isInstanceOf(S3Exception.class)))
                .isEqualTo(gets(2));
    }
}
