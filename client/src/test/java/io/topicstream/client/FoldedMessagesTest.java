package io.topicstream.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.About;
import io.topicstream.protocol.From;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Edits, reactions and replies put together by the client, of what it was told, and by the server, of what
/// it asks.
class FoldedMessagesTest {
    private final FoldedMessages shown = new FoldedMessages(3, "ada");

    private static ReceivedMessage message(long offset, String from, String json, @Nullable About about) {
        return new ReceivedMessage(
                "t",
                1,
                offset,
                10 * offset,
                from,
                null,
                json,
                null,
                null,
                Collections.emptySortedMap(),
                null,
                false,
                about);
    }

    private @Nullable FoldedMessage say(long offset, String from) {
        return shown.add(message(offset, from, String.valueOf(offset), null));
    }

    private @Nullable FoldedMessage say(long offset, String from, long target, About.As as, @Nullable String value) {
        return shown.add(message(offset, from, String.valueOf(offset), new About(target, as, value)));
    }

    @Test
    void anEditTakesTheMessagesPlace() {
        say(1, "bob");

        FoldedMessage changed = say(2, "bob", 1, About.As.EDIT, null);

        assertThat(changed).isNotNull().isEqualTo(shown.get(1));
        assertThat(changed.message().json()).isEqualTo("2");
        assertThat(changed.message().offset()).isEqualTo(1);
        assertThat(changed.edited()).isEqualTo(new FoldedMessage.Edit(2, 20));
        assertThat(shown.list()).containsExactly(changed);
        assertThat(say(3, "bob", 9, About.As.EDIT, null))
                .as("about nothing that is known")
                .isNull();
    }

    @Test
    void aReactionCountsOnceAUser() {
        say(1, "bob");
        say(2, "bob", 1, About.As.REACTION, "+");
        assertThat(say(3, "bob", 1, About.As.REACTION, "+")).isNull();
        say(4, "ada", 1, About.As.REACTION, "+");
        say(5, "ada", 1, About.As.REACTION, "!");

        assertThat(shown.get(1).reactions())
                .containsExactly(
                        new FoldedMessage.Reaction("+", 2, List.of("bob", "ada"), true),
                        new FoldedMessage.Reaction("!", 1, List.of("ada"), true));

        say(6, "ada", 1, About.As.UNREACTION, "!");
        assertThat(say(7, "ada", 1, About.As.UNREACTION, "?")).isNull();
        assertThat(say(8, "cy", 1, About.As.UNREACTION, "+")).isNull();
        FoldedMessage last = say(9, "ada", 1, About.As.UNREACTION, "+");
        assertThat(last).isNotNull();
        assertThat(last.reactions()).containsExactly(new FoldedMessage.Reaction("+", 1, List.of("bob"), false));
    }

    @Test
    void aReplyIsAMessageAndIsCounted() {
        say(1, "bob");

        FoldedMessage reply = say(2, "ada", 1, About.As.REPLY, null);

        assertThat(reply).isNotNull();
        assertThat(reply.message().offset()).isEqualTo(2);
        assertThat(shown.get(1).replies()).isEqualTo(1);
        assertThat(shown.get(1).lastReply()).isEqualTo(2);
        say(3, "bob");
        say(4, "bob");
        assertThat(shown.list())
                .as("the last three")
                .extracting(each -> each.message().offset())
                .containsExactly(2L, 3L, 4L);
        assertThat(shown.get(1)).isNull();
    }

    @Test
    void aMessageHasNoMoreValuesAndKnownUsersThanItMay() {
        say(1, "bob");
        for (int i = 0; i <= FoldedMessages.MAX_VALUES; i++) {
            say(2 + i, "bob", 1, About.As.REACTION, "v" + i);
        }
        assertThat(shown.get(1).reactions()).hasSize(FoldedMessages.MAX_VALUES);
        for (int i = 1; i <= FoldedMessages.MAX_USERS; i++) {
            say(100 + i, "u" + i, 1, About.As.REACTION, "v0");
        }

        FoldedMessage.Reaction first = shown.get(1).reactions().getFirst();

        assertThat(first.count()).isEqualTo(FoldedMessages.MAX_USERS + 1);
        assertThat(first.users()).hasSize(FoldedMessages.MAX_USERS);
        assertThatThrownBy(() -> new FoldedMessages(0, null)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatTheServerHasFoldedGoesOnWithWhatIsHeard() {
        FoldedMessage.Reaction many = new FoldedMessage.Reaction("+", 25, List.of("bob"), true);
        FoldedMessage first = new FoldedMessage(message(1, "bob", "1", null), null, List.of(many), 2, 7);
        shown.begin(new FoldedPage(List.of(first), 1, 7, 1, 1, 8));

        assertThat(say(8, "ada", 1, About.As.REACTION, "+"))
                .as("it is there already")
                .isNull();
        say(9, "ada", 1, About.As.UNREACTION, "+");
        say(10, "cy", 1, About.As.REPLY, null);

        assertThat(shown.get(1).reactions().getFirst().count()).isEqualTo(24);
        assertThat(shown.get(1).reactions().getFirst().mine()).isFalse();
        assertThat(shown.get(1).replies()).isEqualTo(3);
    }

    @Test
    void withTheServerBothSeeTheSame(@TempDir Path directory) throws Exception {
        try (LocalServer server = new LocalServer(directory);
                TopicStreamClient ada =
                        TopicStreamClient.builder(server.address()).user("ada").build();
                TopicStreamClient bob =
                        TopicStreamClient.builder(server.address()).user("bob").build()) {
            String me = ada.connect().join().user();
            bob.connect().join();
            FoldedMessages heard = new FoldedMessages(100, me);
            List<ReceivedMessage> all = Collections.synchronizedList(new ArrayList<>());
            ada.subscribe("t", new From.Earliest(), message -> {
                heard.add(message);
                all.add(message);
            });
            bob.publish("t", "1").join();
            bob.publish("t", "2", PublishOptions.DEFAULT.replyingTo(1)).join();
            bob.publish(
                            "t",
                            "null",
                            PublishOptions.DEFAULT.reactingTo(1, "\uD83D\uDC4D").withKey("k"))
                    .join();
            ada.publish("t", "null", PublishOptions.DEFAULT.reactingTo(1, "\uD83D\uDC4D"))
                    .join();
            bob.publish("t", "null", PublishOptions.DEFAULT.reactingTo(2, "!")).join();
            bob.publish("t", "null", PublishOptions.DEFAULT.takingBack(2, "!")).join();
            assertThatThrownBy(() -> bob.publish("t", "3", PublishOptions.DEFAULT.editing(1))
                            .join())
                    .as("a guest")
                    .hasMessageContaining("forbidden");
            await().until(() -> all.size() == 6);

            FoldedPage page = ada.readFoldedBefore("t", Long.MAX_VALUE, 10).join();

            assertThat(all.get(2).about()).isEqualTo(new About(1, About.As.REACTION, "\uD83D\uDC4D"));
            assertThat(page.messages()).isEqualTo(heard.list());
            assertThat(page.messages().getFirst().reactions())
                    .containsExactly(
                            new FoldedMessage.Reaction("\uD83D\uDC4D", 2, List.of("guest.bob", "guest.ada"), true));
            assertThat(page.first()).isEqualTo(1);
            assertThat(page.last()).isEqualTo(6);
            assertThat(page.nextOffset()).isEqualTo(7);
            assertThat(ada.readFoldedAfter("t", 1, 1).join().messages())
                    .containsExactly(heard.list().getLast());
            assertThat(ada.readFoldedAfter("t", 6, 1).join().last()).isEqualTo(6);
        }
    }
}
