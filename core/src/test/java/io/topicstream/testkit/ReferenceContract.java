package io.topicstream.testkit;

import static io.topicstream.log.Reference.Group.EDITS;
import static io.topicstream.log.Reference.Group.REACTIONS;
import static io.topicstream.log.Reference.Group.REPLIES;
import static io.topicstream.testkit.LogContractFixture.ALL;
import static io.topicstream.testkit.LogContractFixture.OTHER;
import static io.topicstream.testkit.LogContractFixture.TOPIC;
import static io.topicstream.testkit.LogContractFixture.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.About;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.Reference;
import io.topicstream.log.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the log says of messages that are about earlier ones. A part of [TopicLogContract].
interface ReferenceContract extends ShortWays {
    private static Draft draft(long target, About.As as) {
        return new Draft("1".getBytes(StandardCharsets.UTF_8), null, null)
                .about(new About(target, as, as.hasValue() ? "+1" : null));
    }

    /// @return its offset
    private long say(TopicName topic, long target, About.As as) {
        return stored(RecordingAppend.to(topic)
                        .from("ann")
                        .draft(draft(target, as))
                        .on(lane()))
                .firstOffset();
    }

    private List<Reference> references(long from, long to, int most) {
        return get(log().references(TOPIC, from, to, most));
    }

    @Test
    default void aMessageIsFoundByTheOneThatItIsAbout() {
        storeNumbers(TOPIC, 4);
        storeNumbers(OTHER, 4);
        say(OTHER, 2, About.As.EDIT);
        long reply = say(TOPIC, 3, About.As.REPLY);
        long reaction = say(TOPIC, 2, About.As.REACTION);
        long back = say(TOPIC, 2, About.As.UNREACTION);
        long edit = say(TOPIC, 2, About.As.EDIT);
        long toReply = say(TOPIC, reply, About.As.REPLY);

        assertThat(references(1, ALL, 10))
                .as("by target, group and offset")
                .containsExactly(
                        new Reference(2, EDITS, edit),
                        new Reference(2, REACTIONS, reaction),
                        new Reference(2, REACTIONS, back),
                        new Reference(3, REPLIES, reply),
                        new Reference(reply, REPLIES, toReply));
        assertThat(references(2, 3, 10)).hasSize(3);
        assertThat(references(3, 4, 10)).containsExactly(new Reference(3, REPLIES, reply));
        assertThat(references(4, 5, 10)).isEmpty();
        assertThat(references(3, 3, 10)).isEmpty();
        assertThat(get(log().references(new TopicName("nobody.knows"), 1, ALL, 10)))
                .isEmpty();
        assertThat(forward(TOPIC, edit, 1).messages().getFirst().about()).isEqualTo(new About(2, About.As.EDIT, null));
        assertThat(forward(TOPIC, reaction, 1).messages().getFirst().about())
                .isEqualTo(new About(2, About.As.REACTION, "+1"));
    }

    @Test
    default void ofManyThatAreAboutOneTheLastOfEachGroupAreNamed() {
        storeNumbers(TOPIC, 2);
        for (int i = 0; i < 5; i++) {
            say(TOPIC, 1, About.As.REPLY);
            say(TOPIC, 1, About.As.REACTION);
        }
        say(TOPIC, 2, About.As.REPLY);

        // 3, 5, 7, 9, 11 reply; 4, 6, 8, 10, 12 react.
        assertThat(references(1, ALL, 2))
                .containsExactly(
                        new Reference(1, REPLIES, 9),
                        new Reference(1, REPLIES, 11),
                        new Reference(1, REACTIONS, 10),
                        new Reference(1, REACTIONS, 12),
                        new Reference(2, REPLIES, 13));
        assertThat(references(1, ALL, 1)).hasSize(3);
    }

    @Test
    default void oneAppendMayHaveSeveralAndOneMayBeAboutAnother() {
        RecordingAppend.Builder append = RecordingAppend.to(TOPIC).message("1");
        append.draft(draft(1, About.As.REPLY)).draft(draft(2, About.As.REACTION));

        stored(append.on(lane()));

        assertThat(references(1, ALL, 10))
                .containsExactly(new Reference(1, REPLIES, 2), new Reference(2, REACTIONS, 3));
    }

    @Test
    default void whatIsNotBeforeAMessageIsNotWhatItIsAbout() {
        storeNumbers(TOPIC, 2);
        say(TOPIC, 3, About.As.REPLY);
        say(TOPIC, 5, About.As.REPLY);
        say(TOPIC, Long.MAX_VALUE, About.As.REPLY);

        assertThat(references(1, Long.MAX_VALUE, 10)).isEmpty();
    }

    @Test
    default void aTrimTakesWhatIsSaidAboutTheMessagesThatItTakes() {
        storeNumbers(TOPIC, 3);
        say(TOPIC, 1, About.As.REPLY);
        long reply = say(TOPIC, 2, About.As.REPLY);
        get(log().trim(TOPIC, 2));

        assertThat(references(1, ALL, 10)).containsExactly(new Reference(2, REPLIES, reply));
        say(TOPIC, 1, About.As.EDIT);
        assertThat(references(1, ALL, 10)).containsExactly(new Reference(2, REPLIES, reply));
        get(log().trim(TOPIC, ALL));
        assertThat(references(1, ALL, 10)).isEmpty();
    }

    @Test
    default void whatIsSaidAboutMessagesOutlivesALife() throws Exception {
        storeNumbers(TOPIC, 1);
        say(TOPIC, 1, About.As.REPLY);
        engine().beginEpoch();

        long edit = say(TOPIC, 1, About.As.EDIT);

        assertThat(references(1, ALL, 10)).containsExactly(new Reference(1, EDITS, edit), new Reference(1, REPLIES, 2));
    }

    @Test
    default void anIdStandsForWhatItsMessageIsAbout() {
        storeNumbers(TOPIC, 2);
        Draft first = new Draft("null".getBytes(StandardCharsets.UTF_8), "id", null)
                .about(new About(1, About.As.REACTION, "+1"));
        Draft other = new Draft("null".getBytes(StandardCharsets.UTF_8), "id", null)
                .about(new About(2, About.As.REACTION, "+1"));
        stored(RecordingAppend.to(TOPIC).draft(first).on(lane()));

        assertThat(answerTo(RecordingAppend.to(TOPIC).draft(other).on(lane())))
                .isInstanceOf(AppendResult.IdConflict.class);
        assertThat(stored(RecordingAppend.to(TOPIC).draft(first).on(lane())).repeated())
                .isTrue();
        assertThat(references(1, ALL, 10)).containsExactly(new Reference(1, REACTIONS, 3));
    }
}
