package io.topicstream.cli;

import io.topicstream.access.Identity;
import io.topicstream.client.TopicStreamClient;
import io.topicstream.client.TopicStreamException;
import io.topicstream.client.Welcome;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `topicstream chat`: talks with others, in rooms and one to one, until somebody says `/quit` or the input
/// ends.
@Command(
        name = "chat",
        description = "Talk with others, in rooms and one to one.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footer = {"", "/help lists the commands of the chat. Without a terminal each line of the input is one."})
final class ChatCommand implements Runnable {
    private static final String DEFAULT_USER = "testuser";
    private static final String DEFAULT_NAME = "TestUser";
    private static final int MOST_LAST = 500;
    private static final long REST_SECONDS = 5;
    private static final long READER_MS = 1_000;

    private final Surroundings surroundings;

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Option(
            names = "--user",
            paramLabel = "ID",
            description = "As whom, where the server takes callers without a credential; " + DEFAULT_USER + ".")
    private @Nullable String user;

    @Option(names = "--name", paramLabel = "NAME", description = "By which you are shown; " + DEFAULT_NAME + ".")
    private @Nullable String name;

    @Option(names = "--room", paramLabel = "ROOM", description = "The room to enter first; " + Chat.FIRST_ROOM + ".")
    private @Nullable String room;

    @Option(
            names = "--last",
            paramLabel = "N",
            description = "Show the last messages of a room that is entered; 10, at most " + MOST_LAST + ".")
    private int last = 10;

    ChatCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        if (last < 0 || last > MOST_LAST) {
            throw new CommandFailure(ExitCodes.USAGE, "--last is 0 to " + MOST_LAST);
        }
        // Before somebody is asked for the rest.
        server.address(surroundings);
        Acquaintances acquaintances = new Acquaintances();
        CompletableFuture<CommandFailure> unheard = new CompletableFuture<>();
        try (Screen screen = surroundings.isTerminal()
                ? TerminalScreen.open(surroundings, acquaintances)
                : new PipeScreen(surroundings, unheard::complete)) {
            Chat chat = new Chat(screen, acquaintances, ZoneId.systemDefault(), last);
            var _ = unheard.thenAccept(failure -> chat.ended().completeExceptionally(failure));
            talk(screen, chat);
            if (!screen.isTerminal() && chat.hadTrouble()) {
                // What it was is told already.
                throw new CommandFailure(ExitCodes.REFUSED, "");
            }
        }
    }

    private void talk(Screen screen, Chat chat) {
        boolean isGuest = !server.hasCredential(surroundings);
        String asWhom = isGuest ? given(screen, user, "Your id", DEFAULT_USER) : "";
        String shownAs = isGuest || name != null ? given(screen, name, "Your name", DEFAULT_NAME) : "";
        String first = given(screen, room, "Room", Chat.FIRST_ROOM);
        requireValid(asWhom, shownAs);
        try (TopicStreamClient client = server.connect(surroundings, chat, builder -> {
            builder.user(asWhom).newTopicListener(chat::onNewTopic);
            if (!shownAs.isEmpty()) {
                builder.name(shownAs);
            }
        })) {
            Welcome welcome = ServerOptions.answer(client.connect());
            chat.begin(client, welcome);
            screen.show(ChatLine.notice("you are "
                    + TerminalText.line(String.valueOf(welcome.user()))
                    + (screen.isTerminal() ? "; /help lists what you can do" : "")));
            chat.acquaint(shownAs.isEmpty() ? welcome.name() : claim(client, screen, shownAs, welcome.name()));
            read(screen, chat, first);
        }
    }

    /// What was given on the command line, or else is asked for.
    private static String given(Screen screen, @Nullable String value, String question, String byDefault) {
        return value == null ? screen.ask(question, byDefault) : value;
    }

    private static void requireValid(String asWhom, String shownAs) {
        if (!asWhom.isEmpty() && !Identity.isValidClaim(asWhom)) {
            throw new CommandFailure(
                    ExitCodes.USAGE,
                    "an id has 1 to " + Identity.MAX_CLAIMED_LENGTH + " characters of A-Z a-z 0-9 . _ @ + -, not "
                            + asWhom);
        }
        if (!shownAs.isEmpty() && !Identity.isValidName(shownAs)) {
            throw new CommandFailure(
                    ExitCodes.USAGE, "a name has 1 to " + Identity.MAX_NAME_LENGTH + " visible characters");
        }
    }

    /// Asks for the name for this user alone.
    ///
    /// @return by which the user is shown
    private static @Nullable String claim(
            TopicStreamClient client, Screen screen, String wanted, @Nullable String otherwise) {
        try {
            return client.name(wanted).orTimeout(REST_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof TopicStreamException.Refused refused) {
                screen.show(ChatLine.trouble("the name " + TerminalText.line(wanted) + ": "
                        + TerminalText.line(String.valueOf(refused.getMessage()))));
            }
            return otherwise;
        }
    }

    /// Reads what is typed until the chat is over.
    private static void read(Screen screen, Chat chat, String first) {
        Set<CompletableFuture<?>> underWay = ConcurrentHashMap.newKeySet();
        Thread reader = Thread.ofPlatform()
                .daemon()
                .name("topicstream-chat-input")
                .start(() -> {
                    try {
                        await(screen, chat.open(first).toCompletableFuture(), underWay);
                        for (String line = screen.read();
                                line != null && !chat.ended().isDone();
                                line = screen.read()) {
                            await(screen, chat.run(line).toCompletableFuture(), underWay);
                        }
                        chat.ended().complete(null);
                    } catch (RuntimeException | Error failure) {
                        chat.ended().completeExceptionally(failure);
                    }
                });
        try {
            chat.ended().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof CommandFailure failure) {
                throw failure;
            }
            throw e;
        } finally {
            if (screen.isTerminal()) {
                // The reader leaves the terminal as it found it.
                reader.interrupt();
                join(reader);
            }
        }
        awaitRest(underWay);
    }

    private static void join(Thread reader) {
        try {
            reader.join(READER_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// In a pipe the next line waits for this one; at a terminal nothing waits.
    @SuppressWarnings("CollectionUndefinedEquality") // each is itself alone
    private static void await(Screen screen, CompletableFuture<?> done, Set<CompletableFuture<?>> underWay) {
        if (!screen.isTerminal()) {
            done.join();
        } else if (!done.isDone()) {
            underWay.add(done);
            var _ = done.whenComplete((_, _) -> underWay.remove(done));
        }
    }

    private static void awaitRest(Set<CompletableFuture<?>> underWay) {
        CompletableFuture<Void> rest =
                CompletableFuture.allOf(List.copyOf(underWay).toArray(CompletableFuture[]::new));
        try {
            rest.orTimeout(REST_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof TimeoutException) {
                throw new CommandFailure(
                        ExitCodes.UNREACHABLE, "not all that was typed has reached the server before the end");
            }
            throw e;
        }
    }
}
