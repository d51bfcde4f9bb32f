package io.topicstream.signal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.log.TopicName;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignalTest {
    @Test
    void whatWasSaidComesBackWithWhoSaidIt() {
        byte[] bytes = new Signal.Said("ann", "{\"a\":1}".getBytes(UTF_8)).encode();

        assertThat(bytes).startsWith(1, 1, 3, 'a', 'n', 'n', '{');
        assertThat(Signal.decode(bytes)).isInstanceOfSatisfying(Signal.Said.class, said -> {
            assertThat(said.user()).isEqualTo("ann");
            assertThat(said.payload()).asString(UTF_8).isEqualTo("{\"a\":1}");
        });
    }

    @Test
    void whoHasNoIdIsNull() {
        assertThat(Signal.decode(new Signal.Said(null, new byte[] {'1'}).encode()))
                .isInstanceOfSatisfying(
                        Signal.Said.class, said -> assertThat(said.user()).isNull());
    }

    @Test
    void theLongestIdIsKept() {
        String user = "u".repeat(128);

        assertThat(Signal.decode(new Signal.Said(user, new byte[0]).encode()))
                .isInstanceOfSatisfying(
                        Signal.Said.class, said -> assertThat(said.user()).isEqualTo(user));
    }

    @Test
    void changesComeBack() {
        Signal membership = new Signal.MembershipChanged(new TopicName("room:1"));
        Signal revoked = new Signal.Revoked("key-ü");

        Signal room = new Signal.RoomChanged(new TopicName("room:1"));

        assertThat(Signal.decode(membership.encode())).isEqualTo(membership);
        assertThat(Signal.decode(room.encode())).isEqualTo(room);
        assertThat(Signal.decode(revoked.encode())).isEqualTo(revoked);
    }

    @Test
    void whatIsAskedOfAConnectionComesBackByteForByte() {
        Signal post =
                new Signal.ForConnection(0x0102030405060708L, 0xFFFE, "id=", new Signal.Ask.Post("hé".getBytes(UTF_8)));
        assertThat(post.encode())
                .isEqualTo(HexFormat.of()
                        .parseHex("0104" + "0102030405060708" + "fffe" + "03" + "69643d" + "01" + "68c3a9"));
        assertThat(Signal.decode(post.encode())).isInstanceOfSatisfying(Signal.ForConnection.class, asked -> {
            assertThat(asked.question()).isEqualTo(0x0102030405060708L);
            assertThat(asked.fromNode()).isEqualTo(0xFFFE);
            assertThat(asked.connectionId()).isEqualTo("id=");
            assertThat(asked.ask())
                    .isInstanceOfSatisfying(
                            Signal.Ask.Post.class,
                            asks -> assertThat(asks.text()).asString(UTF_8).isEqualTo("hé"));
        });

        Signal close = new Signal.ForConnection(1, 0, "id=", new Signal.Ask.Close(4999, "gründlich"));
        assertThat(Signal.decode(close.encode())).isEqualTo(close);
        Signal describe = new Signal.ForConnection(-1, 7, "id=", new Signal.Ask.Describe());
        assertThat(Signal.decode(describe.encode())).isEqualTo(describe);
    }

    @Test
    void anAnswerOfAConnectionComesBack() {
        assertThat(Signal.decode(new Signal.OfConnection(-2, new byte[] {5, 6}).encode()))
                .isInstanceOfSatisfying(Signal.OfConnection.class, answer -> {
                    assertThat(answer.question()).isEqualTo(-2);
                    assertThat(answer.answer()).containsExactly(5, 6);
                });
    }

    @Test
    void whatWasTakenBackComesBackByteForByte() {
        Signal redacted = new Signal.Redacted(List.of(3L, 0x0102030405060708L));

        assertThat(redacted.encode())
                .isEqualTo(HexFormat.of().parseHex("010c" + "0000000000000003" + "0102030405060708"));
        assertThat(Signal.decode(redacted.encode())).isEqualTo(redacted);
        assertThat(Signal.decode(HexFormat.of().parseHex("010c"))).isNull();
        assertThat(Signal.decode(HexFormat.of().parseHex("010c" + "00".repeat(9))))
                .isNull();
    }

    @Test
    void aChangeOfMembersComesBackByteForByte() {
        Signal changed = new Signal.MembersChanged(-2, 7, 0x0102030405060708L, new byte[] {5, 6});

        assertThat(changed.encode())
                .isEqualTo(HexFormat.of()
                        .parseHex("0109" + "fffffffffffffffe" + "0000000000000007" + "0102030405060708" + "0506"));
        assertThat(Signal.decode(changed.encode())).isInstanceOfSatisfying(Signal.MembersChanged.class, told -> {
            assertThat(told.node()).isEqualTo(-2);
            assertThat(told.after()).isEqualTo(7);
            assertThat(told.change()).isEqualTo(0x0102030405060708L);
            assertThat(told.changes()).containsExactly(5, 6);
        });
        assertThat(Signal.decode(HexFormat.of().parseHex("0109" + "00".repeat(23))))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 70_000})
    void noWebSocketIsClosedWithACodeThatMayNotBeSent(int code) {
        assertThatThrownBy(() -> new Signal.Ask.Close(code, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Integer.toString(code));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0104",
                "01040102030405060708",
                "01040102030405060708000001",
                "0104010203040506070800000161",
                "010401020304050607080000016109",
                "010401020304050607080000016103",
                "01040102030405060708000001610303e7",
                "010501020304050607"
            })
    void whatIsCutOffOrUnknownOfAQuestionIsIgnored(String hex) {
        assertThat(Signal.decode(HexFormat.of().parseHex(hex))).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "01", "0001", "0201", "0109", "0101", "010105", "0102", "01022e", "0102c3bc"})
    void whatThisVersionDoesNotKnowIsIgnored(String hex) {
        assertThat(Signal.decode(HexFormat.of().parseHex(hex))).isNull();
    }

    @Test
    void noBytesMakeItFail() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextInt(12)];
            random.nextBytes(bytes);
            if (bytes.length > 1 && random.nextBoolean()) {
                bytes[0] = 1;
                bytes[1] = (byte) random.nextInt(7);
            }
            Signal signal = Signal.decode(bytes);
            if (signal instanceof Signal.Said || signal instanceof Signal.MembershipChanged) {
                assertThat(signal.encode()).as(Arrays.toString(bytes)).hasSameSizeAs(bytes);
            }
        }
    }
}
