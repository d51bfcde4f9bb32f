package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import io.topicstream.log.Lane;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.row.BadRowException;
import io.topicstream.testkit.Seeds;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Batches: there and back, their bytes as they are written down at the top of [BatchRow], those of the first
/// version as well, and what no reader takes.
class BatchRowTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final long EPOCH = 1_700_000_000L;
    private static final long TIMESTAMP = 1_700_000_000_123L;

    /// A batch of two messages as 0.1.0 wrote it: everything that it knew, and nothing of it.
    private static final String FIRST_VERSION = "01" + "00" + "0000000000000002" + "00000002" //
            + "0000000000000003" + "00" + "04616e6e" + "03633d" + "0269" + "026b" + "00" + "0131"
            + "0000000000000003" + "00" + "00000000" + "00" + "0132";

    private static final Details EVERYTHING = new Details(
            Message.Kind.BYTES,
            "image/png",
            Headers.of(Map.of("b", "grün 😀", "a", "")),
            "device/7",
            "Rz4BqPcX2mLkWv9TnA==",
            "tag");

    @Test
    void aBatchComesBackAsItWasWritten() {
        Append first = append("ann", new Draft(utf8("{\"a\":1}"), "id-1", Details.NONE.withKey("key")));
        Append second = append(
                null,
                new Draft(utf8("\"ü\""), null, Details.NONE.withheldFrom("conn=")),
                new Draft(utf8("3"), "ïd", Details.NONE.withKey("")),
                new Draft(new byte[] {0, -1}, null, EVERYTHING),
                new Draft(new byte[0], null, Details.REDACTED.withHeaders(Headers.of(Map.of("by", "ann")))));

        BatchRow.Reader reader = new BatchRow.Reader();
        reader.begin(9, ByteBuffer.wrap(row(100, first, second)));

        assertThat(reader.epoch()).isEqualTo(EPOCH);
        assertThat(reader.firstOffset()).isEqualTo(5);
        assertThat(rest(reader))
                .containsExactly(
                        new Message(5, TIMESTAMP, "ann", "id-1", utf8("{\"a\":1}"), Details.NONE.withKey("key")),
                        new Message(6, TIMESTAMP, null, null, utf8("\"ü\""), Details.NONE.withheldFrom("conn=")),
                        new Message(7, TIMESTAMP, null, "ïd", utf8("3"), Details.NONE.withKey("")),
                        new Message(8, TIMESTAMP, null, null, new byte[] {0, -1}, EVERYTHING),
                        new Message(
                                9,
                                TIMESTAMP,
                                null,
                                null,
                                new byte[0],
                                Details.REDACTED.withHeaders(Headers.of(Map.of("by", "ann")))));
    }

    @Test
    void aBatchHasTheBytesThatAreWrittenDown() {
        ByteBuffer value = ByteBuffer.allocate(200);
        List<Append> appends = List.of(
                append("ann", new Draft(utf8("1"), "i", null)),
                append(
                        null,
                        new Draft(
                                utf8("ab"),
                                null,
                                new Details(
                                        Message.Kind.BYTES,
                                        "a/b",
                                        Headers.of(Map.of("n", "v", "m", "")),
                                        "k",
                                        "o",
                                        "w")),
                        new Draft(new byte[0], null, Details.REDACTED)));

        long bytes = BatchRow.putValue(value, 2, 3, 3, 1_000, appends);

        assertThat(bytes).isEqualTo(1_000 + value.position());
        assertThat(hex(value.flip()))
                .isEqualTo("02" + "00" + "0000000000000002" + "00000003" + "0000000000000439" //
                        + "0000000000000003" + "03" + "04616e6e" + "0269" + "0131"
                        + "0000000000000003" + "7c" + "01" + "04612f62" + "026b" + "0277" + "026f"
                        + "02" + "026d" + "01" + "026e" + "0276" + "026162"
                        + "0000000000000003" + "40" + "02" + "00");
        assertThat(HEX.formatHex(BatchRow.key(5, 6))).isEqualTo("0000000000000005" + "0000000000000006");
    }

    @Test
    void aPlainMessagePaysOneByteForAllThatItDoesNotHave() {
        int header = 22;
        int message = row(0, append(null, new Draft(utf8("1"), null, null))).length - header;
        int withIdAndUser = row(0, append("ann", new Draft(utf8("1"), "id-1", null))).length - header;

        assertThat(message).isEqualTo(8 + 1 + 1 + 1);
        assertThat(withIdAndUser).isEqualTo(message + "ann".length() + 1 + "id-1".length() + 1);
    }

    @Test
    void eachRowCountsTheBytesUpToItsEnd() {
        byte[] first = row(0, append("ann", new Draft(utf8("1"), null, null)));
        BatchRow.Reader reader = new BatchRow.Reader();
        reader.begin(1, ByteBuffer.wrap(first));
        assertThat(reader.bytes()).isEqualTo(first.length);

        byte[] second = row(reader.bytes(), append(null, new Draft(utf8("22"), null, null)));
        reader.begin(2, ByteBuffer.wrap(second));
        assertThat(reader.bytes()).isEqualTo(first.length + second.length);
        assertThat(reader.valueBytes()).isEqualTo(second.length);
        assertThat(reader.countsBytes()).isTrue();

        reader.begin(3, ByteBuffer.wrap(HEX.parseHex(FIRST_VERSION)));
        assertThat(reader.bytes()).as("of the first version").isZero();
        assertThat(reader.countsBytes()).isFalse();
    }

    @Test
    void aBatchOfTheFirstVersionIsReadAsItWasWritten() {
        byte[] row = HEX.parseHex(FIRST_VERSION);
        BatchRow.Reader reader = new BatchRow.Reader();

        reader.begin(8, ByteBuffer.wrap(row));

        assertThat(reader.epoch()).isEqualTo(2);
        assertThat(rest(reader))
                .containsExactly(
                        new Message(
                                7,
                                3,
                                "ann",
                                "i",
                                utf8("1"),
                                Details.NONE.withKey("k").withheldFrom("c=")),
                        new Message(8, 3, null, null, utf8("2"), null));
        assertSkipsAsItReads(row, 8);
    }

    @Test
    void whatAReaderDoesNotKnowIsRefusedByName() {
        byte[] good = row(0, append(null, new Draft(utf8("1"), null, null)));
        assertThat(read(good, 1)).hasSize(1);

        assertRefused(good, 0, 3, "format version 3");
        assertRefused(good, 0, 0, "format version 0");
        assertRefused(good, 1, 2, "flags");
        assertRefused(good, 13, 0, "0 messages");
        assertRefused(good, 13, 2, "2 messages");
        assertRefused(good, 14, -1, "counts");
        assertRefused(good, 21, 3, "counts 3");
        assertThatThrownBy(() -> read(Arrays.copyOf(good, good.length + 1), 1)).hasMessageContaining("counts 33");
        byte[] second = row(100, append(null, new Draft(utf8("1"), null, null)));
        assertThatThrownBy(() -> read(Arrays.copyOf(second, second.length + 1), 1))
                .hasMessageContaining("follows");
        assertThatThrownBy(() -> read(new byte[5], 1)).hasMessageContaining("no header");
    }

    @Test
    void whatAReaderDoesNotKnowOfAMessageIsRefusedByName() {
        byte[] good = row(0, append(null, new Draft(utf8("xy"), null, Details.ofBytes("a/b"))));
        assertThat(read(good, 1)).hasSize(1);

        assertRefused(good, 30, 0x80, "members this version does not know: 80", 0x01);
        assertRefused(good, 31, 0, "kind is 0");
        assertRefused(good, 31, 3, "kind is 3");
        assertRefused(good, 32, 0, "a text that it has is not there");
        assertRefused(good, 34, 'a', "a content type is");

        byte[] headers = row(
                0, append(null, new Draft(utf8("1"), null, Details.NONE.withHeaders(Headers.of(Map.of("a", "b"))))));
        assertRefused(headers, 31, 0, "0 headers");
        assertRefused(headers, 31, 25, "25 headers");
        assertRefused(headers, 33, 'A', "a header's name");
        byte[] twice = row(
                0,
                append(
                        null,
                        new Draft(utf8("1"), null, Details.NONE.withHeaders(Headers.of(Map.of("a", "1", "b", "2"))))));
        assertRefused(twice, 37, 'a', "a header stands twice");
    }

    @Test
    void whatAReaderOfTheFirstVersionDoesNotKnowIsRefusedByName() {
        byte[] good = HEX.parseHex("0100000000000000000200000001" + "000000000000000300" + "00000000" + "000131");
        assertThat(read(good, 1)).hasSize(1);

        assertRefused(good, 1, 2, "flags");
        assertRefused(good, 22, 1, "kind is 1");
        assertRefused(good, 27, 1, "headers");
        assertRefused(good, 13, 0, "0 messages");
        assertThatThrownBy(() -> read(Arrays.copyOf(good, good.length - 1), 1)).hasMessageContaining("ends too early");
        assertThatThrownBy(() -> read(Arrays.copyOf(good, good.length + 1), 1)).hasMessageContaining("follows");
    }

    @Test
    void aRowThatIsCutAtAnyByteIsRefused() {
        byte[] now = row(
                0,
                append("ann", new Draft(utf8("{\"a\":1}"), "id-1", null)),
                append(null, new Draft(new byte[] {0, -1}, null, EVERYTHING)));
        for (byte[] whole : List.of(now, HEX.parseHex(FIRST_VERSION))) {
            assertThat(read(whole, 2)).hasSize(2);
            assertSkipsAsItReads(whole, 2);
            for (int length = 0; length < whole.length; length++) {
                byte[] cut = Arrays.copyOf(whole, length);
                assertThatThrownBy(() -> read(cut, 2))
                        .as("%d bytes of %d", length, whole.length)
                        .isInstanceOf(BadRowException.class);
                assertThatThrownBy(() -> skip(cut, 2))
                        .as("%d bytes of %d, skipped", length, whole.length)
                        .isInstanceOf(BadRowException.class);
            }
        }
    }

    @Test
    void anyBatchComesBackAndNoDamageIsAnythingButRefusedOrRead() {
        Random random = Seeds.random("batches");
        for (int round = 0; round < 3_000; round++) {
            List<Append> appends = new ArrayList<>();
            List<Message> written = new ArrayList<>();
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                String from = random.nextBoolean() ? text(random, 20) : null;
                Draft draft = draft(random);
                appends.add(append(from, draft));
                written.add(new Message(
                        written.size() + 1, TIMESTAMP, from, draft.messageId(), draft.payload(), draft.details()));
            }
            byte[] row = row(random.nextInt(1 << 20), appends.toArray(Append[]::new));
            assertThat(read(row, written.size())).as("round %d", round).isEqualTo(written);
            assertSkipsAsItReads(row, written.size());

            byte[] damaged = row.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                read(damaged, written.size());
            } catch (BadRowException expected) {
                // Anything else would end a reader's thread.
            }
            try {
                skip(damaged, written.size());
            } catch (BadRowException expected) {
                // As above.
            }
        }
    }

    private static Draft draft(Random random) {
        Details details = random.nextBoolean()
                ? null
                : switch (random.nextInt(3)) {
                    case 0 -> Details.NONE;
                    case 1 -> Details.ofBytes("text/x; charset=" + random.nextInt(1000));
                    default -> Details.REDACTED;
                };
        byte[] payload =
                new byte[details != null && details.kind() == Message.Kind.REDACTED ? 0 : 1 + random.nextInt(300)];
        random.nextBytes(payload);
        if (details != null) {
            Map<String, String> headers = new TreeMap<>();
            for (int i = random.nextInt(3); i > 0; i--) {
                headers.put("h" + random.nextInt(9), text(random, 40));
            }
            details = details.withHeaders(Headers.of(headers)).withKey(random.nextBoolean() ? text(random, 60) : null);
            if (random.nextBoolean()) {
                details = details.withOrigin(text(random, 20));
            }
            if (random.nextBoolean()) {
                details = details.withheldFrom(text(random, 20));
            }
        }
        return new Draft(payload, random.nextBoolean() ? "i" + text(random, 40) : null, details);
    }

    private static String text(Random random, int maxLength) {
        StringBuilder text = new StringBuilder();
        for (int left = random.nextInt(maxLength); left > 0; left--) {
            text.appendCodePoint(
                    switch (random.nextInt(8)) {
                        case 0 -> 'ü';
                        case 1 -> '€';
                        case 2 -> 0x1F600;
                        default -> 'a' + random.nextInt(26);
                    });
        }
        return text.toString();
    }

    private static byte[] row(long bytesBefore, Append... appends) {
        List<Append> all = List.of(appends);
        int count = all.stream().mapToInt(append -> append.drafts().size()).sum();
        ByteBuffer value = ByteBuffer.allocate(BatchRow.maxBytes(all));
        BatchRow.putValue(value, EPOCH, TIMESTAMP, count, bytesBefore, all);
        return Arrays.copyOf(value.array(), value.position());
    }

    private static void assertRefused(byte[] good, int at, int value, String why, int... more) {
        byte[] bad = good.clone();
        bad[at] = (byte) value;
        for (int i = 0; i < more.length; i++) {
            bad[at + 1 + i] = (byte) more[i];
        }
        assertThatThrownBy(() -> read(bad, 1))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining(why);
    }

    private static void assertSkipsAsItReads(byte[] row, long last) {
        BatchRow.Reader reader = new BatchRow.Reader();
        reader.begin(last, ByteBuffer.wrap(row));
        while (reader.hasNext()) {
            reader.skip();
        }
        long timestamp = reader.timestamp();
        assertThat(read(row, last).getLast().timestamp()).isEqualTo(timestamp);
    }

    private static List<Message> read(byte[] row, long last) {
        BatchRow.Reader reader = new BatchRow.Reader();
        reader.begin(last, ByteBuffer.wrap(row));
        return rest(reader);
    }

    private static void skip(byte[] row, long last) {
        BatchRow.Reader reader = new BatchRow.Reader();
        reader.begin(last, ByteBuffer.wrap(row));
        while (reader.hasNext()) {
            reader.skip();
        }
    }

    private static List<Message> rest(BatchRow.Reader reader) {
        List<Message> messages = new ArrayList<>();
        while (reader.hasNext()) {
            messages.add(reader.next());
        }
        return messages;
    }

    private static Append append(@Nullable String from, Draft... drafts) {
        return new Append(new TopicName("room:1"), List.of(drafts), from, "u:ann", Append.ANY_OFFSET, Lane.DIRECT) {
            @Override
            public void onAnswered(AppendResult result) {
                throw new AssertionError("nobody asked");
            }
        };
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String hex(ByteBuffer from) {
        byte[] bytes = new byte[from.remaining()];
        from.get(bytes);
        return HEX.formatHex(bytes);
    }
}
