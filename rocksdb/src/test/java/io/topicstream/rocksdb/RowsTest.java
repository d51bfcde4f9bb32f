package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.Durability;
import io.topicstream.log.Lane;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Every kind of row: there and back, and its bytes as they are written down at the top of its class.
class RowsTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final long HASH_OF_AN_ID = 7171474392774365306L;
    private static final long HASH_OF_A_PAYLOAD = 8207608520191960274L;

    @Test
    void aBatchComesBackAsItWasWritten() {
        Append first = append("ann", null, new Draft(bytes("{\"a\":1}"), "id-1", "key"));
        Append second = append(null, "conn=", new Draft(bytes("\"ü\""), null, null), new Draft(bytes("3"), "ïd", ""));
        List<Append> appends = List.of(first, second);
        ByteBuffer value = ByteBuffer.allocate(BatchRow.maxBytes(appends));

        BatchRow.putValue(value, 1_700_000_000L, 1_700_000_000_123L, 3, appends);

        BatchRow.Reader reader = new BatchRow.Reader();
        reader.begin(9, value.flip());
        List<Message> messages = new ArrayList<>();
        while (reader.hasNext()) {
            messages.add(reader.next());
        }
        assertThat(reader.epoch()).isEqualTo(1_700_000_000L);
        assertThat(messages)
                .containsExactly(
                        new Message(7, 1_700_000_000_123L, "ann", null, "id-1", "key", bytes("{\"a\":1}")),
                        new Message(8, 1_700_000_000_123L, null, "conn=", null, null, bytes("\"ü\"")),
                        new Message(9, 1_700_000_000_123L, null, "conn=", "ïd", "", bytes("3")));
    }

    @Test
    void aBatchHasTheBytesThatAreWrittenDown() {
        List<Append> appends = List.of(append("ann", null, new Draft(bytes("1"), "i", null)));
        ByteBuffer value = ByteBuffer.allocate(BatchRow.maxBytes(appends));

        BatchRow.putValue(value, 2, 3, 1, appends);

        assertThat(hex(value.flip()))
                .isEqualTo("01" + "00" + "0000000000000002" + "00000001" + "0000000000000003" + "00" + "04616e6e" + "00"
                        + "0269" + "00" + "00" + "0131");
        assertThat(HEX.formatHex(BatchRow.key(5, 6))).isEqualTo("0000000000000005" + "0000000000000006");
    }

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
    void whatABatchReaderDoesNotKnowIsRefusedByName() {
        byte[] good = HEX.parseHex("0100000000000000000200000001" + "000000000000000300" + "00000000" + "000131");
        assertThat(read(good)).hasSize(1);

        assertRefused(good, 0, 2, "format version 2");
        assertRefused(good, 1, 1, "flags");
        assertRefused(good, 22, 1, "kind is 1");
        assertRefused(good, 27, 1, "headers");
        assertRefused(good, 13, 0, "0 messages");
        assertThatThrownBy(() -> read(Arrays.copyOf(good, good.length - 1))).hasMessageContaining("ends too early");
        assertThatThrownBy(() -> read(Arrays.copyOf(good, good.length + 1))).hasMessageContaining("follows");
        assertThatThrownBy(() -> read(new byte[5])).hasMessageContaining("no header");
    }

    private static void assertRefused(byte[] good, int at, int value, String why) {
        byte[] bad = good.clone();
        bad[at] = (byte) value;
        assertThatThrownBy(() -> read(bad)).isInstanceOf(BadRowException.class).hasMessageContaining(why);
    }

    private static List<Message> read(byte[] row) {
        BatchRow.Reader reader = new BatchRow.Reader();
        reader.begin(1, ByteBuffer.wrap(row));
        List<Message> messages = new ArrayList<>();
        while (reader.hasNext()) {
            messages.add(reader.next());
        }
        return messages;
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
        DedupRow row = new DedupRow(9, 3, 1_700_000_000_123L, 2, 42, "u:änn", "id-1");
        byte[] key = DedupRow.key(DedupRow.period(row.timestamp()), 5, Hash64.of("u:änn", "id-1"), 9);
        ByteBuffer value = ByteBuffer.allocate(DedupRow.maxBytes(row.scope(), row.messageId()));

        DedupRow.putValue(
                value, row.epoch(), row.timestamp(), row.count(), row.payloadHash(), row.scope(), row.messageId());

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

    private static Append append(String from, String withheldFrom, Draft... drafts) {
        return new Append(
                new TopicName("room:1"), List.of(drafts), from, withheldFrom, "u:ann", Append.ANY_OFFSET, Lane.DIRECT) {
            @Override
            public void onAnswered(AppendResult result) {
                throw new AssertionError("nobody asked");
            }
        };
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
