package io.topicstream.aws.dynamo;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.dynamo.Lifecycle.Rule;
import io.topicstream.log.Retention;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LifecycleTest {
    private static Retention age(Duration age) {
        return new Retention(age.toMillis(), Retention.UNLIMITED, Retention.UNLIMITED);
    }

    private static int days(Retention... retentions) {
        return Lifecycle.of(List.of(retentions)).rules().getFirst().expireDays();
    }

    @Test
    void segmentsGoWhenAllThatTheyMayHaveHasEnded() {
        assertThat(days(Retention.DEFAULT)).isEqualTo(32);
        assertThat(days(age(Duration.ofHours(1)))).isEqualTo(3);
        assertThat(days(age(Duration.ofDays(7)), age(Duration.ofDays(90).plusMillis(1)), age(Duration.ofDays(1))))
                .isEqualTo(93);
    }

    @Test
    void segmentsStayWhereATopicIsKeptForEver() {
        assertThat(days(age(Duration.ofDays(7)), Retention.FOREVER, age(Duration.ofDays(9))))
                .isZero();
        assertThat(days(new Retention(Long.MAX_VALUE - 1, Retention.UNLIMITED, Retention.UNLIMITED)))
                .isZero();
        assertThat(days()).isZero();
    }

    @Test
    void largeBatchesStayAsLongAsTheirRows() {
        assertThat(Lifecycle.of(List.of(Retention.DEFAULT)))
                .isEqualTo(new Lifecycle("x", List.of(new Rule("topics/", 32, 1), new Rule("batches/", 0, 1))));
    }
}
