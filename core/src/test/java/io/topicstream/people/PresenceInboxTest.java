package io.topicstream.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What waits for the thread of the presence while that does nothing.
class PresenceInboxTest {
    private static final TopicName TEA = new TopicName("room:tea");
    private static final TopicName CHOIR = new TopicName("room:choir");
    private static final long MOST_BYTES = 10_000;

    private final PresenceInbox inbox = new PresenceInbox(MOST_BYTES);

    private static Presence.Present who(String connectionId) {
        return new Presence.Present(connectionId, "u-" + connectionId, null, false);
    }

    private List<String> take() {
        List<String> taken = new ArrayList<>();
        inbox.take(new PresenceInbox.Taker() {
            @Override
            public void onOpened(Presence.Present who) {
                taken.add("open " + who.connectionId());
            }

            @Override
            public void onRenamed(Presence.Present who) {
                taken.add("name " + who.connectionId() + " " + who.name());
            }

            @Override
            public void onEntered(TopicName topic, Presence.Present who) {
                taken.add("in " + who.connectionId() + " " + topic);
            }

            @Override
            public void onLeft(TopicName topic, Presence.Present who) {
                taken.add("out " + who.connectionId() + " " + topic);
            }

            @Override
            public void onClosed(Presence.Present who) {
                taken.add("close " + who.connectionId());
            }
        });
        return taken;
    }

    @Test
    void whatIsSaidOfAConnectionComesTogetherAndInItsOrder() {
        assertThat(inbox.opened(who("a"))).isTrue();
        assertThat(inbox.moved(TEA, who("a"), true)).isFalse();
        inbox.opened(who("b"));
        inbox.closed(who("b"));
        inbox.moved(CHOIR, who("a"), true);
        inbox.renamed(new Presence.Present("a", "u-a", "Ann", false));
        inbox.closed(who("a"));

        assertThat(take())
                .containsExactly(
                        "open b", "close b", "open a", "name a null", "in a room:tea", "in a room:choir", "close a");
        assertThat(take()).isEmpty();
        assertThat(inbox.bytes()).isZero();
        assertThat(inbox.moved(TEA, who("c"), false)).isTrue();
    }

    @Test
    void whatComesAfterAnEndIsOfAnother() {
        inbox.moved(TEA, who("a"), true);
        inbox.closed(who("a"));
        inbox.moved(TEA, who("a"), true);

        assertThat(take()).containsExactly("in a room:tea", "close a", "in a room:tea");
    }

    @Test
    void howOftenOneComesAndGoesMeanwhileTakesNoRoom() {
        inbox.moved(TEA, who("a"), true);
        long one = inbox.bytes();

        for (int i = 0; i < 100_000; i++) {
            inbox.moved(TEA, who("a"), false);
            inbox.moved(TEA, who("a"), true);
            inbox.renamed(who("a"));
        }

        assertThat(inbox.bytes()).isEqualTo(one).isPositive();
        assertThat(take()).containsExactly("name a null", "in a room:tea");
    }

    @Test
    void aboveTheBoundThoseWhoHaveComeAndGoneAreForgottenAndNobodyElse() {
        inbox.opened(who("first"));
        inbox.moved(TEA, who("first"), true);
        // One that is known to the presence already: that it has ended must be told.
        inbox.closed(who("known"));
        long most = 0;
        for (int i = 0; i < 100_000; i++) {
            Presence.Present guest = who("g" + i);
            inbox.opened(guest);
            inbox.moved(TEA, guest, true);
            inbox.closed(guest);
            most = Math.max(most, inbox.bytes());
        }
        inbox.opened(who("last"));
        inbox.moved(TEA, who("last"), true);

        assertThat(most).isBetween(MOST_BYTES - 1_000, MOST_BYTES + 1_000);
        List<String> taken = take();
        assertThat(taken).contains("open first", "in first room:tea", "close known", "open last", "in last room:tea");
        // As many as there was room for.
        assertThat(taken).hasSizeBetween(50, 200).contains("close g0").doesNotContain("close g99999");
    }
}
