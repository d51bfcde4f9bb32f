package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.log.About;
import io.topicstream.log.ContentHash;
import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.Durability;
import io.topicstream.migration.KnownId;
import io.topicstream.row.BadRowException;
import io.topicstream.row.ContentHash64;
import io.topicstream.row.Hash64;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every kind of row but one: there and back, and its bytes as they are written down at the top of its class.
/// Batches have [BatchRowTest].
class RowsTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final long HASH_OF_AN_ID = 7171474392774365306L;
    private static final long HASH_OF_A_PAYLOAD = 8207608520191960274L;
    private static final long HASH_OF_BYTES = -1518282218793880477L;

    @Test
    void aPlaceComesBackAndHasTheBytesThatAreWrittenDown() {
        PlaceRow row = new PlaceRow(1, 2, 3, 4, 5, new UUID(6, 7));

        assertThat(HEX.formatHex(row.value()))
                .isEqualTo("01" + "0000000000000001" + "0000000000000002" + "0000000000000003" + "0000000000000004"
                        + "0000000000000005" + "0000000000000006" + "0000000000000007");
        assertThat(HEX.formatHex(PlaceRow.key())).isEqualTo("0000000000000000" + "01");
        assertThat(PlaceRow.of(row.value())).isEqualTo(row);
        assertThat(PlaceRow.of(Arrays.copyOf(row.value(), 56))).isNull();
    }

    @Test
    void aTopicRowComesBackAsItWasWritten() {
        TopicRow row = new TopicRow(3, 9, 1_700_000_000_123L, 7);
        ByteBuffer value = ByteBuffer.allocate(TopicRow.VALUE_BYTES);

        row.putValue(value);

        assertThat(TopicRow.of(value.flip())).isEqualTo(row);
        assertThat(hex(value.rewind()))
                .isEqualTo("01" + "0000000000000003" + "0000000000000009" + "0000018bcfe5687b" + "0000000000000007");
        assertThatThrownBy(() -> TopicRow.of(ByteBuffer.wrap(new byte[] {9}))).hasMessageContaining("version 9");
        assertThatThrownBy(() -> TopicRow.of(ByteBuffer.wrap(new byte[] {1}))).hasMessageContaining("too early");
    }

    @Test
    void aDueRowComesBackAndHasTheBytesThatAreWrittenDown() {
        ByteBuffer value = ByteBuffer.allocate(DueRow.maxBytes("room:1"));
        DueRow.putValue(value, "room:1");
        byte[] written = Arrays.copyOf(value.array(), value.position());

        assertThat(HEX.formatHex(written)).isEqualTo("01" + "07" + "726f6f6d3a31");
        assertThat(HEX.formatHex(DueRow.key(1_700_000_000_123L, 5))).isEqualTo("0000018bcfe5687b" + "0000000000000005");
        assertThat(HEX.formatHex(DueRow.leftKey(5, 9)))
                .isEqualTo("0000000000000000" + "0000000000000005" + "0000000000000009");
        assertThat(DueRow.of(DueRow.key(7, 5), written)).isEqualTo(new DueRow(7, 5, 0, "room:1"));
        assertThat(DueRow.of(DueRow.leftKey(5, 9), written)).isEqualTo(new DueRow(0, 5, 9, "room:1"));
        assertThatThrownBy(() -> DueRow.of(DueRow.key(0, 5), written)).hasMessageContaining("damaged");
        assertThatThrownBy(() -> DueRow.of(DueRow.key(7, 0), written)).hasMessageContaining("cannot be");
        written[0] = 8;
        assertThatThrownBy(() -> DueRow.of(DueRow.key(7, 5), written)).hasMessageContaining("version 8");
    }

    @Test
    void aTopicIsLookedAtInTimeAndNotTooOften() {
        long second = 1000;
        long hour = 3_600_000;
        assertThat(DueRow.lookMs(5 * hour, 30 * 24 * hour)).isEqualTo(5 * hour);
        assertThat(DueRow.lookMs(5 * hour + 1, 30 * 24 * hour)).isEqualTo(6 * hour);
        assertThat(DueRow.lookMs(5 * hour + 1, 24 * hour - 1)).isEqualTo(5 * hour + 60 * second);
        assertThat(DueRow.lookMs(5 * hour + 1, second)).isEqualTo(5 * hour + second);
        assertThat(DueRow.lookMs(-5, second)).isEqualTo(second);
        assertThat(DueRow.lookMs(Long.MAX_VALUE, 24 * hour)).isPositive();
    }

    @Test
    void theRowOfRetentionComesBackAndHasTheBytesThatAreWrittenDown() {
        RetentionRow row = new RetentionRow(true, 9);

        assertThat(HEX.formatHex(row.value())).isEqualTo("01" + "01" + "0000000000000009");
        assertThat(HEX.formatHex(RetentionRow.key())).isEqualTo("0000000000000000" + "02");
        assertThat(RetentionRow.of(row.value())).isEqualTo(row);
        assertThat(RetentionRow.of(new RetentionRow(false, 0).value())).isEqualTo(new RetentionRow(false, 0));
        assertThatThrownBy(() -> RetentionRow.of(new byte[] {9})).hasMessageContaining("version 9");
        assertThatThrownBy(() -> RetentionRow.of(new byte[] {1})).hasMessageContaining("too early");
        assertThatThrownBy(() -> RetentionRow.of(new byte[] {1, 2, 0, 0, 0, 0, 0, 0, 0, 0}))
                .hasMessageContaining("damaged");
    }

    @Test
    void aReferenceRowHasItsPlaceInFrontOfTopics() {
        byte[] key = ReferenceRow.key(7, 3, ReferenceRow.groupOf(About.As.UNREACTION), 9);

        assertThat(HEX.formatHex(key))
                .isEqualTo("0000000000000000" + "03" + "0000000000000007" + "0000000000000003" + "03"
                        + "0000000000000009");
        assertThat(ReferenceRow.groupOf(About.As.EDIT)).isEqualTo((byte) 1);
        assertThat(ReferenceRow.groupOf(About.As.REPLY)).isEqualTo((byte) 2);
        assertThat(ReferenceRow.groupOf(About.As.REACTION)).isEqualTo((byte) 3);
        assertThat(Arrays.compareUnsigned(key, TopicRow.key(1))).isNegative();
        assertThat(Arrays.compareUnsigned(key, ReferenceRow.end())).isNegative();
        assertThat(Arrays.compareUnsigned(key, PlaceRow.key())).isPositive();
        ByteBuffer value = ByteBuffer.allocate(ReferenceRow.VALUE_BYTES);
        ReferenceRow.putValue(value);
        ReferenceRow.check(key, value.array());
        assertThatThrownBy(() -> ReferenceRow.check(key, new byte[] {2})).hasMessageContaining("version");
        assertThatThrownBy(() -> ReferenceRow.check(Arrays.copyOf(key, 33), new byte[] {1}))
                .isInstanceOf(BadRowException.class);
        assertThatThrownBy(() -> ReferenceRow.check(ReferenceRow.key(7, 9, 3, 9), new byte[] {1}))
                .hasMessageContaining("9 about 9");
    }

    @Test
    void theStoreRowComesBackAsItWasWritten() {
        for (Durability durability : Durability.values()) {
            StoreRow row = new StoreRow(new UUID(1, 2), 3, durability, true, 4);
            assertThat(StoreRow.of(row.value())).isEqualTo(row);
        }
        byte[] value = new StoreRow(new UUID(1, 2), 3, Durability.OS, false, 4).value();
        assertThat(HEX.formatHex(value))
                .isEqualTo("00000001" + "00000000000000010000000000000002" + "0000000000000003" + "01" + "00"
                        + "0000000000000004");
        value[3] = 2;
        assertThatThrownBy(() -> StoreRow.of(value)).hasMessageContaining("format version 2");
    }

    @Test
    void aNameRowComesBackAsItWasWritten() {
        ByteBuffer value = ByteBuffer.allocate(NameRow.VALUE_BYTES);

        NameRow.putValue(value, 77);

        assertThat(NameRow.topicId(value.array())).isEqualTo(77);
        assertThat(NameRow.name(NameRow.key("room:1"))).isEqualTo("room:1");
        assertThatThrownBy(() -> NameRow.topicId(new byte[8])).isInstanceOf(BadRowException.class);
        assertThatThrownBy(() -> NameRow.topicId(new byte[7])).isInstanceOf(BadRowException.class);
    }

    @Test
    void aDedupRowComesBackAsItWasWritten() {
        DedupRow row = new DedupRow(9, 3, 1_700_000_000_123L, 2, 42, null, "u:änn", "id-1");
        byte[] key = DedupRow.key(DedupRow.period(row.timestamp()), 5, Hash64.of("u:änn", "id-1"), 9);
        ByteBuffer value = ByteBuffer.allocate(DedupRow.maxBytes(row.scope(), row.messageId()));

        DedupRow.putValue(
                value, row.epoch(), row.timestamp(), row.count(), row.contentsHash(), row.scope(), row.messageId());

        byte[] written = new byte[value.flip().remaining()];
        value.get(written);
        assertThat(DedupRow.of(key, written)).isEqualTo(row);
        assertThat(HEX.formatHex(key))
                .startsWith("0001336f" + "0000000000000005")
                .endsWith("0000000000000009");
        written[0] = 8;
        assertThatThrownBy(() -> DedupRow.of(key, written)).hasMessageContaining("version 8");
    }

    @Test
    void aDedupRowOfAnotherEngineHasThatOnesHash() {
        byte[] key = DedupRow.key(DedupRow.period(123), 5, Hash64.of("u:änn", "id-1"), 9);
        List<Draft> said = List.of(new Draft(bytes("1"), "id-1", null));
        List<Draft> other = List.of(new Draft(bytes("2"), "id-1", null));
        for (String hash :
                List.of(HEX.toHexDigits(ContentHash64.of(said, 0, 1)), HEX.formatHex(ContentHash.of(said, 0, 1)))) {
            KnownId id = new KnownId(9, 3, 123, 1, hash, "u:änn", "id-1");

            byte[] written = DedupRow.value(id);
            DedupRow row = DedupRow.of(key, written);

            assertThat(written[0]).as("format version").isEqualTo((byte) (hash.length() == 16 ? 1 : 2));
            assertThat(row.known()).isEqualTo(id);
            assertThat(row.isOf(said, 0)).isTrue();
            assertThat(row.isOf(other, 0)).isFalse();
        }
    }

    @Test
    void aStateRowComesBackAsItWasWritten() {
        StateRow row = new StateRow(3, Long.MAX_VALUE, bytes("value"));
        ByteBuffer value = ByteBuffer.allocate(row.valueBytes());

        row.putValue(value);

        assertThat(StateRow.of(value.array())).isEqualTo(row);
        byte[] key = StateRow.key("pär", "kéy");
        assertThat(StateRow.keyOf(key, bytes("pär").length)).isEqualTo("kéy");
        assertThatThrownBy(() -> StateRow.key("", "k")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StateRow.key("p", "a\0b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StateRow.of(new byte[] {7})).hasMessageContaining("version 7");
    }

    @Test
    void theHashesAreThoseOfTheFormat() {
        assertThat(Hash64.of("u:ann", "id-1")).isEqualTo(HASH_OF_AN_ID);
        assertThat(Hash64.of(bytes("{\"hello\":\"world\"}"))).isEqualTo(HASH_OF_A_PAYLOAD);
        assertThat(Hash64.of("a", "bc")).isNotEqualTo(Hash64.of("ab", "c"));
        assertThat(Hash64.of(new byte[1])).isNotEqualTo(Hash64.of(new byte[2]));
    }

    @Test
    void theHashOfContentsIsThatOfThePayloadsAndOfWhatTheyAreIfNotJson() {
        byte[] payload = bytes("1");
        Draft json = new Draft(payload, "id", null);
        Draft said = new Draft(payload, "id", Details.NONE.withKey("k").withheldFrom("c"));
        Draft text = new Draft(payload, "id", Details.ofBytes("text/plain"));
        Draft image = new Draft(payload, "id", Details.ofBytes("image/png"));
        Draft nothing = new Draft(new byte[0], "id", Details.ofBytes("text/plain"));
        Draft redacted = new Draft(new byte[0], "id", Details.REDACTED);

        assertThat(ContentHash64.of(List.of(json), 0, 1)).isEqualTo(Hash64.then(0, payload));
        assertThat(ContentHash64.of(List.of(said), 0, 1)).isEqualTo(Hash64.then(0, payload));
        assertThat(Stream.of(json, text, image, nothing, redacted).map(draft -> ContentHash64.of(List.of(draft), 0, 1)))
                .doesNotHaveDuplicates();
        assertThat(ContentHash64.of(List.of(json, text), 0, 2))
                .isNotEqualTo(ContentHash64.of(List.of(text, json), 0, 2));
        assertThat(ContentHash64.of(List.of(text), 0, 1)).isEqualTo(HASH_OF_BYTES);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String hex(ByteBuffer from) {
        byte[] bytes = new byte[from.remaining()];
        from.get(bytes);
        return HEX.formatHex(bytes);
    }
}
