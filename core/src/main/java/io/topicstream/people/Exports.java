package io.topicstream.people;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.access.BlockedUser;
import io.topicstream.access.EndedRights;
import io.topicstream.access.Identity;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import io.topicstream.log.Timers;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.MessageJson;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Exports of what is kept of users: the counterpart of [Erasures], by the same list of places
/// ([UserPlaces]) and the same walk through the log ([SaidWalk]).
///
/// An export is lines of JSON. The first one is of kind `user` and says what an erasure keeps; the last
/// one is of kind `end`, so that one that was cut off is seen. A step waits until the reader has taken
/// what the one before it found: at most a page of the log is in memory.
///
/// Nothing stands still meanwhile, so it is no picture of one moment: what is said or changed behind
/// the walk is not in it.
///
/// At most [#MOST] at once on a node. Thread-safe. What it does runs on threads of the timers and of
/// the engine, and where the reader answers.
public final class Exports {
    /// How many are made at once.
    public static final int MOST = 2;

    private static final byte[] M_USER = ascii(",\"user\":");
    private static final byte[] M_EXPORTED_AT = ascii(",\"exported_at\":");
    private static final byte[] M_BLOCKED = ascii(",\"blocked\":");
    private static final byte[] M_BLOCKED_AT = ascii(",\"blocked_at\":");
    private static final byte[] M_BLOCKED_UNTIL = ascii(",\"blocked_until\":");
    private static final byte[] M_BLOCK_REASON = ascii(",\"block_reason\":");
    private static final byte[] M_SIGNED_OUT_AT = ascii(",\"signed_out_at\":");
    private static final byte[] M_ERASURE_STARTED_AT = ascii(",\"erasure_started_at\":");
    private static final byte[] M_ERASURE_DONE_AT = ascii(",\"erasure_done_at\":");
    private static final byte[] M_OFFSET = ascii(",\"offset\":");
    private static final byte[] M_SHOWN_AS = ascii(",\"shown_as\":");
    private static final byte[] M_MESSAGES = ascii(",\"messages\":");

    private final StateStore store;
    private final TopicLog log;
    private final UserPlaces places;
    private final EndedRights rights;
    private final InstantSource clock;
    private final Timers timers;

    // Guarded by this object's lock.
    private int running;

    /// @param store the durable one
    /// @param timers run tasks on any thread
    public Exports(
            StateStore store, TopicLog log, UserPlaces places, EndedRights rights, InstantSource clock, Timers timers) {
        this.store = store;
        this.log = log;
        this.places = places;
        this.rights = rights;
        this.clock = clock;
        this.timers = timers;
    }

    /// Begins the export of a user, which is to be closed.
    ///
    /// @return null where [#MOST] are being made
    public synchronized @Nullable Export begin(String user) {
        if (running == MOST) {
            return null;
        }
        running++;
        return new Export(user);
    }

    private synchronized void ended() {
        running--;
    }

    /// The export of one user. Its steps follow each other.
    public final class Export implements AutoCloseable, SaidWalk.Visitor {
        private final String user;
        private volatile boolean isClosed;
        private @Nullable UserLines lines;
        private long messages;

        private Export(String user) {
            this.user = user;
        }

        /// Makes it. Fails where something could not be read, or nobody reads any more: the last line
        /// has not come then.
        ///
        /// @param reader takes a piece of it; answers when there is room for the next one, and whether
        ///     anybody reads still
        public CompletionStage<?> run(Function<byte[], ? extends CompletionStage<Boolean>> reader) {
            UserLines out = new UserLines(reader);
            lines = out;
            return self(out)
                    .thenCompose(_ -> places.show(user, out))
                    .thenCompose(_ -> out.send())
                    .thenCompose(_ -> new SaidWalk(log, timers, user, this).from(""))
                    .thenCompose(isWhole -> {
                        if (!isWhole) {
                            return CompletableFuture.failedFuture(new IllegalStateException("the export was closed"));
                        }
                        out.begin("end").raw(M_MESSAGES).number(messages);
                        out.endOfLine();
                        return out.send();
                    });
        }

        /// What is said of the user as such. All of it outlives an erasure.
        private CompletionStage<@Nullable Void> self(UserLines out) {
            return rights.blockOf(user)
                    .thenCompose(block -> rights.signedOutAt(user)
                            .thenCompose(signedOutAt -> Erasures.find(store, user)
                                    .thenCompose(erasure -> {
                                        self(out.begin("user"), block, signedOutAt, erasure);
                                        return out.end();
                                    })));
        }

        private void self(
                JsonWriter line, @Nullable BlockedUser block, @Nullable Long signedOutAt, @Nullable Erasure erasure) {
            line.raw(M_USER).string(user).raw(M_EXPORTED_AT).number(clock.millis());
            line.raw(M_BLOCKED).bool(block != null);
            if (block != null) {
                line.raw(M_BLOCKED_AT).number(block.atMs());
                if (block.untilMs() != Identity.NEVER) {
                    line.raw(M_BLOCKED_UNTIL).number(block.untilMs());
                }
                if (block.reason() != null) {
                    line.raw(M_BLOCK_REASON).string(block.reason());
                }
            }
            if (signedOutAt != null) {
                line.raw(M_SIGNED_OUT_AT).number(signedOutAt.longValue());
            }
            if (erasure != null) {
                line.raw(M_ERASURE_STARTED_AT).number(erasure.begunAtMs());
                if (erasure.isDone()) {
                    line.raw(M_ERASURE_DONE_AT).number(erasure.doneAtMs());
                }
            }
        }

        @Override
        public boolean isOver() {
            return isClosed;
        }

        /// Not on the engine's thread, which has others to serve.
        @Override
        public CompletionStage<?> onSaid(TopicName topic, List<Message> said) {
            CompletableFuture<@Nullable Void> elsewhere = new CompletableFuture<>();
            timers.schedule(() -> elsewhere.complete(null), 0);
            return elsewhere.thenCompose(_ -> write(topic, said));
        }

        private CompletionStage<@Nullable Void> write(TopicName topic, List<Message> said) {
            UserLines out = requireLines();
            for (Message message : said) {
                JsonWriter line = UserPlaces.topic(out.begin("message"), topic, user);
                MessageJson.members(message, line.raw(M_OFFSET));
                String shownAs = message.headers().get(Headers.AS);
                if (shownAs != null) {
                    line.raw(M_SHOWN_AS).string(shownAs);
                }
                out.endOfLine();
            }
            messages += said.size();
            return out.send();
        }

        private UserLines requireLines() {
            UserLines out = lines;
            if (out == null) {
                throw new IllegalStateException("an export that does not run found something");
            }
            return out;
        }

        @Override
        public void onThrough(TopicName topic) {
            // Nobody asks how far it is.
        }

        @Override
        public CompletionStage<Boolean> onSomeThrough() {
            return CompletableFuture.completedFuture(!isClosed);
        }

        /// Ends it where it is, and makes room for another one.
        @Override
        public void close() {
            synchronized (Exports.this) {
                if (isClosed) {
                    return;
                }
                isClosed = true;
            }
            ended();
        }
    }
}
