package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;

/// A store that was copied and put back begins a new epoch by itself, so that no epoch and offset ever name two
/// messages; one that was only stopped, or crashed, goes on in its own.
@Timeout(120)
class CopiedStoreTest {
    private static final TopicName TOPIC = new TopicName("t");

    private final ManualClock clock = new ManualClock();
    private final RocksOptions options = StoreUnderTest.small().withClock(clock);

    @TempDir
    private Path directory;

    private Path data;
    private Path copy;

    @BeforeEach
    void name() {
        data = directory.resolve("data");
        copy = directory.resolve("copy");
    }

    /// The ways in which people put a copy in the place of a store.
    enum Way {
        /// `rm -r data; cp -a copy data`
        REMOVED_AND_COPIED {
            @Override
            void putBack(Path copy, Path data) throws Exception {
                StoreUnderTest.delete(data);
                copy(copy, data);
            }
        },

        /// `mv data other; mv copy data`
        MOVED_INTO_PLACE {
            @Override
            void putBack(Path copy, Path data) throws Exception {
                Path spare =
                        Files.createTempDirectory(data.getParent(), "spare").resolve("copy");
                copy(copy, spare);
                StoreUnderTest.delete(data);
                Files.move(spare, data);
            }
        },

        /// `cp -r copy/. data/`, `rsync --inplace --delete`: every file keeps its inode.
        WRITTEN_OVER_IN_PLACE {
            @Override
            void putBack(Path copy, Path data) throws Exception {
                overwrite(copy, data, "nothing");
            }
        },

        /// The same, leaving the lock file out, as some do.
        WRITTEN_OVER_WITHOUT_THE_LOCK {
            @Override
            void putBack(Path copy, Path data) throws Exception {
                overwrite(copy, data, "lock");
            }
        },

        /// Only what is below it: the directory stays, as where it is a volume of its own.
        CONTENTS_REPLACED {
            @Override
            void putBack(Path copy, Path data) throws Exception {
                try (Stream<Path> files = Files.list(data)) {
                    for (Path file : files.toList()) {
                        StoreUnderTest.delete(file);
                    }
                }
                try (Stream<Path> files = Files.list(copy)) {
                    for (Path file : files.toList()) {
                        copy(file, data.resolve(file.getFileName()));
                    }
                }
            }
        };

        abstract void putBack(Path copy, Path data) throws Exception;

        private static void overwrite(Path copy, Path data, String except) throws Exception {
            try (Stream<Path> files = Files.walk(data)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    if (!Files.exists(copy.resolve(data.relativize(file)))) {
                        Files.delete(file);
                    }
                }
            }
            try (Stream<Path> files = Files.walk(copy)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    if (!file.getFileName().toString().equals(except)) {
                        Files.write(data.resolve(copy.relativize(file)), Files.readAllBytes(file));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aCopyThatIsPutBackBeginsANewEpochAndKnowsWhatIsCommon(Way way) throws Exception {
        long first = publish(10);
        copy(data, copy);
        later();
        long lost = publish(10);
        later();

        way.putBack(copy, data);
        long restored = publish(15);

        assertThat(lost).as("nothing was copied yet").isEqualTo(first);
        assertThat(restored).isGreaterThan(lost);
        try (RocksLog log = RocksLog.open(data, options)) {
            assertThat(commonOffset(log, lost)).isEqualTo(10);
            assertThat(commonOffset(log, restored)).isEqualTo(25);
            assertThat(publishTo(log)).as("and goes on in it").isEqualTo(restored);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSameCopyPutBackTwiceBeginsTwoEpochs(Way way) throws Exception {
        publish(10);
        copy(data, copy);
        later();
        way.putBack(copy, data);
        long first = publish(5);
        later();

        way.putBack(copy, data);
        long second = publish(7);

        assertThat(second).isGreaterThan(first);
        try (RocksLog log = RocksLog.open(data, options)) {
            assertThat(commonOffset(log, first)).isEqualTo(10);
        }
    }

    @Test
    void aCopyOfACopyAndTheFirstStoreItselfAreToldApart() throws Exception {
        long first = publish(10);
        copy(data, copy);
        Path copyOfCopy = directory.resolve("copy-of-copy");
        copy(copy, copyOfCopy);
        later();

        long second = publishTo(copyOfCopy, 1);
        later();
        long third = publishTo(copy, 1);

        assertThat(List.of(first, second, third)).doesNotHaveDuplicates().isSorted();
        assertThat(publish(1)).as("the store that stayed where it was").isEqualTo(first);
    }

    @Test
    void aStoreThatWasSetAsideForACopyAndComesBackBeginsANewEpoch() throws Exception {
        publish(10);
        copy(data, copy);
        Path aside = directory.resolve("aside");
        Files.move(data, aside);
        Files.move(copy, data);
        later();
        long ofTheCopy = publish(10);
        later();

        StoreUnderTest.delete(data);
        Files.move(aside, data);
        long back = publish(15);

        assertThat(back).isGreaterThan(ofTheCopy);
        try (RocksLog log = RocksLog.open(data, options)) {
            assertThat(commonOffset(log, ofTheCopy)).isEqualTo(10);
        }
    }

    @Test
    void aStartAfterAnEndOrACrashIsNoNewPlace() throws Exception {
        long first = publish(3);
        later();
        assertThat(publish(3)).isEqualTo(first);
        try (RocksLog log = RocksLog.open(data, options)) {
            assertThat(publishTo(log)).isEqualTo(first);
            copy(data, copy);
        }
        OpeningTest.putBack(copy, data);
        later();

        assertThat(publish(1)).isEqualTo(first);
    }

    @Test
    void aStoreThatDoesNotSayWhereItWasBeginsOneNewEpochAndNoMore() throws Exception {
        long before = publish(10);
        changePlace(null);
        later();

        long after = publish(5);
        later();

        assertThat(after).isGreaterThan(before);
        assertThat(publish(5)).isEqualTo(after);
    }

    @Test
    void aPlaceOfALaterVersionSaysNothing() throws Exception {
        long before = publish(1);
        changePlace(new byte[] {2, 0});
        later();

        assertThat(publish(1)).isGreaterThan(before);
    }

    @Test
    void anotherStartOfTheMachineBeginsANewEpoch() throws Exception {
        long before = publish(1);
        try (RocksLog log = RocksLog.open(data, options)) {
            assertThat(publishTo(log)).isEqualTo(before);
        }
        byte[] place = PlaceRow.of(data).value();
        place[place.length - 1] ^= 1;
        changePlace(place);
        later();

        assertThat(publish(1)).isGreaterThan(before);
    }

    @Test
    void whoIsAtTheEndKeepsItsPositionThroughAnEpochThatNobodyNeeded() throws Exception {
        long before = publish(10);
        changePlace(null);
        later();

        try (RocksLog log = RocksLog.open(data, options)) {
            assertThat(commonOffset(log, before)).as("so that no reset is due").isEqualTo(10);
            assertThat(publishTo(log)).isGreaterThan(before);
            assertThat(commonOffset(log, before)).isEqualTo(10);
        }
    }

    @Test
    void twoCopiesPutBackWithinOneSecondOfTheClockBeginDifferentEpochs() throws Exception {
        RocksOptions byTheSystem = StoreUnderTest.small();
        try (RocksLog log = RocksLog.open(data, byTheSystem)) {
            publishTo(log);
        }
        copy(data, copy);
        List<Long> epochs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Way.REMOVED_AND_COPIED.putBack(copy, data);
            try (RocksLog log = RocksLog.open(data, byTheSystem)) {
                epochs.add(publishTo(log));
            }
        }

        assertThat(epochs).doesNotHaveDuplicates().isSorted();
    }

    @Test
    void theRowStandsWhereTheFirstVersionDoesNotLook() {
        assertThat(List.of(StoreRow.key(), PlaceRow.key(), TopicRow.key(1)))
                .isSortedAccordingTo(Arrays::compareUnsigned);
        assertThat(PlaceRow.key()).startsWith(StoreRow.key());
    }

    // ---- what the tests are made of

    private void later() {
        clock.advance(Duration.ofMinutes(1));
    }

    /// Opens the store, publishes, closes it, and answers the epoch.
    private long publish(int messages) throws Exception {
        return publishTo(data, messages);
    }

    private long publishTo(Path store, int messages) throws Exception {
        long epoch = 0;
        try (RocksLog log = RocksLog.open(store, options)) {
            for (int i = 0; i < messages; i++) {
                epoch = publishTo(log);
            }
        }
        return epoch;
    }

    private static long publishTo(RocksLog log) throws Exception {
        Publish publish = Publish.to(TOPIC.value(), "1");
        log.append(publish);
        return ((Appended) publish.await()).epoch();
    }

    private static long commonOffset(RocksLog log, long epoch) throws Exception {
        return log.lastOffsetIn(TOPIC, epoch).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static void copy(Path from, Path to) throws Exception {
        Files.createDirectories(to.getParent());
        OpeningTest.copy(from, to);
    }

    private void changePlace(byte[] value) throws Exception {
        List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
        for (String name : List.of("default", "names", "meta", "log", "dedup", "state", "due")) {
            descriptors.add(new ColumnFamilyDescriptor(name.getBytes(StandardCharsets.US_ASCII)));
        }
        List<ColumnFamilyHandle> families = new ArrayList<>();
        try (DBOptions dbOptions = new DBOptions();
                RocksDB db = RocksDB.open(dbOptions, data.resolve("db").toString(), descriptors, families)) {
            if (value == null) {
                db.delete(families.get(2), PlaceRow.key());
            } else {
                db.put(families.get(2), PlaceRow.key(), value);
            }
            families.forEach(ColumnFamilyHandle::close);
        }
    }
}
