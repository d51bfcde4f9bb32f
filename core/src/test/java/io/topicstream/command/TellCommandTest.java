package io.topicstream.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.log.Draft;
import io.topicstream.log.Lane;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.testkit.RecordedPresence;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TellCommandTest {
    private final Set<String> online = new TreeSet<>();
    private boolean isUnavailable;
    private final List<ClientFrame.Send> sent = new ArrayList<>();
    private final TellCommand command = new TellCommand(new Online(), (_, send) -> {
        sent.add(send);
        return Result.success(new ServerFrame.Done(send.id()));
    });

    private final Caller ann = new Caller() {
        @Override
        public Identity identity() {
            return Identity.anonymous("ann", null, Grant.DEFAULT);
        }

        @Override
        public String connectionId() {
            return "c1";
        }

        @Override
        public String origin() {
            return "user:guest.ann";
        }

        @Override
        public InetAddress address() {
            return InetAddress.getLoopbackAddress();
        }

        @Override
        public String stage() {
            return "staging";
        }

        @Override
        public Lane answerLane() {
            return Lane.DIRECT;
        }

        @Override
        public Quota quota() {
            return Quota.UNLIMITED;
        }
    };

    /// Of whom only this is known.
    private final class Online extends RecordedPresence {
        @Override
        public CompletionStage<List<Query.OnlineUser>> online(List<String> users) {
            return isUnavailable
                    ? CompletableFuture.failedFuture(new IllegalStateException("on purpose"))
                    : CompletableFuture.completedFuture(users.stream()
                            .map(user -> new Query.OnlineUser(user, online.contains(user), null))
                            .toList());
        }
    }

    /// To whom the message went, or the code of the refusal.
    private String tell(String to) {
        Draft draft = new Draft(new byte[] {'1'}, null, null);
        return switch (command.run(ann, new ClientFrame.Tell(null, to, draft))
                .toCompletableFuture()
                .join()) {
            case Result.Success<ServerFrame.Reply> _ -> sent.getLast().to();
            case Result.Refused<ServerFrame.Reply>(Refusal refusal) ->
                refusal.code().wireName();
        };
    }

    @Test
    void oneWhoShowedWhoHeIsIsFoundBeforeAGuest() {
        assertThat(tell("bob")).isEqualTo(ErrorCode.NOT_FOUND.wireName());
        assertThat(sent).isEmpty();
        online.add("guest.bob");
        assertThat(tell("bob")).isEqualTo("guest.bob");
        online.add("bob");
        assertThat(tell("bob")).isEqualTo("bob");
        assertThat(tell("guest.bob")).isEqualTo("guest.bob");
    }

    @Test
    void anIdThatDoesNotFitIsFoundByItsHash() {
        online.add("guest." + Identity.claimFor("José"));

        assertThat(tell("José")).isEqualTo("guest." + Identity.claimFor("José"));
        assertThat(tell("Jose")).isEqualTo(ErrorCode.NOT_FOUND.wireName());
    }

    @Test
    void thoseWhoAreOneWithTheSenderDoNotGetItUnlessItIsForThem() {
        online.addAll(List.of("guest.ann", "guest.bob"));

        tell("bob");
        assertThat(withheldFrom()).isEqualTo("user:guest.ann");
        tell("ann");
        assertThat(withheldFrom()).isNull();
    }

    private @Nullable String withheldFrom() {
        return sent.getLast().draft().details() == null
                ? null
                : sent.getLast().draft().details().withheldFrom();
    }

    @Test
    void whereNobodyCanSayWhoIsThereNothingIsSent() {
        isUnavailable = true;

        assertThat(tell("bob")).isEqualTo(ErrorCode.UNAVAILABLE.wireName());
        assertThat(sent).isEmpty();
    }
}
