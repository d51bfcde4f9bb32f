package io.topicstream.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Extent;
import io.topicstream.protocol.From;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class MembershipTest {
    private static final String RECORD = "01" + "0000018bcfe56800" + "0000000000000007" + "000000000000002a";

    private static Membership of(String hex) {
        return Membership.decode(HexFormat.of().parseHex(hex));
    }

    @Test
    void aRecordSaysSinceWhenAndFromWhere() {
        Membership membership = Membership.beginning(1_700_000_000_000L, new Extent(7, 3, 42));

        assertThat(HexFormat.of().formatHex(membership.encode())).isEqualTo(RECORD);
        assertThat(of(RECORD)).isEqualTo(membership);
        assertThat(membership.start()).isEqualTo(new From.Resume(7, 41));
    }

    @Test
    void oneOfTheFirstVersionIsFromNew() {
        Membership membership = of("0000018bcfe56800");

        assertThat(membership).isEqualTo(new Membership(1_700_000_000_000L, null));
        assertThat(membership.start()).isEqualTo(From.NEW);
    }

    @Test
    void oneOfALaterVersionIsStillOne() {
        for (String later : new String[] {RECORD + "00", "02" + RECORD.substring(2), "02"}) {
            assertThat(of(later).start()).isEqualTo(From.NEW);
        }
    }
}
